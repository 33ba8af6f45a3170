import { present } from "@weir/contracts/present.ts";
import { expect, test } from "vitest";
import type { EventFields } from "../hand-over.ts";
import { eventBatches } from "./event-batches.ts";
import { eventBatchBytesMax, eventsPerBatchMax } from "./limits.ts";

const small = (atMs: number): EventFields => ({
  atMs,
  body: { case: "quality", value: { tag: "D11/CL01" } },
});
const large = (atMs: number, size: number): EventFields => ({
  atMs,
  body: { case: "waveform", value: { device: "D14", samples: new Uint8Array(size) } },
});

test("small events fill a batch by their number", () => {
  const events = Array.from({ length: 2 * eventsPerBatchMax + 1 }, (_, i) => small(i));
  const batches = eventBatches(events);
  expect(batches.map(({ length }) => length)).toEqual([eventsPerBatchMax, eventsPerBatchMax, 1]);
  expect(batches.flat()).toEqual(events);
});

test("eight machines that trip at once do not make a batch that the broker refuses", () => {
  const events = Array.from({ length: 8 }, (_, i) => [small(i), large(i, 60_000)]).flat();
  const batches = eventBatches(events);
  expect(batches.flat()).toEqual(events);
  for (const batch of batches) {
    const bytes = batch.map(({ body }) =>
      body?.case === "waveform" ? present(body.value.samples).length : 0,
    );
    expect(bytes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(eventBatchBytesMax);
  }
});

test("what is too large by itself travels alone", () => {
  const events = [small(0), large(1, eventBatchBytesMax + 1), small(2)];
  expect(eventBatches(events).map(({ length }) => length)).toEqual([1, 1, 1]);
  expect(eventBatches([])).toEqual([]);
});
