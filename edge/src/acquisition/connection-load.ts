/** How much of a connection's time its configured rates need, by arithmetic. */
import type { Configuration, ConnectionSettings } from "../configuration/configuration.ts";
import { planBlocks } from "./block-plan.ts";
import { busLoad, slowestBlock } from "./bus-budget.ts";
import { characterMs } from "./sdi12/sdi12-master.ts";

export interface ConnectionLoad {
  /** Requests, polls or measurements; 0 where devices speak by themselves. */
  requestsPerSecond: number;
  /** What each takes on the connection. */
  requestMs: number;
  /** Share of the connection's time, 0…1 and above. */
  utilisation: number;
}

/** Break and marking, command, the sensor's 15 ms, an answer of twenty characters; to start and to fetch. */
const measurementMs = 2 * (25 + (5 + 20) * characterMs + 15);
/** An answer to a poll: a line of some forty characters, and the device's own time. */
const answerCharacters = 40;
const deviceMs = 30;

export function connectionLoad(
  configuration: Configuration,
  connection: ConnectionSettings,
): ConnectionLoad {
  switch (connection.type) {
    case "sdi12":
      return sdi12Load(configuration, connection);
    case "line": {
      const requestsPerSecond = connection.line?.poll ? 1_000 / connection.line.poll.everyMs : 0;
      const { port } = connection;
      const lineMs = port.kind === "serial" ? (answerCharacters * 10_000) / port.baud : 0;
      return loadOf(requestsPerSecond, Math.round(deviceMs + lineMs));
    }
    default: {
      const load = busLoad(planBlocks(configuration, connection.index), connection);
      return { ...load, requestMs: Math.round(load.requestMs) };
    }
  }
}

/** Each sensor measures at the pace of its fastest tag. Waits for a sensor come on top. */
function sdi12Load(
  { devices, tags }: Configuration,
  { index }: ConnectionSettings,
): ConnectionLoad {
  let perSecond = 0;
  for (const device of devices) {
    if (device.connection !== index) continue;
    const periodsMs = tags.filter((tag) => tag.device === device.index).map((tag) => tag.periodMs);
    if (periodsMs.length > 0) perSecond += 1_000 / Math.min(...periodsMs);
  }
  return loadOf(perSecond, Math.round(measurementMs));
}

const loadOf = (requestsPerSecond: number, requestMs: number): ConnectionLoad => ({
  requestsPerSecond,
  requestMs,
  utilisation: (requestsPerSecond * requestMs) / 1_000,
});

/** What makes reading hopeless whatever the rates: an answer that takes longer than it is waited for. */
export function impossibleRead(
  configuration: Configuration,
  connection: ConnectionSettings,
): string | undefined {
  const slowest = slowestBlock(planBlocks(configuration, connection.index), connection);
  if (!slowest || slowest.takesMs <= connection.timeoutMs) return undefined;
  const { block, takesMs } = slowest;
  const what = `${block.count} ${block.fc <= 2 ? "bits" : "registers"} of unit ${block.unit}`;
  return `${connection.id}: reading ${what} takes ${Math.ceil(takesMs)} ms at ${connection.rtu?.baud} baud, longer than the time-out of ${connection.timeoutMs} ms; raise timeout or lower maxRegisters`;
}
