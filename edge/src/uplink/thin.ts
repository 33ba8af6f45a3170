/** Filter policy: which readings of a block are left out on the way up, or summarised. */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { f64, u8, u32 } from "@weir/contracts/elements.ts";
import { FilterPolicy } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { summarisedCount, type TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { PaneKeeper } from "./pane-keeper.ts";

/** `thin`: every n-th sample is kept while nothing happens. */
export const thinKeepEvery = 10;

/** `thin` and `summary`: all samples are kept for so long after an alert began or ended, plant milliseconds. */
export const thinSurroundingsMs = 60_000;

export interface Filtered {
  /** To send. */
  columns: BlockColumn[];
  /** To send: of the tags whose policy is `summary`. */
  panes: TagPane[];
  /** Readings that are in no column: left out, or in a pane. */
  thinned: number;
}

/** Remembers, per tag, what the policy needs from one block to the next. */
export class Thinner {
  readonly #policies: readonly FilterPolicy[];
  readonly #seen: Uint32Array;
  readonly #lastQuality: Uint8Array;
  readonly #alertUntilMs: Float64Array;
  readonly #panes = new PaneKeeper();

  constructor(policies: readonly FilterPolicy[]) {
    this.#policies = policies;
    this.#seen = new Uint32Array(policies.length);
    this.#lastQuality = new Uint8Array(policies.length).fill(255);
    this.#alertUntilMs = new Float64Array(policies.length).fill(Number.NEGATIVE_INFINITY);
  }

  /** Readings taken that are not sent yet: their pane is under way. */
  get heldCount(): number {
    return this.#panes.heldCount;
  }

  /** An alert of `tag` began or ended. While it is active nothing of the tag is left out. */
  noteAlert(tag: number, active: boolean, atMs: number): void {
    const untilMs = active ? Number.POSITIVE_INFINITY : atMs + thinSurroundingsMs;
    this.#alertUntilMs[tag] = untilMs;
    if (this.#policies[tag] === FilterPolicy.SUMMARY) this.#panes.noteAlert(tag, untilMs);
  }

  /** `all`: panes under way are closed too. */
  apply(columns: readonly BlockColumn[], at: { nowMs: number; all: boolean }): Filtered {
    let thinned = 0;
    const kept: BlockColumn[] = [];
    for (const column of columns) {
      const policy = this.#policies[column.tag] ?? FilterPolicy.ALL;
      if (policy === FilterPolicy.SUMMARY) {
        this.#panes.take(column);
        continue;
      }
      const short = policy === FilterPolicy.ALL ? column : this.#shorten(column);
      thinned += column.timesMs.length - short.timesMs.length;
      if (short.timesMs.length > 0) kept.push(short);
    }
    const settled = this.#panes.settle(at);
    return {
      columns: [...kept, ...settled.columns],
      panes: settled.panes,
      thinned: thinned + summarisedCount(settled.panes),
    };
  }

  #shorten(column: BlockColumn): BlockColumn {
    const keep: number[] = [];
    for (let i = 0; i < column.timesMs.length; i++) if (this.#keeps(column, i)) keep.push(i);
    if (keep.length === column.timesMs.length) return column;
    return {
      tag: column.tag,
      timesMs: Float64Array.from(keep, (i) => f64(column.timesMs, i)),
      values: Float64Array.from(keep, (i) => f64(column.values, i)),
      qualities: Uint8Array.from(keep, (i) => u8(column.qualities, i)),
    };
  }

  #keeps(column: BlockColumn, i: number): boolean {
    const { tag } = column;
    const timeMs = f64(column.timesMs, i);
    const quality = u8(column.qualities, i);
    const changed = quality !== this.#lastQuality[tag];
    this.#lastQuality[tag] = quality;
    return this.#isNth(tag) || changed || timeMs < f64(this.#alertUntilMs, tag);
  }

  #isNth(tag: number): boolean {
    const seen = u32(this.#seen, tag);
    this.#seen[tag] = seen + 1;
    return seen % thinKeepEvery === 0;
  }
}
