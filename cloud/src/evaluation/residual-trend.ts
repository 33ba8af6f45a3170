/** Where a health score is heading. Pure. */
import { elementAt } from "@weir/contracts/elements.ts";
import { hourMs } from "../limits.ts";

export interface ScorePoint {
  atMs: number;
  score: number;
}

export type TrendWord = "steady" | "rising" | "falling";

/** Hours of scores that a trend is read from. */
export const trendHours = 48;
/** Fewest points of a trend. */
const pointCountMin = 6;
/** A change over `trendHours` below this share of the threshold is steady. */
const steadyShare = 0.3;

/** Least-squares slope of the newest `trendHours`, score units per hour; NaN with too few points. */
export function trendSlope(points: readonly ScorePoint[]): number {
  const newest = points.at(-1)?.atMs ?? 0;
  const recent = points.filter((point) => point.atMs > newest - trendHours * hourMs);
  if (recent.length < pointCountMin) return Number.NaN;
  const meanT = recent.reduce((sum, point) => sum + point.atMs / hourMs, 0) / recent.length;
  const meanX = recent.reduce((sum, point) => sum + point.score, 0) / recent.length;
  let tt = 0;
  let tx = 0;
  for (const { atMs, score } of recent) {
    tt += (atMs / hourMs - meanT) ** 2;
    tx += (atMs / hourMs - meanT) * (score - meanX);
  }
  return tt > 0 ? tx / tt : Number.NaN;
}

export function trendWord(points: readonly ScorePoint[], threshold: number): TrendWord {
  const change = trendSlope(points) * trendHours;
  if (!(Math.abs(change) > steadyShare * threshold)) return "steady";
  return change > 0 ? "rising" : "falling";
}

/** How many of the newest points in a row lie above `threshold`. */
export function hoursAbove(points: readonly ScorePoint[], threshold: number): number {
  let count = 0;
  for (let i = points.length - 1; i >= 0 && elementAt(points, i).score > threshold; i--) count++;
  return count;
}
