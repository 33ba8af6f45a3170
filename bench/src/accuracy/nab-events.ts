/** The same alarms counted as an operator would: anomalies found, false alarms, how late. */
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import type { Series } from "./nab-corpus.ts";

export interface EventCount {
  windows: number;
  found: number;
  falseAlarms: number;
  /** Judged time outside all windows. */
  sensorMonths: number;
  /** From the start of a found window to its first alarm, as a share of the window; sorted. */
  delayShares: number[];
}

const hourMs = 3_600_000;
const monthMs = 30.44 * 24 * hourMs;

/** A false alarm is an alarm outside all windows; what follows within the hour belongs to it. */
export function countEvents(
  corpus: readonly Series[],
  scores: readonly Float64Array[],
  threshold: number,
): EventCount {
  const count: EventCount = {
    windows: 0,
    found: 0,
    falseAlarms: 0,
    sensorMonths: 0,
    delayShares: [],
  };
  for (const [f, series] of corpus.entries())
    countSeries(series, elementAt(scores, f), threshold, count);
  count.delayShares.sort((a, b) => a - b);
  return count;
}

function countSeries(
  { values, timesMs, windows, judgedFrom }: Series,
  scores: Float64Array,
  threshold: number,
  count: EventCount,
): void {
  count.windows += windows.length;
  for (const { left, right } of windows) {
    const first = scores.subarray(left, right + 1).findIndex((score) => score >= threshold);
    if (first < 0) continue;
    count.found += 1;
    count.delayShares.push(first / (right - left));
  }
  let next = 0;
  let alarmMs = Number.NEGATIVE_INFINITY;
  for (let i = judgedFrom; i < values.length; i++) {
    while (next < windows.length && elementAt(windows, next).right < i) next += 1;
    if (next < windows.length && elementAt(windows, next).left <= i) continue;
    const sinceMs = i === 0 ? 0 : f64(timesMs, i) - f64(timesMs, i - 1);
    count.sensorMonths += Math.max(0, sinceMs) / monthMs;
    if (f64(scores, i) < threshold || f64(timesMs, i) - alarmMs < hourMs) continue;
    alarmMs = f64(timesMs, i);
    count.falseAlarms += 1;
  }
}

/** 95 % interval of a share, as fractions. @see Wilson, JASA 22 (1927). */
export function wilson(hits: number, trials: number): [number, number] {
  if (trials === 0) return [0, 1];
  const z = 1.96;
  const share = hits / trials;
  const centre = share + z ** 2 / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  const scale = 1 + z ** 2 / trials;
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}
