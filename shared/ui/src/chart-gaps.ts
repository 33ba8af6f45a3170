/** Where a series has nothing to show: stretches without a value, and the one that lasts until now. */

import type { SeriesView } from "@weir/contracts/api/live.ts";
import { numberAt } from "@weir/contracts/elements.ts";

export interface Gap {
  /** UTC milliseconds. */
  fromMs: number;
  toMs: number;
  /** Nothing has come since: it is silent now. */
  isOpen: boolean;
}

/** So many buckets may be empty before it is a gap: the newest is not full yet, slow tags skip some. */
const emptyMax = 2;

export interface GapSpan {
  fromMs: number;
  toMs: number;
  nowMs: number;
  /** So much later than it is read a value may arrive here, milliseconds. */
  lateMs?: number;
}

/**
 * Gaps within [fromMs, toMs), oldest first. `nowMs`: a gap that reaches it is open, once it is longer than
 * what is still on its way. The stretch before a tag's first value is one as well: nothing is known of it.
 */
export function gapsOf(
  { at, mean }: Pick<SeriesView, "at" | "mean">,
  { fromMs, toMs, nowMs, lateMs = 0 }: GapSpan,
): Gap[] {
  const step = at.length > 1 ? (numberAt(at, 1) - numberAt(at, 0)) * 1000 : 60_000;
  const gaps: Gap[] = [];
  const close = (from: number, to: number) => {
    const isOpen = to >= Math.min(toMs, nowMs);
    if (to - from <= emptyMax * step + (isOpen ? lateMs : 0)) return;
    gaps.push({ fromMs: from, toMs: to, isOpen });
  };
  let fromEmptyMs = fromMs;
  for (const [index, seconds] of at.entries()) {
    if (mean[index] === null || mean[index] === undefined) continue;
    close(fromEmptyMs, seconds * 1000);
    fromEmptyMs = seconds * 1000 + step;
  }
  close(fromEmptyMs, Math.min(toMs, nowMs));
  return gaps;
}

/** Median distance between values that follow one another, in points of `values`; 1 for a full one. */
function usualDistance(values: readonly (number | null)[]): number {
  const places = values.flatMap((value, index) => (value === null ? [] : [index]));
  const distances = places.slice(1).map((place, i) => place - numberAt(places, i));
  distances.sort((a, b) => a - b);
  return distances[Math.floor(distances.length / 2)] ?? 1;
}

/** Share of a small line, from its end, that has heard nothing; 0 while it is only waiting for the next value. */
export function silentShare(values: readonly (number | null)[]): number {
  if (values.length === 0) return 0;
  const last = values.findLastIndex((value) => value !== null);
  const empty = values.length - 1 - last;
  return empty > emptyMax * usualDistance(values) ? empty / values.length : 0;
}

type Columns = Pick<SeriesView, "at" | "mean" | "min" | "max">;

/** The same columns with an empty row in each gap between rows, so that no line is drawn across it. */
export function withBreaks({ at, mean, min, max }: Columns): Columns {
  const steps = at.slice(1).map((seconds, i) => seconds - numberAt(at, i));
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const out: Columns = { at: [], mean: [], min: [], max: [] };
  const put = (seconds: number, row: readonly (number | null)[]) => {
    out.at.push(seconds);
    out.mean.push(row[0] ?? null);
    out.min.push(row[1] ?? null);
    out.max.push(row[2] ?? null);
  };
  for (const [index, seconds] of at.entries()) {
    const before = at[index - 1];
    if (before !== undefined && seconds - before > (emptyMax + 0.5) * usual)
      put(before + usual, [null, null, null]);
    put(seconds, [mean[index] ?? null, min[index] ?? null, max[index] ?? null]);
  }
  return out;
}
