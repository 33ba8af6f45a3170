/** Filter policy: which readings of a block are left out on the way up. */
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { FilterPolicy } from "@weir/contracts/generated/weir/v1/tag_pb.ts";

/** `thin`: every n-th sample is kept while nothing happens. */
export const thinKeepEvery = 10;

/** `thin`: all samples are kept for so long after an alert began or ended, plant milliseconds. */
export const thinSurroundingsMs = 60_000;

/** `summary`: one sample in each pane is kept, plant milliseconds. */
export const summaryPaneMs = 5_000;

/** Remembers, per tag, what the policy needs from one block to the next. */
export class Thinner {
  readonly #policies: readonly FilterPolicy[];
  readonly #seen: Uint32Array;
  readonly #lastPane: Float64Array;
  readonly #lastQuality: Uint8Array;
  readonly #alertUntilMs: Float64Array;

  constructor(policies: readonly FilterPolicy[]) {
    this.#policies = policies;
    this.#seen = new Uint32Array(policies.length);
    this.#lastPane = new Float64Array(policies.length).fill(Number.NaN);
    this.#lastQuality = new Uint8Array(policies.length).fill(255);
    this.#alertUntilMs = new Float64Array(policies.length).fill(Number.NEGATIVE_INFINITY);
  }

  /** An alert of `tag` began or ended. While it is active nothing of the tag is left out. */
  noteAlert(tag: number, active: boolean, atMs: number): void {
    this.#alertUntilMs[tag] = active ? Number.POSITIVE_INFINITY : atMs + thinSurroundingsMs;
  }

  /** The columns to send, and how many readings were left out of them. */
  apply(columns: BlockColumn[]): { columns: BlockColumn[]; thinned: number } {
    let thinned = 0;
    const kept: BlockColumn[] = [];
    for (const column of columns) {
      const policy = this.#policies[column.tag] ?? FilterPolicy.ALL;
      const short = policy === FilterPolicy.ALL ? column : this.#shorten(column, policy);
      thinned += column.timesMs.length - short.timesMs.length;
      if (short.timesMs.length > 0) kept.push(short);
    }
    return { columns: kept, thinned };
  }

  #shorten(column: BlockColumn, policy: FilterPolicy): BlockColumn {
    const keep: number[] = [];
    for (let i = 0; i < column.timesMs.length; i++) {
      if (this.#keeps(column, i, policy)) keep.push(i);
    }
    if (keep.length === column.timesMs.length) return column;
    return {
      tag: column.tag,
      timesMs: Float64Array.from(keep, (i) => column.timesMs[i] as number),
      values: Float64Array.from(keep, (i) => column.values[i] as number),
      qualities: Uint8Array.from(keep, (i) => column.qualities[i] as number),
    };
  }

  #keeps(column: BlockColumn, i: number, policy: FilterPolicy): boolean {
    const { tag } = column;
    const timeMs = column.timesMs[i] as number;
    const quality = column.qualities[i] as number;
    const changed = quality !== this.#lastQuality[tag];
    this.#lastQuality[tag] = quality;
    const inTurn =
      policy === FilterPolicy.SUMMARY ? this.#opensPane(tag, timeMs) : this.#isNth(tag);
    return inTurn || changed || timeMs < (this.#alertUntilMs[tag] as number);
  }

  #opensPane(tag: number, timeMs: number): boolean {
    const pane = Math.floor(timeMs / summaryPaneMs);
    const opens = pane !== this.#lastPane[tag];
    this.#lastPane[tag] = pane;
    return opens;
  }

  #isNth(tag: number): boolean {
    const seen = this.#seen[tag] as number;
    this.#seen[tag] = seen + 1;
    return seen % thinKeepEvery === 0;
  }
}
