/**
 * Captured waveforms apart from the events that tell of them: one is 60 kB, and the list of events is
 * read every few seconds.
 */

import { fromBinary } from "@bufbuild/protobuf";
import {
  type Event,
  EventSchema,
  type Waveform,
} from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

/** Captures kept, some 12 MB; the oldest give way. */
export const waveformsMax = 200;
/** An edge has one to three axes; more is nonsense. */
const axesMax = 16;

export interface StoredWaveform {
  /** Of its event. */
  id: string;
  edge: string;
  waveform: Waveform;
}

export class StoredWaveforms {
  readonly #put: SqlStatement;
  readonly #trim: SqlStatement;
  readonly #get: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#put = db.prepare("INSERT INTO waveforms (number, samples) VALUES (?, ?)");
    this.#trim = db.prepare(
      `DELETE FROM waveforms WHERE number <=
         (SELECT number FROM waveforms ORDER BY number DESC LIMIT 1 OFFSET ${waveformsMax})`,
    );
    this.#get = db.prepare(
      "SELECT id, edge, bytes, samples FROM events JOIN waveforms USING (number) WHERE id = ?",
    );
  }

  /** Samples of the event stored under `number`. In the open transaction. */
  put(number: number, samples: Uint8Array): void {
    this.#put.run(number, samples);
    this.#trim.run();
  }

  /** Undefined when there is none, or it has given way. */
  get(id: string): StoredWaveform | undefined {
    const row = this.#get.get<{
      id: string;
      edge: string;
      bytes: Uint8Array;
      samples: Uint8Array;
    }>(id);
    if (!row) return undefined;
    const { body } = fromBinary(EventSchema, row.bytes);
    if (body.case !== "waveform") return undefined;
    return { id: row.id, edge: row.edge, waveform: { ...body.value, samples: row.samples } };
  }
}

/** The samples worth keeping apart; undefined of every other event and of a capture that says nothing. */
export function samplesOf({ body }: Event): Uint8Array | undefined {
  if (body.case !== "waveform") return undefined;
  const { axes, rateHz, samples, scale } = body.value;
  const isSound = axes > 0 && axes <= axesMax && rateHz > 0 && Number.isFinite(scale);
  return isSound && samples.length >= 2 * axes ? samples : undefined;
}

/** The same event without them. */
export function withoutSamples(event: Event): Event {
  if (event.body.case !== "waveform") return event;
  const value = { ...event.body.value, samples: new Uint8Array(0) };
  return { ...event, body: { case: "waveform", value } };
}
