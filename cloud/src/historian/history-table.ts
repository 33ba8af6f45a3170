/** Summaries of tags over buckets of time, as columns: the form of our Parquet files and of imports. */
import { elementAt, numberAt } from "@weir/contracts/elements.ts";

export type Layer = "minute" | "hour";

/** Row i of each column is one tag and bucket. `at_ms` is the start of the bucket. */
export interface HistoryTable {
  tag: string[];
  atMs: number[];
  n: number[];
  mean: number[];
  min: number[];
  max: number[];
  /** Population standard deviation within the bucket. */
  sd: number[];
  /** Least-squares slope within the bucket, unit per second. */
  slopePerS: number[];
}

export interface HistoryRow {
  tag: string;
  atMs: number;
  n: number;
  mean: number;
  min: number;
  max: number;
  sd: number;
  slopePerS: number;
}

export const emptyTable = (): HistoryTable => ({
  tag: [],
  atMs: [],
  n: [],
  mean: [],
  min: [],
  max: [],
  sd: [],
  slopePerS: [],
});

export function pushRow(table: HistoryTable, row: HistoryRow): void {
  table.tag.push(row.tag);
  table.atMs.push(row.atMs);
  table.n.push(row.n);
  table.mean.push(row.mean);
  table.min.push(row.min);
  table.max.push(row.max);
  table.sd.push(row.sd);
  table.slopePerS.push(row.slopePerS);
}

export const rowAt = (table: HistoryTable, i: number): HistoryRow => ({
  tag: elementAt(table.tag, i),
  atMs: numberAt(table.atMs, i),
  n: numberAt(table.n, i),
  mean: numberAt(table.mean, i),
  min: numberAt(table.min, i),
  max: numberAt(table.max, i),
  sd: numberAt(table.sd, i),
  slopePerS: numberAt(table.slopePerS, i),
});

export const rowsOf = (table: HistoryTable): HistoryRow[] =>
  table.tag.map((_, i) => rowAt(table, i));
