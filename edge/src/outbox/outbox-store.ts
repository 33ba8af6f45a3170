/** The statements of the outbox: one prepared set per database, no policy. */

import type { LedgerCounts } from "@weir/contracts/ledger.ts";
import { type Incarnation, noIncarnation } from "@weir/runtime/incarnation.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import { parcelOverheadBytes, reserveStepBytes } from "./limits.ts";
import type { Parcel, Stream } from "./parcel.ts";

interface Row {
  id: number;
  epoch: number;
  incarnation: Incarnation;
  sequence: number;
  count: number;
  first_ms: number;
  last_ms: number;
  bytes: Uint8Array;
}

/** How far a start has numbered its batches. */
export interface Numbered {
  epoch: number;
  incarnation: Incarnation;
  sequence: Record<Stream, number>;
}

/** One start of the edge on its database. */
export interface Boot {
  /** Counts the boots. */
  epoch: number;
  /** Under which this boot numbers its batches. */
  incarnation: Incarnation;
  /** Of the database: the incarnation that made it. */
  store: Incarnation;
  /** How far the boot before had numbered, as the database remembers it; undefined in a new one. */
  previous: Numbered | undefined;
}

interface BootRow {
  epoch: number;
  store: Incarnation;
  incarnation: Incarnation;
  telemetry: number;
  events: number;
}

/** Where a batch stands among those of its incarnation. */
export interface Place {
  epoch: number;
  incarnation: Incarnation;
  sequence: number;
}

/** An evicted or acknowledged row. */
export interface Gone extends Place {
  count: number;
  firstMs: number;
  lastMs: number;
  sizeBytes: number;
}

interface Statements {
  insert: SqlStatement;
  remove: SqlStatement;
  page: SqlStatement;
  claim: SqlStatement;
  totals: SqlStatement;
  oldest: SqlStatement;
  newest: SqlStatement;
  first: SqlStatement;
}

function prepare(db: SqlDatabase, stream: Stream): Statements {
  const sizeOf = `length(bytes) + ${parcelOverheadBytes}`;
  return {
    insert: db.prepare(
      `INSERT INTO ${stream} (epoch, incarnation, sequence, count, first_ms, last_ms, claimed, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    remove: db.prepare(
      `DELETE FROM ${stream} WHERE id = ?
       RETURNING epoch, incarnation, sequence, count, first_ms AS firstMs, last_ms AS lastMs, ${sizeOf} AS sizeBytes`,
    ),
    page: db.prepare(
      `SELECT id, epoch, incarnation, sequence, count, first_ms, last_ms, bytes FROM ${stream}
       WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
    ),
    claim: db.prepare(`UPDATE ${stream} SET claimed = 1 WHERE id >= ? AND id <= ? AND claimed = 0`),
    totals: db.prepare(
      `SELECT count(*) AS parcels, coalesce(sum(count), 0) AS count,
              coalesce(sum(${sizeOf}), 0) AS sizeBytes FROM ${stream}`,
    ),
    first: db.prepare(`SELECT epoch, incarnation, sequence FROM ${stream} ORDER BY id LIMIT 1`),
    newest: db.prepare(`SELECT coalesce(max(id), 0) AS id FROM ${stream}`),
    oldest: db.prepare(`SELECT id FROM ${stream} WHERE claimed <= ? ORDER BY id LIMIT 1`),
  };
}

