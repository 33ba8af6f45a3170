/** From readings to one-minute summaries, and from minutes to hours. Pure. */
import { elementAt, f64, u8 } from "@weir/contracts/elements.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { figuresFrom, type TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { addReading, emptyPane, mergeInto, paneSlope } from "@weir/detectors/pane.ts";
import type { HistoryRow } from "./history-table.ts";

export type Summary = Omit<HistoryRow, "tag">;

export interface Readings {
  timesMs: Float64Array;
  values: Float64Array;
  qualities: Uint8Array;
}

/**
 * One summary a bucket that holds at least one usable reading, in order of time. Bad and stale
 * readings and those without a value do not count: a bad sensor is never a bad process.
 */
export function summarise(readings: Readings, bucketMs: number): Summary[] {
  const { timesMs, values } = readings;
  const summaries: Summary[] = [];
  for (let from = 0; from < timesMs.length; ) {
    const atMs = Math.floor(f64(timesMs, from) / bucketMs) * bucketMs;
    let to = from;
    while (to < timesMs.length && f64(timesMs, to) < atMs + bucketMs) to++;
    const summary = summariseRange(readings, from, { to, atMs });
    if (summary) summaries.push(summary);
    from = to;
  }
  return summaries;

  function usable(i: number): boolean {
    return u8(readings.qualities, i) <= Quality.UNCERTAIN && !Number.isNaN(values[i]);
  }

  /** Two passes, so that a small spread on a large value keeps its digits. */
  function summariseRange(
    { timesMs: t, values: x }: Readings,
    from: number,
    { to, atMs }: { to: number; atMs: number },
  ): Summary | undefined {
    let n = 0;
    let sum = 0;
    let sumT = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      if (!usable(i)) continue;
      const value = f64(x, i);
      n += 1;
      sum += value;
      sumT += f64(t, i) - atMs;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (n === 0) return undefined;
    const mean = sum / n;
    const meanT = sumT / n;
    let m2 = 0;
    let tt = 0;
    let tx = 0;
    for (let i = from; i < to; i++) {
      if (!usable(i)) continue;
      const dx = f64(x, i) - mean;
      const dt = f64(t, i) - atMs - meanT;
      m2 += dx * dx;
      tt += dt * dt;
      tx += dt * dx;
    }
    const slopePerS = tt > 0 ? (tx / tt) * 1_000 : 0;
    return { atMs, n, mean, min, max, sd: Math.sqrt(m2 / n), slopePerS };
  }
}

/** One summary of panes and of the readings beside them, all of one bucket; bad ones do not count here either. */
export function summariseWithPanes(
  readings: Readings | undefined,
  panes: readonly TagPane[],
  atMs: number,
): Summary | undefined {
  const all = emptyPane();
  for (const [i, quality] of (readings?.qualities ?? new Uint8Array()).entries()) {
    if (quality > Quality.UNCERTAIN || !readings) continue;
    addReading(all, f64(readings.timesMs, i) - atMs, f64(readings.values, i));
  }
  for (const pane of panes) {
    if (pane.quality <= Quality.UNCERTAIN) mergeInto(all, figuresFrom(pane, atMs));
  }
  const { count: n, mean, min, max, m2 } = all;
  if (n === 0) return undefined;
  return { atMs, n, mean, min, max, sd: Math.sqrt(m2 / n), slopePerS: paneSlope(all) };
}

/** Merges summaries of shorter buckets, given in order of time, into buckets of `bucketMs`. */
export function coarsen(fine: readonly Summary[], bucketMs: number): Summary[] {
  const coarse: Summary[] = [];
  for (let from = 0; from < fine.length; ) {
    const atMs = Math.floor(elementAt(fine, from).atMs / bucketMs) * bucketMs;
    let to = from;
    while (to < fine.length && elementAt(fine, to).atMs < atMs + bucketMs) to++;
    coarse.push(merge(fine.slice(from, to), atMs));
    from = to;
  }
  return coarse;
}

function merge(parts: readonly Summary[], atMs: number): Summary {
  const only = elementAt(parts, 0);
  if (parts.length === 1) return { ...only, atMs };
  let n = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const part of parts) {
    n += part.n;
    sum += part.n * part.mean;
    min = Math.min(min, part.min);
    max = Math.max(max, part.max);
  }
  const mean = sum / n;
  let m2 = 0;
  for (const part of parts) m2 += part.n * (part.sd ** 2 + (part.mean - mean) ** 2);
  return { atMs, n, mean, min, max, sd: Math.sqrt(m2 / n), slopePerS: slopeOf(parts) };
}

/** Least squares through the parts' means; the slope of a part itself when there is one only. */
function slopeOf(parts: readonly Summary[]): number {
  const meanT = parts.reduce((sum, part) => sum + part.atMs, 0) / parts.length;
  const meanX = parts.reduce((sum, part) => sum + part.mean, 0) / parts.length;
  let tt = 0;
  let tx = 0;
  for (const part of parts) {
    tt += (part.atMs - meanT) ** 2;
    tx += (part.atMs - meanT) * (part.mean - meanX);
  }
  return tt > 0 ? (tx / tt) * 1_000 : elementAt(parts, 0).slopePerS;
}
