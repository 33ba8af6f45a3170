/**
 * What waits for the cloud, on disk. Sequence numbers are given when an item is first sent, not when it
 * is queued: so live items overtake a backlog of days, and the cloud still sees one unbroken count.
 *
 * A number belongs to the incarnation that gave it, one for each start of the fog; numbers count on over
 * incarnations, so everything this fog ever sent has one order. What the cloud has is kept for some days
 * more: a cloud that was restored asks for it again.
 */
import { crc32 } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type UplinkItem, UplinkItemSchema } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { drawIncarnation, type Incarnation, noIncarnation } from "@weir/runtime/incarnation.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { type Facts, factsOf } from "../facts.ts";
import { outboxStatements, rankFirst, rankMinute } from "./outbox-statements.ts";

export type UplinkBody = Exclude<UplinkItem["body"], { case: undefined }>;

/** Of one push; an item larger than this travels alone. */
const pushBytesMax = 512 * 1024;
const pushItemsMax = 256;

/** A minute older than this when it is sent is backlog, plant milliseconds. */
const backlogAfterMs = 10 * 60_000;

/** What the cloud has is kept this long and within this size, for a cloud that loses it. Real time. */
const keptAgeMs = 7 * 86_400_000;
const keptBytesMax = 64 * 2 ** 20;

/** Starts of this fog that are remembered; items are kept of far fewer. */
const incarnationsMax = 1_000;

interface Row {
  number: number;
  sequence: number | null;
  epoch: number;
  incarnation: Incarnation;
  at_ms: number;
  bytes: Uint8Array;
}

export interface Position {
  incarnation: Incarnation;
  /** 0: before the first. */
  sequence: number;
}

/** What one push carries: items in order, all numbered under one incarnation. */
export interface Push {
  epoch: number;
  incarnation: Incarnation;
  items: UplinkItem[];
  /** The item before the first of these, which the cloud must have. */
  previous: Position;
  /** Between the two: numbers that are kept no longer. Undefined: none. */
  lost: { from: number; to: number } | undefined;
}

export interface OutboxOptions {
  journal: SqlDatabase;
  /** Real time: tells starts apart for older clouds, and ages what is kept. */
  nowMs: () => number;
  /** 0: nothing is kept, there is no cloud. */
  bytesMax: number;
  onEvicted: (items: number) => void;
  /** Of this start; drawn unless given. */
  incarnation?: Incarnation | undefined;
}