export class OutboxStore {
  readonly #db: SqlDatabase;
  readonly #of: Record<Stream, Statements>;
  readonly #saveLedger: SqlStatement;
  readonly #saveNumbered: SqlStatement;
  readonly #freePages: SqlStatement;
  readonly #pageSizeBytes: number;

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#of = { telemetry: prepare(db, "telemetry"), events: prepare(db, "events") };
    this.#saveLedger = db.prepare(
      "UPDATE ledger SET acquired = ?, delivered = ?, thinned = ?, dropped = ?",
    );
    this.#saveNumbered = db.prepare("UPDATE boot SET telemetry_sequence = ?, events_sequence = ?");
    this.#freePages = db.prepare("PRAGMA freelist_count");
    this.#pageSizeBytes = (db.prepare("PRAGMA page_size").get() as { page_size: number }).page_size;
  }

  /** All of `work` or nothing, on the platter when it returns. */
  transaction<T>(work: () => T): T {
    return this.#db.transaction(work);
  }

  /**
   * Begins a boot under `incarnation`: its epoch is one more than the last, `firstEpoch` in a new
   * database.
   */
  beginBoot(incarnation: Incarnation, firstEpoch: number): Boot {
    return this.transaction(() => {
      const before = this.#db
        .prepare(
          `SELECT epoch, store, incarnation, telemetry_sequence AS telemetry, events_sequence AS events
           FROM boot`,
        )
        .get() as BootRow;
      const epoch = before.epoch === 0 ? firstEpoch : before.epoch + 1;
      const store = before.store === noIncarnation ? incarnation : before.store;
      this.#db
        .prepare(
          `UPDATE boot SET epoch = ?, store = ?, incarnation = ?,
             telemetry_sequence = 0, events_sequence = 0`,
        )
        .run(epoch, store, incarnation);
      if (before.incarnation === noIncarnation)
        return { epoch, incarnation, store, previous: undefined };
      const { telemetry, events } = before;
      const sequence = { telemetry, events };
      return {
        epoch,
        incarnation,
        store,
        previous: { epoch: before.epoch, incarnation: before.incarnation, sequence },
      };
    });
  }

  /** How far this boot has numbered. In the transaction that inserts the batches. */
  saveNumbered(sequence: Record<Stream, number>): void {
    this.#saveNumbered.run(sequence.telemetry, sequence.events);
  }

  /** The oldest batch that is kept: all that were numbered before it are gone. */
  first(stream: Stream): Place | undefined {
    return this.#of[stream].first.get<Place>();
  }

  loadLedger(): LedgerCounts {
    const row = this.#db
      .prepare("SELECT acquired, delivered, thinned, dropped FROM ledger")
      .get() as Omit<LedgerCounts, "pending">;
    return { ...row, pending: this.totals("telemetry").count };
  }

  saveLedger(ledger: LedgerCounts): void {
    this.#saveLedger.run(ledger.acquired, ledger.delivered, ledger.thinned, ledger.dropped);
  }

  /** Walks the whole stream. */
  totals(stream: Stream): { parcels: number; count: number; sizeBytes: number } {
    return this.#of[stream].totals.get() as ReturnType<OutboxStore["totals"]>;
  }

  insert(parcel: Omit<Parcel, "id">, claimed: boolean): number {
    return this.#of[parcel.stream].insert.run(
      parcel.epoch,
      parcel.incarnation,
      parcel.sequence,
      parcel.count,
      parcel.firstMs,
      parcel.lastMs,
      claimed ? 1 : 0,
      parcel.bytes,
    ).lastInsertRowid;
  }

  /** `undefined` when it was gone already: a second acknowledgement counts nothing. */
  remove(stream: Stream, id: number): Gone | undefined {
    return this.#of[stream].remove.get(id);
  }

  /** The oldest parcel that was never on its way; with `claimedToo`, the oldest of all. */
  oldest(stream: Stream, claimedToo: boolean): number | undefined {
    return this.#of[stream].oldest.get<{ id: number }>(claimedToo ? 1 : 0)?.id;
  }

  /** 0 when there is none. */
  newest(stream: Stream): number {
    return (this.#of[stream].newest.get() as { id: number }).id;
  }

  page(stream: Stream, range: { afterId: number; beforeId: number; limit: number }): Parcel[] {
    return this.#of[stream].page
      .all<Row>(range.afterId, range.beforeId, range.limit)
      .map((row) => ({
        id: row.id,
        stream,
        epoch: row.epoch,
        incarnation: row.incarnation,
        sequence: row.sequence,
        count: row.count,
        firstMs: row.first_ms,
        lastMs: row.last_ms,
        bytes: row.bytes,
      }));
  }

  /** Marks ids from `fromId` to `toId` as on their way. */
  claim(stream: Stream, fromId: number, toId: number): number {
    return this.#of[stream].claim.run(fromId, toId).changes;
  }

  /** Pages inside the file that hold nothing: writing them needs no room on the disk. */
  freeBytes(): number {
    return (
      (this.#freePages.get() as { freelist_count: number }).freelist_count * this.#pageSizeBytes
    );
  }

  /**
   * Grows the file until `reserveBytes` of it are free: rows as large are written, put into the file
   * and deleted. In steps with a checkpoint after each, else the pages would never reach the file and
   * the disk would not hold them.
   */
  growReserve(reserveBytes: number): void {
    try {
      for (let written = 0; written < reserveBytes; written += reserveStepBytes) {
        this.#db.prepare("INSERT INTO reserve (bytes) VALUES (zeroblob(?))").run(reserveStepBytes);
        this.checkpoint();
      }
    } finally {
      this.#db.exec("DELETE FROM reserve");
    }
  }

  /** Empties the write-ahead log into the file, so that the log is written again from its start. */
  checkpoint(): void {
    this.#db.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
  }
}
