/** Modbus TCP servers of a range of hosts, and the units behind each. */
import { TcpMaster } from "../acquisition/modbus/tcp-master.ts";
import { describeUnit, type UnitDescription } from "./describe-unit.ts";
import { openSession } from "./master-session.ts";
import { durationText, type Scan, type ScanResult } from "./scan.ts";
import { unitEvent, unitLines } from "./unit-report.ts";

/** Hosts asked at once: enough to be quick, few enough not to look like an attack. */
const hostsAtOnce = 16;

export async function scanTcp(scan: Scan): Promise<ScanResult> {
  const { settings, report } = scan;
  const { hosts, units, timeoutMs, tcpPort } = settings;
  const mostMs = Math.ceil(hosts.length / hostsAtOnce) * timeoutMs * (1 + units.length);
  report({ event: "plan", hosts: hosts.length, units: units.length, takesMs: mostMs }, [
    `asks ${units.length} units of ${hosts.length} hosts: about ${durationText(mostMs)}`,
  ]);
  let count = 0;
  let answeringHosts = 0;
  const left = [...hosts];
  const work = async () => {
    for (let host = left.shift(); host !== undefined; host = left.shift()) {
      const at = {
        text: `${host}:${tcpPort}`,
        keys: `type: modbus-tcp, host: ${host}, port: ${tcpPort}`,
      };
      const result = await unitsOf(scan, host);
      if (!result) continue;
      answeringHosts++;
      for (const found of result) {
        count++;
        report(unitEvent(at, found), unitLines(at, found));
      }
      if (result.length === 0) {
        const text = `  ${at.text} takes connections, but no unit of ${units.join(", ")} answers; try --units`;
        report({ event: "silent", at: at.text }, [text]);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(hostsAtOnce, hosts.length) }, work));
  const advice =
    answeringHosts > 0
      ? "no unit answered; name the units with --units"
      : `no host takes connections on port ${tcpPort}: check addresses, cables and whether the server is switched on in the controller`;
  return { ok: true, count, advice };
}

/** undefined when nobody takes the connection. */
async function unitsOf(scan: Scan, host: string): Promise<UnitDescription[] | undefined> {
  const { units, timeoutMs, tcpPort } = scan.settings;
  const opened = await openSession((bus) => new TcpMaster(bus), {
    ...scan,
    open: scan.openTcp({ host, port: tcpPort }),
    timeoutMs,
  });
  if (!opened.ok) return undefined;
  const { session } = opened;
  const found: UnitDescription[] = [];
  for (const unit of units) {
    const reply = await session.ask({ fc: 3, unit, address: 0, count: 1 });
    // Gateways answer for units that are not there with exceptions of their own: 10 and 11.
    const isThere =
      reply.ok ||
      (reply.fault.kind === "exception" && reply.fault.code !== 10 && reply.fault.code !== 11);
    if (isThere) found.push(await describeUnit((request) => session.ask(request), unit));
  }
  session.close();
  return found;
}
