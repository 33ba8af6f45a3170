/** A fingerprint of a batch: equal for the same batch sent live and sent again later. */
import { crc32 } from "node:zlib";

// `backlog: true` as its sender appends it to a stored message; see Telemetry and EventBatch.
const backlogMark = [(3 << 3) | 0, 1] as const;

/** 32 bits. `backlog`: as the message says. */
export function batchPrint(bytes: Uint8Array, backlog: boolean): number {
  const end = bytes.length - backlogMark.length;
  const isMarked = backlog && bytes[end] === backlogMark[0] && bytes[end + 1] === backlogMark[1];
  return crc32(isMarked ? bytes.subarray(0, end) : bytes);
}
