/**
 * Minutes that are still open: readings on their way from batches to sealed blocks. Pure memory; the
 * raw batches behind them stay in the journal until the minute is sealed.
 *
 * A minute closes by event time: when every edge that is online has sent live readings from after its
 * end. That holds at any speed of the plant clock. An edge that says nothing cannot hold it open for
 * longer than `patienceMs`.
 */
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { joinColumns, readingCount } from "./columns.ts";

export const minuteMs = 60_000;

/** Readings of one batch may lie this far apart in time and out of order between buses. */
const disorderMs = 2_000;

/** Open minutes in memory; 64 × 17 000 readings × 17 bytes = 18 MB for 280 tags at 1 Hz. */
const openMinutesMax = 64;

export interface ClosedMinute {
  minuteMs: number;
  /** Newest raw batch whose readings of this minute are all inside. */
  appliedTo: number;
  /** By site-wide tag index, ascending. */
  columns: BlockColumn[];
  /** By site-wide tag index, ascending; of readings that are in no column. */
  panes: TagPane[];
  readings: number;
}

interface OpenMinute {
  startMs: number;
  firstRaw: number;
  touchedMs: number;
  parts: Map<number, BlockColumn[]>;
  panes: TagPane[];
  readings: number;
}

export class MinuteBook {
  readonly #open = new Map<number, OpenMinute>();
  readonly #watermarks = new Map<string, number>();
  readonly #patienceMs: number;
  #readings = 0;
  #newestRaw = 0;

  constructor(options: { patienceMs: number }) {
    this.#patienceMs = options.patienceMs;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Readings and panes in open minutes. */
  get readings(): number {
    return this.#readings;
  }

  has(startMs: number): boolean {
    return this.#open.has(startMs);
  }

  /** Adds readings of one minute. `raw` is the number of their batch, ascending from call to call. */
  add(startMs: number, column: BlockColumn, at: { raw: number; nowMs: number }): void {
    const minute = this.#touched(startMs, at);
    minute.readings += column.timesMs.length;
    this.#readings += column.timesMs.length;
    const parts = minute.parts.get(column.tag);
    if (parts) parts.push(column);
    else minute.parts.set(column.tag, [column]);
  }

  addPane(startMs: number, pane: TagPane, at: { raw: number; nowMs: number }): void {
    const minute = this.#touched(startMs, at);
    minute.readings += 1;
    this.#readings += 1;
    minute.panes.push(pane);
  }

  #touched(startMs: number, at: { raw: number; nowMs: number }): OpenMinute {
    let minute = this.#open.get(startMs);
    if (!minute) {
      minute = {
        startMs,
        firstRaw: at.raw,
        touchedMs: at.nowMs,
        parts: new Map(),
        panes: [],
        readings: 0,
      };
      this.#open.set(startMs, minute);
    }
    minute.touchedMs = at.nowMs;
    return minute;
  }

  /** Everything of batch `raw` has been added (or needed no adding). */
  applied(raw: number): void {
    this.#newestRaw = Math.max(this.#newestRaw, raw);
  }

  /** `edge` has sent live readings up to `atMs`. */
  reached(edge: string, atMs: number): void {
    if (atMs > (this.#watermarks.get(edge) ?? Number.NEGATIVE_INFINITY)) {
      this.#watermarks.set(edge, atMs);
    }
  }

  /** An edge that is offline holds no minute open. */
  lost(edge: string): void {
    this.#watermarks.delete(edge);
  }

  /** The minutes that may be sealed now, oldest first. */
  due(nowMs: number): number[] {
    const due: number[] = [];
    let reachedMs = Number.POSITIVE_INFINITY;
    for (const atMs of this.#watermarks.values()) reachedMs = Math.min(reachedMs, atMs);
    for (const minute of this.#open.values()) {
      const endMs = minute.startMs + minuteMs;
      const passed = this.#watermarks.size > 0 && reachedMs >= endMs + disorderMs;
      const fresh = nowMs - minute.touchedMs < disorderMs;
      const overdue =
        nowMs >= endMs + this.#patienceMs && nowMs - minute.touchedMs >= this.#patienceMs;
      // A minute that backlog is filling is touched again and again: wait until that has stopped.
      if (overdue || (passed && !(fresh && endMs + 2 * minuteMs < nowMs))) due.push(minute.startMs);
    }
    if (this.#open.size - due.length > openMinutesMax) {
      const rest = [...this.#open.values()].filter((m) => !due.includes(m.startMs));
      rest.sort((a, b) => a.touchedMs - b.touchedMs || a.startMs - b.startMs);
      for (const minute of rest.slice(0, rest.length - openMinutesMax)) due.push(minute.startMs);
    }
    return due.sort((a, b) => a - b);
  }

  /** What sealing `startMs` would write; the minute stays open until `sealed`. */
  close(startMs: number): ClosedMinute | undefined {
    const minute = this.#open.get(startMs);
    if (!minute) return undefined;
    const tags = [...minute.parts.keys()].sort((a, b) => a - b);
    const columns = tags.map((tag) => joinColumns(tag, minute.parts.get(tag) as BlockColumn[]));
    return {
      minuteMs: startMs,
      appliedTo: this.#newestRaw,
      columns,
      panes: minute.panes.toSorted((a, b) => a.tag - b.tag || a.startMs - b.startMs),
      readings: readingCount(columns),
    };
  }

  sealed(startMs: number): void {
    this.#readings -= this.#open.get(startMs)?.readings ?? 0;
    this.#open.delete(startMs);
  }

  /** Raw batches up to this number are in sealed minutes entirely, once `leavingOut` is sealed too. */
  safeRaw(leavingOut: number): number {
    let safe = this.#newestRaw;
    for (const minute of this.#open.values()) {
      if (minute.startMs !== leavingOut) safe = Math.min(safe, minute.firstRaw - 1);
    }
    return safe;
  }

  /** Columns of tag `tag` in open minutes, oldest first, for trends up to now. */
  columnsOf(tag: number): BlockColumn[] {
    const minutes = [...this.#open.values()].sort((a, b) => a.startMs - b.startMs);
    return minutes.flatMap((minute) => {
      const parts = minute.parts.get(tag);
      return parts ? [joinColumns(tag, parts)] : [];
    });
  }

  /** Panes of tag `tag` in open minutes. */
  panesOf(tag: number): TagPane[] {
    return [...this.#open.values()].flatMap(({ panes }) => panes.filter((one) => one.tag === tag));
  }
}
