/**
 * Batches that came before the birth that tells what they mean. After it they are released a page at a time, between
 * other messages: a restored edge may have sent some hundred megabytes of them.
 */

import type { MessageOf } from "@weir/contracts/envelope.ts";
import { open } from "@weir/contracts/envelope.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { FogFault } from "../faults.ts";
import { readingCount } from "../historian/columns.ts";
import type { ReadableBlock, ReadBlock } from "./block-reader.ts";
import type { DeadLetter, DeadLetters } from "./dead-letters.ts";
import type { EdgeRecord } from "./edge-book.ts";
import type { RawBatches } from "./raw-batches.ts";

/** Of one edge that may wait. */
const waitingMax = 20_000;
const waitingBytesMax = 64 * 2 ** 20;
/** Between two pages, milliseconds of the I/O clock; longer while history is behind. */
const restMs = 20;
const restBehindMs = 500;

export interface Released {
  raw: number;
  read: ReadableBlock;
}

export interface WaitingBatchesOptions {
  journal: SqlDatabase;
  raw: RawBatches;
  deadLetters: DeadLetters;
  clock: Clock;
  ioClock: Clock;
  logger: Logger;
  isBehind: () => boolean;
  read: (record: EdgeRecord, telemetry: MessageOf<"blocks">) => ReadBlock;
  /** In the open transaction. */
  store: (record: EdgeRecord, released: readonly Released[]) => void;
  /** After the commit. */
  handOn: (
    record: EdgeRecord,
    page: { released: readonly Released[]; buried: readonly Omit<DeadLetter, "number">[] },
  ) => void;
}

export class WaitingBatches {
  readonly #options: WaitingBatchesOptions;
  /** How far each edge that is being released has come. */
  readonly #after = new Map<string, number>();
  #stopped = false;

  constructor(options: WaitingBatchesOptions) {
    this.#options = options;
  }

  /** Throws when no more of this edge can wait; it is not acknowledged then and comes again. */
  checkRoom({ edge, waiting, waitingBytes }: EdgeRecord): void {
    if (waiting < waitingMax && waitingBytes < waitingBytesMax) return;
    throw new FogFault("FOG_WAITING_FULL", { edge, limit: waiting });
  }

  /** The first page now, the others as time goes on. A newer birth begins anew. */
  release(record: EdgeRecord): void {
    if (record.waiting === 0) return;
    const isRunning = this.#after.has(record.edge);
    this.#after.set(record.edge, 0);
    if (!isRunning) this.#go(record);
  }

  stop(): void {
    this.#stopped = true;
  }

  #go(record: EdgeRecord): void {
    const { ioClock, isBehind, logger } = this.#options;
    if (this.#stopped) return;
    let isMore = true;
    const wait = isBehind();
    try {
      if (!wait) isMore = this.#page(record);
    } catch (error) {
      // They wait on, in the journal, for the next birth.
      this.#after.delete(record.edge);
      const why = (error as Error).message;
      logger.error("batches that waited could not be taken in", { edge: record.edge, why });
      return;
    }
    if (isMore) ioClock.after(wait ? restBehindMs : restMs, () => this.#go(record));
    else this.#after.delete(record.edge);
  }

  /** They get new numbers, so that "sealed up to" stays true of them. False: that was all. */
  #page(record: EdgeRecord): boolean {
    const { journal, raw, deadLetters, clock, read, store, handOn } = this.#options;
    const { edge } = record;
    const page = raw.waiting(edge, this.#after.get(edge) ?? 0);
    const last = page.at(-1);
    if (!last) return false;
    const released: Released[] = [];
    const buried: Omit<DeadLetter, "number">[] = [];
    let bytesGone = 0;
    journal.transaction(() => {
      for (const { id, bytes } of page) {
        const opened = open("blocks", bytes);
        const block: ReadBlock = opened.ok
          ? read(record, opened.value)
          : { at: "unreadable", reason: opened.detail };
        if (block.at === "waiting") continue;
        raw.delete(id);
        bytesGone += bytes.length;
        if (block.at === "readable") {
          released.push({ raw: raw.put(edge, bytes, { waiting: false }), read: block });
        } else {
          const { reason } = block;
          buried.push({ atMs: clock.nowMs(), edge, family: "blocks", reason, bytes });
        }
      }
      for (const letter of buried) deadLetters.put(letter);
      store(record, released);
    });
    record.waiting -= released.length + buried.length;
    record.waitingBytes -= bytesGone;
    this.#after.set(edge, last.id);
    handOn(record, { released, buried });
    return raw.waiting(edge, last.id).length > 0;
  }
}

/** Readings of a page. */
export const countOf = (released: readonly Released[]): number =>
  released.reduce((sum, { read }) => sum + readingCount(read.columns), 0);
