/** Modbus units on a serial line, at each baud rate and parity. */
import type { ModbusReply } from "../acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../acquisition/modbus/request.ts";
import { RtuMaster } from "../acquisition/modbus/rtu-master.ts";
import { describeUnit, type UnitDescription } from "./describe-unit.ts";
import { type MasterSession, openSession } from "./master-session.ts";
import { sweepMs, sweepUnits } from "./rtu-sweep.ts";
import { durationText, type Scan, type ScanResult, type Way, waysOf } from "./scan.ts";
import { unitEvent, unitLines } from "./unit-report.ts";

/** Devices that were found are asked with more patience than those that are looked for. */
const describeTimeoutMs = 1_000;
/** The port was in use a moment ago, by the search itself. */
const reopenWithinMs = 5_000;
const turnaroundMs = 50;

export async function scanRtu(scan: Scan): Promise<ScanResult> {
  const { settings, report } = scan;
  const { units, timeoutMs } = settings;
  const ways = waysOf(scan);
  const allMs = ways.reduce((sum, { baud }) => sum + sweepMs({ units, timeoutMs, baud }), 0);
  const ask = `${units.length} units in ${ways.length} settings of the line`;
  report(
    { event: "plan", units: units.length, settings: ways.length, takesMs: Math.round(allMs) },
    [`asks ${ask}: about ${durationText(allMs)}`],
  );
  let count = 0;
  let heardBytes = 0;
  for (const way of ways) {
    const takesMs = sweepMs({ units, timeoutMs, baud: way.baud });
    report({ event: "progress", at: way.text }, [`${way.text}  ${durationText(takesMs)} …`]);
    const onProgress = (unit: number) =>
      report({ event: "progress", at: way.text, unit }, [`  … unit ${unit}`]);
    const swept = await sweepUnits(
      { units, timeoutMs, baud: way.baud, onProgress },
      { ...scan, open: way.open },
    );
    if (!swept.ok) return swept;
    heardBytes += swept.heardBytes;
    for (const found of await describe(scan, way, swept.found)) {
      count++;
      const at = { ...way, keys: `type: modbus-rtu, ${way.keys}` };
      report(unitEvent(at, found), unitLines(at, found));
    }
  }
  const advice =
    heardBytes > 0
      ? "no unit answered, but the line is not quiet: another master may be on it, or the settings are others; try --baud and --parity"
      : "nothing answered: check A and B (swap them), the common wire, termination, and that the device has power";
  return { ok: true, count, advice };
}

/** Whoever has answered once is there, so one silence is a question or an answer that got lost. */
async function askTwice(session: MasterSession, request: ModbusRequest): Promise<ModbusReply> {
  const reply = await session.ask(request);
  return reply.ok || reply.fault.kind === "exception" ? reply : session.ask(request);
}

async function describe(scan: Scan, way: Way, units: number[]): Promise<UnitDescription[]> {
  if (units.length === 0) return [];
  const line = {
    baud: way.baud,
    echo: false,
    turnaroundMs,
    quarantineMs: describeTimeoutMs,
    resync: true,
    gapMs: 0,
    pauseAfterConnectMs: 0,
    isNetworked: scan.settings.port === undefined,
  };
  const opened = await openSession((bus) => new RtuMaster({ ...bus, ...line }), {
    ...scan,
    open: way.open,
    timeoutMs: describeTimeoutMs,
    openWithinMs: reopenWithinMs,
  });
  const unknown = (unit: number) => ({ unit, identity: "", registers: [] });
  if (!opened.ok) {
    const text = `the line did not open again, so no register was read: ${opened.text}`;
    scan.report({ event: "progress", at: way.text, text }, [`  ${text}`]);
    return units.map(unknown);
  }
  const { session } = opened;
  const found: UnitDescription[] = [];
  for (const unit of units)
    found.push(await describeUnit((request) => askTwice(session, request), unit));
  session.close();
  return found;
}
