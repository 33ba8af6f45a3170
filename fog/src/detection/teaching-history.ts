/** A stage's past, as its model learns it: windows of minutes, and hours of a longer time. */
import { f32, u32 } from "@weir/contracts/elements.ts";
import type { Bucket } from "@weir/detectors/pane.ts";
import {
  historyOfBuckets,
  type StageHistory,
  type StageTag,
  stageWindowMs,
} from "@weir/detectors/stage-history.ts";
import type { HistoryReader, HistoryRow } from "../historian/history-reader.ts";
import { minuteMs } from "../windows/minute-windows.ts";

const hourMs = 3_600_000;

export function teachingHistory(
  reader: HistoryReader,
  columns: readonly StageTag[],
  span: { fromMs: number; toMs: number; width: "minute" | "hour" },
): StageHistory {
  const ids = columns.map((column) => column.id);
  const lengthMs = span.width === "minute" ? minuteMs : hourMs;
  const rows =
    span.width === "minute"
      ? reader.minutes(ids, span.fromMs, span.toMs)
      : reader.hours(ids, span.fromMs, span.toMs);
  const buckets: Bucket[][] = columns.map(() => []);
  for (const row of rows) addBuckets(buckets, row, lengthMs);
  return historyOfBuckets(columns, buckets, {
    bucketMs: lengthMs,
    windowMs: span.width === "minute" ? stageWindowMs : hourMs,
  });
}

function addBuckets(buckets: Bucket[][], row: HistoryRow, lengthMs: number): void {
  for (const [index, column] of buckets.entries()) {
    const count = u32(row.n, index);
    if (count === 0) continue;
    column.push({
      atMs: row.atMs,
      lengthMs,
      count,
      mean: f32(row.mean, index),
      sd: f32(row.sd, index),
      slope: f32(row.slope, index),
      min: f32(row.min, index),
      max: f32(row.max, index),
    });
  }
}
