/**
 * What waits for the cloud, on disk. Sequence numbers are given when an item is first sent, not when it
 * is queued: so live items overtake a backlog of days, and the cloud still sees one unbroken count.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type UplinkItem, UplinkItemSchema } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { type Facts, factsOf } from "../facts.ts";

export type UplinkBody = Exclude<UplinkItem["body"], { case: undefined }>;

/** Of one push; an item larger than this travels alone. */
const pushBytesMax = 512 * 1024;
const pushItemsMax = 256;

/** A minute older than this when it is sent is backlog, plant milliseconds. */
const backlogAfterMs = 10 * 60_000;

/** Events, incidents and tables go before minutes; fresh minutes before old ones. */
const rankFirst = 0;
const rankMinute = 1;

interface Row {
  number: number;
  sequence: number | null;
  at_ms: number;
  bytes: Uint8Array;
}

export interface OutboxOptions {
  journal: SqlDatabase;
  /** Real time at creation becomes the epoch, so that a new outbox never repeats an old one's counts. */
  nowMs: () => number;
  /** 0: nothing is kept, there is no cloud. */
  bytesMax: number;
  onEvicted: (items: number) => void;
}

export class Outbox {
  readonly epoch: number;
  readonly #options: OutboxOptions;
  readonly #facts: Facts;
  readonly #sql: ReturnType<typeof statements>;
  #bytes = 0;
  #items = 0;
  #evicted = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#facts = factsOf(options.journal);
    this.#sql = statements(options.journal);
    this.epoch = this.#facts.number("outbox-epoch", Math.floor(options.nowMs() / 1_000));
    this.#facts.set("outbox-epoch", this.epoch);
    this.recount();
  }

  get items(): number {
    return this.#items;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Items given up for the byte quota since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  /**
   * Queues `body`; joins the open transaction. `at.atMs`: plant time it is about. `replace`: an older
   * item of the same kind that has not been sent yet says nothing any more.
   */
  enqueue(body: UplinkBody, at: { atMs: number; replace?: boolean }): void {
    if (this.#options.bytesMax === 0) return;
    if (at.replace) {
      for (const { size } of this.#sql.sizesOfKind.all<{ size: number }>(body.case)) {
        this.#bytes -= size;
        this.#items -= 1;
      }
      this.#sql.dropKind.run(body.case);
    }
    const bytes = toBinary(UplinkItemSchema, create(UplinkItemSchema, { body }));
    const rank = body.case === "minute" ? rankMinute : rankFirst;
    this.#sql.put.run(rank, body.case, at.atMs, bytes);
    this.#bytes += bytes.length;
    this.#items += 1;
    if (this.#bytes > this.#options.bytesMax) this.#evict();
  }

  /** After a transaction that did not commit. */
  recount(): void {
    const row = this.#sql.total.get<{ items: number; bytes: number | null }>();
    this.#items = row?.items ?? 0;
    this.#bytes = row?.bytes ?? 0;
  }

  /**
   * The next items to send, oldest unanswered first; the same again until `acknowledge`. Empty: nothing
   * waits. Gives sequence numbers, durably, before they are used.
   */
  next(nowMs: number): UplinkItem[] {
    const sent = this.#sql.sent.all<Row>(pushItemsMax);
    if (sent.length > 0) return this.#fitting(sent).map((row) => this.#item(row, nowMs));
    const chosen = this.#fitting([
      ...this.#sql.first.all<Row>(rankFirst, pushItemsMax),
      ...this.#sql.freshMinutes.all<Row>(rankMinute, nowMs - backlogAfterMs, pushItemsMax),
      ...this.#sql.oldMinutes.all<Row>(rankMinute, nowMs - backlogAfterMs, pushItemsMax),
    ]);
    if (chosen.length === 0) return [];
    let sequence = this.#facts.number("outbox-sequence", 0);
    this.#options.journal.transaction(() => {
      for (const row of chosen) {
        sequence += 1;
        row.sequence = sequence;
        this.#sql.number.run(sequence, row.number);
      }
      this.#facts.set("outbox-sequence", sequence);
    });
    return chosen.map((row) => this.#item(row, nowMs));
  }

  /** The cloud has everything up to `sequence` on its disk. */
  acknowledge(sequence: number): void {
    this.#options.journal.transaction(() => {
      const gone = this.#sql.sizeSent.get<{ items: number; bytes: number | null }>(sequence);
      this.#sql.dropSent.run(sequence);
      this.#items -= gone?.items ?? 0;
      this.#bytes -= gone?.bytes ?? 0;
    });
  }

  #fitting(rows: Row[]): Row[] {
    let total = 0;
    const end = rows.findIndex((row, i) => {
      total += row.bytes.length;
      return i >= pushItemsMax || (i > 0 && total > pushBytesMax);
    });
    return end === -1 ? rows : rows.slice(0, end);
  }

  #item(row: Row, nowMs: number): UplinkItem {
    const item = fromBinary(UplinkItemSchema, row.bytes);
    item.sequence = row.sequence as number;
    if (item.body.case === "minute" && row.at_ms < nowMs - backlogAfterMs) {
      item.body.value.backlog = true;
    }
    return item;
  }

  /** The oldest minutes give way; events, incidents and tables never do. */
  #evict(): void {
    const rows = this.#sql.oldestMinutes.all<{ number: number; size: number }>(rankMinute, 64);
    for (const { number, size } of rows) {
      if (this.#bytes <= this.#options.bytesMax) break;
      this.#sql.drop.run(number);
      this.#bytes -= size;
      this.#items -= 1;
      this.#evicted += 1;
      this.#options.onEvicted(this.#evicted);
    }
  }
}

function statements(db: SqlDatabase) {
  const unsent = "FROM outbox WHERE sequence IS NULL AND rank = ?";
  return {
    put: db.prepare("INSERT INTO outbox (rank, kind, at_ms, bytes) VALUES (?, ?, ?, ?)"),
    sizesOfKind: db.prepare(
      "SELECT length(bytes) AS size FROM outbox WHERE kind = ? AND sequence IS NULL",
    ),
    dropKind: db.prepare("DELETE FROM outbox WHERE kind = ? AND sequence IS NULL"),
    drop: db.prepare("DELETE FROM outbox WHERE number = ?"),
    total: db.prepare("SELECT count(*) AS items, sum(length(bytes)) AS bytes FROM outbox"),
    sent: db.prepare("SELECT * FROM outbox WHERE sequence IS NOT NULL ORDER BY sequence LIMIT ?"),
    first: db.prepare(`SELECT * ${unsent} ORDER BY number LIMIT ?`),
    freshMinutes: db.prepare(`SELECT * ${unsent} AND at_ms >= ? ORDER BY number LIMIT ?`),
    oldMinutes: db.prepare(`SELECT * ${unsent} AND at_ms < ? ORDER BY number LIMIT ?`),
    oldestMinutes: db.prepare(
      `SELECT number, length(bytes) AS size ${unsent} ORDER BY number LIMIT ?`,
    ),
    number: db.prepare("UPDATE outbox SET sequence = ? WHERE number = ?"),
    sizeSent: db.prepare(
      "SELECT count(*) AS items, sum(length(bytes)) AS bytes FROM outbox WHERE sequence <= ?",
    ),
    dropSent: db.prepare("DELETE FROM outbox WHERE sequence <= ?"),
  };
}
