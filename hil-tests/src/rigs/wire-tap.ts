/** Listens to a channel: when which bytes went and came. */

import type { OpenChannel } from "@weir/edge/acquisition/byte-channel.ts";
import type { ConnectionSettings } from "@weir/edge/configuration/configuration.ts";
import type { Clock } from "@weir/runtime/clock.ts";

export interface WireNote {
  atMs: number;
  connection: string;
  way: "out" | "in";
  bytes: Uint8Array;
}

/** Notes beyond this are not kept: a long run listens to its beginning. */
const noteCountMax = 200_000;

export function tapped(
  open: OpenChannel,
  { connection, clock, notes }: { connection: ConnectionSettings; clock: Clock; notes: WireNote[] },
): OpenChannel {
  const note = (way: "out" | "in", bytes: Uint8Array) => {
    if (notes.length >= noteCountMax) return;
    const atMs = clock.monotonicMs();
    notes.push({ atMs, connection: connection.id, way, bytes: Uint8Array.from(bytes) });
  };
  return (events) => {
    const channel = open({
      ...events,
      onBytes: (chunk) => {
        note("in", chunk);
        events.onBytes(chunk);
      },
    });
    return {
      ...channel,
      write: (bytes) => {
        note("out", bytes);
        channel.write(bytes);
      },
    };
  };
}
