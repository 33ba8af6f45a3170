/** Cuts events into batches that the fog's broker takes: so many of them, and so many bytes. */
import type { EventFields } from "../hand-over.ts";
import { eventBatchBytesMax, eventBytesUsual, eventsPerBatchMax } from "./limits.ts";

/** In order; an event that is large by itself travels alone. */
export function eventBatches(events: readonly EventFields[]): EventFields[][] {
  const batches: EventFields[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = sizeOf(event);
    const last = batches.at(-1);
    if (last && last.length < eventsPerBatchMax && bytes + size <= eventBatchBytesMax) {
      last.push(event);
      bytes += size;
    } else {
      batches.push([event]);
      bytes = size;
    }
  }
  return batches;
}

/** Only waveforms are large; counting all others exactly would encode them twice. */
function sizeOf({ body }: EventFields): number {
  const samples = body?.case === "waveform" ? (body.value.samples?.length ?? 0) : 0;
  return eventBytesUsual + samples;
}
