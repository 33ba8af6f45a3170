/** Readings that the outbox gave up, with the numbers of the batches that will not come. */
import type { Incarnation } from "@weir/runtime/incarnation.ts";
import type { EventFields } from "../hand-over.ts";
import type { Gone } from "./outbox-store.ts";

/** One event carries so many spans of numbers; a loss with more is told in several. */
const spansMax = 200;

interface Span {
  epoch: number;
  incarnation: Incarnation;
  from: number;
  to: number;
}

export interface Loss {
  readings: number;
  fromMs: number;
  toMs: number;
  /** Of batches that had been numbered; what never left the memory has no number. */
  batches: Span[];
}

/** Adds an evicted batch to the newest of `losses`, or to a new one. */
export function addLoss(losses: Loss[], gone: Gone): void {
  let loss = losses.at(-1);
  if (!loss || loss.batches.length >= spansMax) {
    loss = { readings: 0, fromMs: Number.POSITIVE_INFINITY, toMs: 0, batches: [] };
    losses.push(loss);
  }
  loss.readings += gone.count;
  loss.fromMs = Math.min(loss.fromMs, gone.firstMs);
  loss.toMs = Math.max(loss.toMs, gone.lastMs);
  const { epoch, incarnation, sequence } = gone;
  const last = loss.batches.at(-1);
  if (last?.incarnation === incarnation && last.epoch === epoch && last.to === sequence - 1) {
    last.to = sequence;
  } else {
    loss.batches.push({ epoch, incarnation, from: sequence, to: sequence });
  }
}

export const lossEvent = (loss: Loss, atMs: number): EventFields => ({
  atMs,
  body: { case: "dropped", value: { ...loss } },
});
