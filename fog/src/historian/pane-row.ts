/**
 * Summaries of one minute (or hour), one per tag, as columns. 24 bytes a tag: a plant of 280 tags
 * keeps a year of minutes in 3.5 GB and a year of hours in 60 MB.
 */

import assert from "node:assert";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { f32, f64, u8 } from "@weir/contracts/elements.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { figuresFrom, type TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { addReading, emptyPane, mergeInto, paneSd, paneSlope } from "@weir/detectors/pane.ts";
import { isUsable } from "./summaries.ts";

/** Index = site-wide tag index. NaN and n = 0 where the tag has no usable value. */
export interface PaneRow {
  /** Good and uncertain values; bad and stale ones are not summarised. */
  readonly n: Uint32Array;
  readonly mean: Float32Array;
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** Sample standard deviation. */
  readonly sd: Float32Array;
  /** Least squares, unit per second. */
  readonly slope: Float32Array;
}

const version = 1;
const headerBytes = 4;
const tagCountMax = 65_535;

export function emptyPanes(tagCount: number): PaneRow {
  const blank = () => new Float32Array(tagCount).fill(Number.NaN);
  return {
    n: new Uint32Array(tagCount),
    mean: blank(),
    min: blank(),
    max: blank(),
    sd: blank(),
    slope: blank(),
  };
}

/** Summarises the columns of one bucket; `originMs` is its start. */
export function panesOf(
  columns: readonly BlockColumn[],
  tagCount: number,
  originMs: number,
): PaneRow {
  const row = emptyPanes(tagCount);
  for (const column of columns) summarise(row, column, originMs);
  return row;
}

function summarise(row: PaneRow, column: BlockColumn, originMs: number): void {
  const { values, qualities, timesMs } = column;
  let n = 0;
  let mean = 0;
  let m2 = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let meanAt = 0;
  let m2At = 0;
  let cross = 0;
  for (let i = 0; i < values.length; i++) {
    const value = f64(values, i);
    if (u8(qualities, i) > Quality.UNCERTAIN || !Number.isFinite(value)) continue;
    n += 1;
    const at = (f64(timesMs, i) - originMs) / 1_000;
    const delta = value - mean;
    const deltaAt = at - meanAt;
    mean += delta / n;
    meanAt += deltaAt / n;
    m2 += delta * (value - mean);
    m2At += deltaAt * (at - meanAt);
    cross += deltaAt * (value - mean);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (n === 0) return;
  const tag = column.tag;
  row.n[tag] = n;
  row.mean[tag] = mean;
  row.min[tag] = min;
  row.max[tag] = max;
  row.sd[tag] = n > 1 ? Math.sqrt(m2 / (n - 1)) : 0;
  row.slope[tag] = m2At > 0 ? cross / m2At : 0;
}

/** Puts tags with `panes` into `row` anew; `columns` are those that the row was made of. */
export function addPanes(
  row: PaneRow,
  panes: readonly TagPane[],
  { columns, originMs }: { columns: readonly BlockColumn[]; originMs: number },
): void {
  for (const [tag, list] of Map.groupBy(panes.filter(isUsable), (pane) => pane.tag)) {
    const all = emptyPane();
    for (const { timesMs, values, qualities } of columns.filter((column) => column.tag === tag)) {
      for (const [i, quality] of qualities.entries()) {
        if (quality > Quality.UNCERTAIN) continue;
        addReading(all, f64(timesMs, i) - originMs, f64(values, i));
      }
    }
    for (const pane of list) mergeInto(all, figuresFrom(pane, originMs));
    row.n[tag] = all.count;
    row.mean[tag] = all.mean;
    row.min[tag] = all.min;
    row.max[tag] = all.max;
    row.sd[tag] = paneSd(all);
    row.slope[tag] = paneSlope(all);
  }
}

/** Rows of consecutive buckets, merged into one; slopes by the means of the parts. */
export function mergePanes(
  parts: readonly { atMs: number; panes: PaneRow }[],
  tagCount: number,
): PaneRow {
  const merged = emptyPanes(tagCount);
  for (let tag = 0; tag < tagCount; tag++) mergeTag(merged, tag, parts);
  return merged;
}

function mergeTag(
  merged: PaneRow,
  tag: number,
  parts: readonly { atMs: number; panes: PaneRow }[],
): void {
  let n = 0;
  let mean = 0;
  let m2 = 0;
  let meanAt = 0;
  let m2At = 0;
  let cross = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const { atMs, panes } of parts) {
    const count = panes.n[tag] ?? 0;
    if (count === 0) continue;
    const partMean = f32(panes.mean, tag);
    const total = n + count;
    const delta = partMean - mean;
    const deltaAt = atMs / 1_000 - meanAt;
    const weight = (n * count) / total;
    m2 += (count - 1) * f32(panes.sd, tag) ** 2 + delta * delta * weight;
    m2At += deltaAt * deltaAt * weight;
    cross += delta * deltaAt * weight;
    mean += (delta * count) / total;
    meanAt += (deltaAt * count) / total;
    n = total;
    min = Math.min(min, f32(panes.min, tag));
    max = Math.max(max, f32(panes.max, tag));
  }
  if (n === 0) return;
  merged.n[tag] = n;
  merged.mean[tag] = mean;
  merged.min[tag] = min;
  merged.max[tag] = max;
  merged.sd[tag] = n > 1 ? Math.sqrt(Math.max(0, m2) / (n - 1)) : 0;
  merged.slope[tag] = m2At > 0 ? cross / m2At : 0;
}

/*
  Pane blob v1 (little-endian)
      0  u16  version
      2  u16  tags T
      4  f32  mean[T], min[T], max[T], sd[T], slope[T]
  4+20T  u32  n[T]
*/
export function encodePanes(row: PaneRow): Uint8Array {
  const count = row.n.length;
  assert(count <= tagCountMax, "a site has at most 65 535 tags");
  const bytes = new Uint8Array(headerBytes + 24 * count);
  new Uint16Array(bytes.buffer, 0, 2).set([version, count]);
  const floats = new Float32Array(bytes.buffer, headerBytes, 5 * count);
  for (const [i, column] of [row.mean, row.min, row.max, row.sd, row.slope].entries()) {
    floats.set(column, i * count);
  }
  new Uint32Array(bytes.buffer, headerBytes + 20 * count, count).set(row.n);
  return bytes;
}

export function decodePanes(blob: Uint8Array): PaneRow {
  // Copied: SQLite's buffers are not aligned to four bytes.
  const bytes = new Uint8Array(blob);
  const [written, count] = new Uint16Array(bytes.buffer, 0, 2) as unknown as [number, number];
  assert(written === version, `pane version ${written}`);
  const column = (i: number) => new Float32Array(bytes.buffer, headerBytes + 4 * i * count, count);
  return {
    mean: column(0),
    min: column(1),
    max: column(2),
    sd: column(3),
    slope: column(4),
    n: new Uint32Array(bytes.buffer, headerBytes + 20 * count, count),
  };
}
