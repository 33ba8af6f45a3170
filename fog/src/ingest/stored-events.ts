/** Edge events as stored, and how far they have been handed on. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Event, EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import { batchPrint } from "./batch-print.ts";
import { StoredWaveforms, samplesOf, withoutSamples } from "./stored-waveforms.ts";

/** Events kept for the dashboard; the oldest give way. */
const eventsMax = 100_000;

export type EventCase = NonNullable<Event["body"]["case"]>;

export interface StoredEvent {
  number: number;
  edge: string;
  event: Event;
  backlog: boolean;
  /** Bytes of the waveform that is kept with it; 0 without one. */
  waveformBytes: number;
}

interface Row {
  number: number;
  edge: string;
  backlog: number;
  bytes: Uint8Array;
  waveform_bytes: number | null;
}

const columns = "number, edge, backlog, bytes, length(samples) AS waveform_bytes";
const table = "events LEFT JOIN waveforms USING (number)";

export class StoredEvents {
  readonly waveforms: StoredWaveforms;
  readonly #put: SqlStatement;
  readonly #known: SqlStatement;
  readonly #unhanded: SqlStatement;
  readonly #markHanded: SqlStatement;
  readonly #newest: SqlStatement;
  readonly #newestOf: SqlStatement;
  readonly #trim: SqlStatement;
  readonly #rename: SqlStatement;
  #handedTo = 0;
  #markedTo = 0;

  constructor(db: SqlDatabase) {
    this.waveforms = new StoredWaveforms(db);
    this.#put = db.prepare(
      `INSERT INTO events (id, edge, at_ms, backlog, bytes, kind) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO NOTHING`,
    );
    this.#known = db.prepare("SELECT edge, bytes FROM events WHERE id = ?");
    this.#unhanded = db.prepare(`SELECT ${columns} FROM ${table} WHERE handed = 0 ORDER BY number`);
    this.#markHanded = db.prepare("UPDATE events SET handed = 1 WHERE handed = 0 AND number <= ?");
    this.#newest = db.prepare(`SELECT ${columns} FROM ${table} ORDER BY number DESC LIMIT ?`);
    this.#newestOf = db.prepare(
      `SELECT ${columns} FROM ${table} WHERE kind IN (SELECT value FROM json_each(?))
       ORDER BY number DESC LIMIT ?`,
    );
    this.#rename = db.prepare(
      "UPDATE events SET id = id || '#' || number WHERE edge = ? AND instr(id, '#') = 0",
    );
    this.#trim = db.prepare("DELETE FROM events WHERE number <= ?");
  }

  /**
   * The stored event, or `undefined` when this very one is there. Another one of its id, or one that another edge
   * has sent under it, hides none: the new one gets a mark on its id. In the open transaction.
   */
  put(edge: string, event: Event, backlog: boolean): StoredEvent | undefined {
    const samples = samplesOf(event);
    const bytes = toBinary(EventSchema, withoutSamples(event));
    let kept = event;
    let put = this.#insert(edge, event, { backlog, bytes });
    if (put.changes === 0) {
      if (this.#isKnown(edge, event.id, bytes)) return undefined;
      kept = { ...event, id: `${event.id}#${batchPrint(bytes, false).toString(36)}` };
      const marked = toBinary(EventSchema, withoutSamples(kept));
      put = this.#insert(edge, kept, { backlog, bytes: marked });
      if (put.changes === 0) return undefined;
    }
    const number = put.lastInsertRowid;
    if (samples) this.waveforms.put(number, samples);
    return { number, edge, event: kept, backlog, waveformBytes: samples?.length ?? 0 };
  }

  #insert(
    edge: string,
    { id, atMs, body }: Event,
    { backlog, bytes }: { backlog: boolean; bytes: Uint8Array },
  ) {
    return this.#put.run(id, edge, atMs, backlog ? 1 : 0, bytes, body.case ?? "");
  }

  #isKnown(edge: string, id: string, bytes: Uint8Array): boolean {
    const row = this.#known.get<{ edge: string; bytes: Uint8Array }>(id);
    return row?.edge === edge && Buffer.compare(bytes, row.bytes) === 0;
  }

  /** `edge` counts its events anew: the old ones must not make its next ones look known. */
  rename(edge: string): void {
    this.#rename.run(edge);
  }

  /** Listeners have seen this event; durable with the next transaction or `settle`. */
  handed(number: number): void {
    this.#handedTo = Math.max(this.#handedTo, number);
  }

  get hasUnmarked(): boolean {
    return this.#handedTo > this.#markedTo;
  }

  /** In the open transaction. Marking again after a roll-back does no harm. */
  mark(): void {
    if (!this.hasUnmarked) return;
    this.#markHanded.run(this.#handedTo);
    this.#trim.run(this.#handedTo - eventsMax);
  }

  marked(): void {
    this.#markedTo = this.#handedTo;
  }

  /** Stored before a death, but perhaps not seen by all listeners. */
  unhanded(): StoredEvent[] {
    return this.#unhanded.all<Row>().map(storedOf);
  }

  newest(limit: number): StoredEvent[] {
    return this.#newest.all<Row>(limit).map(storedOf);
  }

  newestOf(cases: readonly EventCase[], limit: number): StoredEvent[] {
    return this.#newestOf.all<Row>(JSON.stringify(cases), limit).map(storedOf);
  }
}

const storedOf = (row: Row): StoredEvent => ({
  number: row.number,
  edge: row.edge,
  event: fromBinary(EventSchema, row.bytes),
  backlog: row.backlog !== 0,
  waveformBytes: row.waveform_bytes ?? 0,
});
