/**
 * How much of a Modbus connection's time its requests need. On a serial line by arithmetic: the line is
 * the limit there, not the processor; elsewhere from the round trip that the configuration states.
 */
import type { ConnectionSettings } from "../configuration/configuration.ts";
import type { Block } from "./block-plan.ts";
import { exchangeMs, frameGapMs } from "./modbus/rtu-timing.ts";

export interface BusLoad {
  requestsPerSecond: number;
  /** What a request takes on average. */
  requestMs: number;
  /** Share of the connection's time, 0…1 and above. */
  utilisation: number;
}

/** Time of the connection that one poll of `block` takes, quiet time after it included. */
export function blockMs(block: Block, connection: ConnectionSettings): number {
  const { fc, unit, address, count } = block;
  const gapMs = block.gapMs ?? connection.gapMs;
  return gapMs + requestMs({ fc, unit, address, count }, connection);
}

function requestMs(
  request: Parameters<typeof exchangeMs>[0],
  { rtu, roundTripMs }: ConnectionSettings,
): number {
  if (rtu?.baud === undefined) return roundTripMs;
  const { baud, turnaroundMs } = rtu;
  return exchangeMs(request, { baud, turnaroundMs });
}

/** Silence that the protocol asks for after an answer. */
export const silenceMs = ({ rtu }: ConnectionSettings): number =>
  rtu?.baud === undefined ? 0 : frameGapMs(rtu.baud);

/** What `blocks` and the watchdog's heartbeat need. */
export function busLoad(blocks: readonly Block[], connection: ConnectionSettings): BusLoad {
  let requestsPerSecond = 0;
  let utilisation = 0;
  const add = (perSecond: number, takesMs: number) => {
    requestsPerSecond += perSecond;
    utilisation += (perSecond * takesMs) / 1_000;
  };
  for (const block of blocks) add(1_000 / block.periodMs, blockMs(block, connection));
  const { watchdog, gapMs } = connection;
  if (watchdog) {
    const beat = { fc: 6, unit: watchdog.unit, address: 0, value: 0 } as const;
    // A write's answer is the image of the write: it is held until no other can come.
    const heldMs = connection.rtu?.turnaroundMs ?? 0;
    add(1_000 / watchdog.everyMs, requestMs(beat, connection) + heldMs + gapMs);
  }
  const averageMs = requestsPerSecond > 0 ? (1_000 * utilisation) / requestsPerSecond : 0;
  return { requestsPerSecond, utilisation, requestMs: averageMs };
}

/** The block that takes longest, where that can be longer than the wait for its answer. */
export function slowestBlock(
  blocks: readonly Block[],
  connection: ConnectionSettings,
): { block: Block; takesMs: number } | undefined {
  if (connection.rtu?.baud === undefined) return undefined;
  let slowest: { block: Block; takesMs: number } | undefined;
  for (const block of blocks) {
    const takesMs = requestMs({ ...block, fc: block.fc }, connection);
    if (!slowest || takesMs > slowest.takesMs) slowest = { block, takesMs };
  }
  return slowest;
}
