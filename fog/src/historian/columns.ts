/** Cutting and joining columns of readings. Parts of a column share its memory. */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { f64, u8 } from "@weir/contracts/elements.ts";

/** Calls `take` once per bucket that the column touches, oldest first. */
export function splitByBucket(
  column: BlockColumn,
  bucketMs: number,
  take: (bucketStartMs: number, part: BlockColumn) => void,
): void {
  const { timesMs } = column;
  let from = 0;
  while (from < timesMs.length) {
    const start = Math.floor(f64(timesMs, from) / bucketMs) * bucketMs;
    let to = from + 1;
    // Times do not decrease within a column, so the last one decides for most.
    if (f64(timesMs, timesMs.length - 1) < start + bucketMs) to = timesMs.length;
    else while (f64(timesMs, to) < start + bucketMs) to += 1;
    take(start, from === 0 && to === timesMs.length ? column : slice(column, from, to));
    from = to;
  }
}

const slice = (column: BlockColumn, from: number, to: number): BlockColumn => ({
  tag: column.tag,
  timesMs: column.timesMs.subarray(from, to),
  values: column.values.subarray(from, to),
  qualities: column.qualities.subarray(from, to),
});

/** Joins the parts of one tag into one column, in order of time; equal times keep the order of parts. */
export function joinColumns(tag: number, parts: readonly BlockColumn[]): BlockColumn {
  const only = parts[0];
  if (parts.length === 1 && only) return only.tag === tag ? only : { ...only, tag };
  let length = 0;
  for (const part of parts) length += part.timesMs.length;
  const joined = {
    tag,
    timesMs: new Float64Array(length),
    values: new Float64Array(length),
    qualities: new Uint8Array(length),
  };
  let at = 0;
  let last = Number.NEGATIVE_INFINITY;
  let ordered = true;
  for (const part of parts) {
    if (part.timesMs.length === 0) continue;
    ordered &&= f64(part.timesMs, 0) >= last;
    last = f64(part.timesMs, part.timesMs.length - 1);
    joined.timesMs.set(part.timesMs, at);
    joined.values.set(part.values, at);
    joined.qualities.set(part.qualities, at);
    at += part.timesMs.length;
  }
  return ordered ? joined : sorted(joined);
}

function sorted(column: BlockColumn): BlockColumn {
  const order = Array.from(column.timesMs.keys()).sort(
    (a, b) => f64(column.timesMs, a) - f64(column.timesMs, b) || a - b,
  );
  return {
    tag: column.tag,
    timesMs: Float64Array.from(order, (i) => f64(column.timesMs, i)),
    values: Float64Array.from(order, (i) => f64(column.values, i)),
    qualities: Uint8Array.from(order, (i) => u8(column.qualities, i)),
  };
}

export function readingCount(columns: readonly BlockColumn[]): number {
  let count = 0;
  for (const column of columns) count += column.timesMs.length;
  return count;
}
