/**
 * What a stage model learns from and is asked about: windows of the stage's own tags and of the
 * tags that explain them (upstream flows, slow analysers), one row a window.
 */

import { strict as assert } from "node:assert";
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import { type Bucket, mergePanes, type Pane, paneOfBucket, paneSd, paneSlope } from "./pane.ts";

export interface StageTag {
  /** Any stable id; the site-wide "<edge>/<device>/<name>" in the product. */
  id: string;
  /** "temperature", "flow", … : like sensors of a stage share it; "" or "other" where nobody knows. */
  kind: string;
  /** What the instrument may be off and still be right, in its unit; 1 % of the level where left out. */
  tolerance?: number | undefined;
  stage: string;
  /** false = only explains the others, is never judged itself. */
  own: boolean;
}

/** Rows of windows, columns by tag. NaN where a tag had no good reading in the window. */
export interface StageHistory {
  tags: readonly StageTag[];
  rowCount: number;
  /** End of each window, UTC milliseconds, ascending. */
  atMs: Float64Array;
  /** `[tag][row]`, in the tag's unit. */
  mean: readonly Float64Array[];
  sd: readonly Float64Array[];
  /** units per second */
  slope: readonly Float64Array[];
}

/** One window, live: the same columns as a history, one value a tag. */
export interface StageRow {
  /** End of the window, UTC milliseconds. */
  atMs: number;
  mean: ArrayLike<number>;
  sd: ArrayLike<number>;
  slope: ArrayLike<number>;
}

/** The windows that the fog judges: five minutes long, one every minute. */
export const stageWindowMs = 300_000;
export const stageHopMs = 60_000;

/** A row whose arrays are filled again and again: for loops over long histories. */
export interface RowBuffer extends StageRow {
  atMs: number;
  readonly mean: Float64Array;
  readonly sd: Float64Array;
  readonly slope: Float64Array;
}

export const rowBuffer = (tagCount: number): RowBuffer => ({
  atMs: 0,
  mean: new Float64Array(tagCount),
  sd: new Float64Array(tagCount),
  slope: new Float64Array(tagCount),
});

/** Copies row `row` of `history` into `buffer` and returns it. */
export function readRow(history: StageHistory, row: number, buffer: RowBuffer): RowBuffer {
  buffer.atMs = f64(history.atMs, row);
  for (let tag = 0; tag < history.tags.length; tag++) {
    buffer.mean[tag] = f64(elementAt(history.mean, tag), row);
    buffer.sd[tag] = f64(elementAt(history.sd, tag), row);
    buffer.slope[tag] = f64(elementAt(history.slope, tag), row);
  }
  return buffer;
}

export const historyRow = (history: StageHistory, row: number): StageRow => ({
  atMs: f64(history.atMs, row),
  mean: history.mean.map((column) => f64(column, row)),
  sd: history.sd.map((column) => f64(column, row)),
  slope: history.slope.map((column) => f64(column, row)),
});

/** The row of one live window: `panes[tag]` is the merged window of that tag, undefined when it had none. */
export const rowOfPanes = (atMs: number, panes: readonly (Pane | undefined)[]): StageRow => {
  const has = (pane: Pane | undefined): pane is Pane => pane !== undefined && pane.count > 0;
  return {
    atMs,
    mean: panes.map((pane) => (has(pane) ? pane.mean : Number.NaN)),
    sd: panes.map((pane) => (has(pane) ? paneSd(pane) : Number.NaN)),
    slope: panes.map((pane) => (has(pane) ? paneSlope(pane) : Number.NaN)),
  };
};

/**
 * Sliding windows from stored buckets: `buckets[tag]` ascending in time, all of `bucketMs`.
 * A window of `windowMs` ends at every multiple of `bucketMs` at which any tag has one; with
 * `windowMs` = `bucketMs` (hours, say) each bucket is a row.
 */
export function historyOfBuckets(
  tags: readonly StageTag[],
  buckets: readonly (readonly Bucket[])[],
  { bucketMs, windowMs }: { bucketMs: number; windowMs: number },
): StageHistory {
  assert(tags.length === buckets.length && windowMs % bucketMs === 0);
  const length = windowMs / bucketMs;
  const ends = new Set<number>();
  const panes = buckets.map((column) => {
    const byNumber = new Map<number, Pane>();
    for (const bucket of column) {
      const number = Math.floor(bucket.atMs / bucketMs);
      byNumber.set(number, paneOfBucket(bucket));
      ends.add(number);
    }
    return byNumber;
  });
  const numbers = Float64Array.from(ends).sort();
  const column = (): Float64Array => new Float64Array(numbers.length).fill(Number.NaN);
  const history = {
    tags,
    rowCount: numbers.length,
    atMs: numbers.map((number) => (number + 1) * bucketMs),
    mean: tags.map(column),
    sd: tags.map(column),
    slope: tags.map(column),
  };
  for (let row = 0; row < numbers.length; row++) {
    for (let tag = 0; tag < tags.length; tag++) {
      const parts: Pane[] = [];
      for (let back = length - 1; back >= 0; back--) {
        const pane = elementAt(panes, tag).get(f64(numbers, row) - back);
        if (pane !== undefined && pane.count > 0) parts.push(pane);
      }
      if (parts.length === 0) continue;
      const merged = mergePanes(parts);
      elementAt(history.mean, tag)[row] = merged.mean;
      elementAt(history.sd, tag)[row] = paneSd(merged);
      elementAt(history.slope, tag)[row] = paneSlope(merged);
    }
  }
  return history;
}
