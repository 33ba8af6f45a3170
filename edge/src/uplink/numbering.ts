/** What an edge says of its batches' numbers, so that the fog can tell late from lost. */
import type { Outbox } from "../outbox/outbox.ts";
import type { Boot, Numbered, Place } from "../outbox/outbox-store.ts";
import { type Stream, streams } from "../outbox/parcel.ts";

/** A stream's name on the wire. */
export const streamFamily = { telemetry: "blocks", events: "events" } as const satisfies Record<
  Stream,
  string
>;

export interface Numbering extends Pick<Boot, "epoch" | "incarnation"> {
  numbered: Numbered;
  /** Every older batch of the stream is delivered or dropped. */
  pendingFrom: (Place & { stream: string })[];
}

export const numberingOf = (outbox: Outbox): Numbering => ({
  epoch: outbox.boot.epoch,
  incarnation: outbox.boot.incarnation,
  numbered: outbox.numbered,
  pendingFrom: streams.map((stream) => ({
    stream: streamFamily[stream],
    ...outbox.pendingFrom(stream),
  })),
});