export class Outbox {
  readonly incarnation: Incarnation;
  readonly #epoch: number;
  readonly #options: OutboxOptions;
  readonly #facts: Facts;
  readonly #sql: ReturnType<typeof outboxStatements>;
  readonly #keptBytesMax: number;
  #bytes = 0;
  #items = 0;
  #keptBytes = 0;
  #evicted = 0;
  /** The cloud has said that it lacks items from here on. */
  #wantedFrom: number | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#facts = factsOf(options.journal);
    this.#sql = outboxStatements(options.journal);
    this.incarnation = options.incarnation ?? drawIncarnation();
    this.#epoch = Math.max(1, Math.floor(options.nowMs() / 1_000));
    this.#keptBytesMax = Math.min(keptBytesMax, options.bytesMax / 4);
    const { lastInsertRowid } = this.#sql.begin.run(
      ...[this.incarnation, this.#epoch, this.#facts.number("outbox-sequence", 0) + 1],
    );
    this.#sql.trimIncarnations.run(lastInsertRowid - incarnationsMax);
    this.recount();
  }

  /** Items that the cloud does not have. */
  get items(): number {
    return this.#items;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of what the cloud has and could ask for again. */
  get keptBytes(): number {
    return this.#keptBytes;
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
    this.#keptBytes = this.#sql.totalKept.get<{ bytes: number | null }>()?.bytes ?? 0;
  }

  /**
   * The next items to send, oldest unanswered first; the same again until `acknowledge`. Undefined:
   * nothing waits. Gives sequence numbers, durably, before they are used.
   */
  next(nowMs: number): Push | undefined {
    const sent = this.#sql.sent.all<Row>(pushItemsMax);
    const others = sent.findIndex(({ incarnation }) => incarnation !== sent[0]?.incarnation);
    const rows = this.#fitting(others === -1 ? sent : sent.slice(0, others));
    const chosen = rows.length > 0 ? rows : this.#number(nowMs);
    const [first] = chosen;
    if (!first) return undefined;
    const { epoch, incarnation } = first;
    const from = first.sequence as number;
    const wanted = Math.min(this.#wantedFrom ?? from, from);
    return {
      ...{ epoch, incarnation },
      items: chosen.map((row) => itemOf(row, nowMs)),
      previous: this.#position(wanted - 1),
      lost: wanted < from ? { from: wanted, to: from - 1 } : undefined,
    };
  }

  /** The cloud has these very items on its disk. */
  acknowledge(items: readonly Pick<UplinkItem, "sequence">[]): void {
    const atMs = this.#options.nowMs();
    this.#options.journal.transaction(() => {
      for (const { sequence } of items) {
        const size = this.#sql.keep.get<{ size: number }>(atMs, sequence)?.size;
        if (size === undefined) continue;
        this.#items -= 1;
        this.#bytes -= size;
        this.#keptBytes += size;
      }
      this.#forgetKept(atMs);
    });
    this.#wantedFrom = undefined;
  }

  /**
   * The cloud has everything up to `after` and lacks the rest: what is kept of that is sent again. How
   * many items that is, and which numbers are gone.
   */
  rewind(after: Position): { again: number; lost: { from: number; to: number } | undefined } {
    const end = this.#endOf(after.incarnation);
    const has = Math.min(after.sequence, end ?? 0);
    const { changes } = this.#sql.wantAgain.run(has);
    this.recount();
    this.#wantedFrom = has + 1;
    const first =
      this.#sql.sent.get<Row>(1)?.sequence ?? this.#facts.number("outbox-sequence", 0) + 1;
    const lost = first > has + 1 ? { from: has + 1, to: first - 1 } : undefined;
    return { again: changes, lost };
  }

  #number(nowMs: number): Row[] {
    const chosen = this.#fitting([
      ...this.#sql.first.all<Row>(rankFirst, pushItemsMax),
      ...this.#sql.freshMinutes.all<Row>(rankMinute, nowMs - backlogAfterMs, pushItemsMax),
      ...this.#sql.oldMinutes.all<Row>(rankMinute, nowMs - backlogAfterMs, pushItemsMax),
    ]);
    if (chosen.length === 0) return chosen;
    let sequence = this.#facts.number("outbox-sequence", 0);
    this.#options.journal.transaction(() => {
      for (const row of chosen) {
        sequence += 1;
        Object.assign(row, { sequence, epoch: this.#epoch, incarnation: this.incarnation });
        this.#sql.number.run(sequence, this.#epoch, this.incarnation, row.number);
      }
      this.#facts.set("outbox-sequence", sequence);
    });
    return chosen;
  }

  /** Who gave `sequence`. */
  #position(sequence: number): Position {
    if (sequence <= 0) return { incarnation: noIncarnation, sequence: 0 };
    const giver = this.#sql.giver.get<{ incarnation: Incarnation }>(sequence);
    return { incarnation: giver?.incarnation ?? noIncarnation, sequence };
  }

  /** The last number that an incarnation of this fog's own past gave; undefined of any other. */
  #endOf(incarnation: Incarnation): number | undefined {
    const own = this.#sql.ofIncarnation.get<{ number: number }>(incarnation);
    const begun = this.#sql.firstIncarnation.get<{ first: number }>()?.first ?? 1;
    if (incarnation === noIncarnation) return begun - 1;
    if (!own) return undefined;
    const next = this.#sql.nextIncarnation.get<{ first: number }>(own.number);
    return next ? next.first - 1 : this.#facts.number("outbox-sequence", 0);
  }

  #fitting(rows: Row[]): Row[] {
    let total = 0;
    const end = rows.findIndex((row, i) => {
      total += row.bytes.length;
      return i >= pushItemsMax || (i > 0 && total > pushBytesMax);
    });
    return end === -1 ? rows : rows.slice(0, end);
  }

  /** In the open transaction. */
  #forgetKept(nowMs: number): void {
    const drop = (rows: readonly { number: number; size: number }[]) => {
      for (const { number, size } of rows) {
        this.#sql.drop.run(number);
        this.#keptBytes -= size;
      }
    };
    drop(this.#sql.keptBefore.all(nowMs - keptAgeMs));
    while (this.#keptBytes > this.#keptBytesMax) {
      const rows = this.#sql.oldestKept.all<{ number: number; size: number }>(64);
      if (rows.length === 0) return;
      drop(rows);
    }
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

function itemOf(row: Row, nowMs: number): UplinkItem {
  const item = fromBinary(UplinkItemSchema, row.bytes);
  item.sequence = row.sequence as number;
  item.print = crc32(row.bytes);
  if (item.body.case === "minute" && row.at_ms < nowMs - backlogAfterMs) {
    item.body.value.backlog = true;
  }
  return item;
}
