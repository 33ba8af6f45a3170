/** Modbus TCP servers of a range of hosts, and the units behind each. */
import { TcpMaster } from "../acquisition/modbus/tcp-master.ts";
import { describeUnit, presenceOf, type UnitDescription } from "./describe-unit.ts";
import { openSession } from "./master-session.ts";
import { durationText, type Scan, type ScanResult } from "./scan.ts";
import { unitEvent, unitLines } from "./unit-report.ts";

/** Hosts asked at once: enough to be quick, few enough not to look like an attack. */
const hostsAtOnce = 16;
/** Units that a line names one by one. */
const namedMax = 12;

export async function scanTcp(scan: Scan): Promise<ScanResult> {
  const { settings, report } = scan;
  const { hosts, units, timeoutMs, tcpPort } = settings;
  const others = settings.areUnitsUsual ? "; others with --units 1-247" : "";
  const mostMs = Math.ceil(hosts.length / hostsAtOnce) * timeoutMs * (1 + units.length);
  report({ event: "plan", hosts: hosts.length, units: units.length, takesMs: mostMs }, [
    `asks ${unitsText(units)} of ${hosts.length} host${hosts.length === 1 ? "" : "s"}: about ${durationText(mostMs)}${others}`,
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
      for (const found of result.units) {
        count++;
        report(unitEvent(at, found), unitLines(at, found));
      }
      for (const [code, doubtful] of result.doubtful) {
        const text = `  ${at.text}: ${unitsText(doubtful)} answer${doubtful.length === 1 ? "s" : ""} everything with exception ${code}, as servers do for units that they do not have: not counted`;
        report({ event: "doubtful", at: at.text, units: doubtful, exception: code }, [text]);
      }
      if (result.units.length === 0) {
        const text = `  ${at.text} takes connections, but no unit of ${units.join(", ")} is there; try --units 1-247`;
        report({ event: "silent", at: at.text }, [text]);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(hostsAtOnce, hosts.length) }, work));
  const advice =
    answeringHosts > 0
      ? "no unit was found; name more of them with --units 1-247"
      : `no host takes connections on port ${tcpPort}: check addresses, cables and whether the server is switched on in the controller`;
  const more = settings.areUnitsUsual
    ? `, of ${unitsText(units)}; others are asked with --units 1-247`
    : "";
  return { ok: true, count, advice, more };
}

/** "unit 17", "units 1 and 255", "247 units from 1 to 247" */
function unitsText(units: readonly number[]): string {
  if (units.length === 1) return `unit ${units[0]}`;
  if (units.length > namedMax) return `${units.length} units from ${units[0]} to ${units.at(-1)}`;
  return `units ${units.slice(0, -1).join(", ")} and ${units.at(-1)}`;
}

interface HostUnits {
  units: UnitDescription[];
  /** Units by the exception that they answer everything with. */
  doubtful: Map<number, number[]>;
}

/** undefined when nobody takes the connection. */
async function unitsOf(scan: Scan, host: string): Promise<HostUnits | undefined> {
  const { units, timeoutMs, tcpPort } = scan.settings;
  const opened = await openSession((bus) => new TcpMaster(bus), {
    ...scan,
    open: scan.openTcp({ host, port: tcpPort }),
    timeoutMs,
  });
  if (!opened.ok) return undefined;
  const { session } = opened;
  const found: HostUnits = { units: [], doubtful: new Map() };
  for (const unit of units) {
    const presence = presenceOf(await session.ask({ fc: 3, unit, address: 0, count: 1 }));
    if (presence.is === "silent") continue;
    const described = await describeUnit((request) => session.ask(request), unit);
    const isKnown = described.registers.length > 0 || described.identity !== "";
    if (isKnown || presence.is === "there") found.units.push(described);
    else {
      const alike = found.doubtful.get(presence.code) ?? [];
      found.doubtful.set(presence.code, [...alike, unit]);
    }
  }
  session.close();
  return found;
}
