/** What the outbox keeps: one sealed message of a stream. */
import type { Incarnation } from "@weir/runtime/incarnation.ts";

/** Two streams, each with its own sequence; events outlive telemetry. */
export const streams = ["telemetry", "events"] as const;
export type Stream = (typeof streams)[number];

export interface Parcel {
  /** Ascends in the order of creation, over all epochs. */
  id: number;
  stream: Stream;
  epoch: number;
  /** Under which it was numbered. */
  incarnation: Incarnation;
  sequence: number;
  /** Readings or events inside. */
  count: number;
  firstMs: number;
  lastMs: number;
  /** Sealed message with `backlog` unset. */
  bytes: Uint8Array;
}

// `backlog` is field 3, a bool, in both Telemetry and EventBatch. Protobuf takes the last value of a
// field, so appending one marks a stored message without decoding it.
const backlogField = new Uint8Array([(3 << 3) | 0, 1]);

/** The parcel's message with `backlog: true`. */
export function asBacklog(bytes: Uint8Array): Uint8Array {
  const marked = new Uint8Array(bytes.length + backlogField.length);
  marked.set(bytes);
  marked.set(backlogField, bytes.length);
  return marked;
}
