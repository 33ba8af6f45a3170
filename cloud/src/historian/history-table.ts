/** Summaries of tags over buckets of time, as columns: the form of our Parquet files and of imports. */

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
  tag: table.tag[i] as string,
  atMs: table.atMs[i] as number,
  n: table.n[i] as number,
  mean: table.mean[i] as number,
  min: table.min[i] as number,
  max: table.max[i] as number,
  sd: table.sd[i] as number,
  slopePerS: table.slopePerS[i] as number,
});

export const rowsOf = (table: HistoryTable): HistoryRow[] =>
  table.tag.map((_, i) => rowAt(table, i));
