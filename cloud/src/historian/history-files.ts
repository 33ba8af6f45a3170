/** Sealed history: Parquet by site and day, written once, never changed. The adapter is history-files.duckdb.ts. */
import type { HistoryTable, Layer } from "./history-table.ts";
import type { CoverageSpan, HourCoverage } from "./tag-coverage.ts";

export interface WrittenFile {
  rowCount: number;
  bytes: number;
  /** Start of its newest bucket. */
  newestMs: number;
}

/** Two rows of the same tag and bucket: `combine` adds their readings, `best` keeps the fuller one. */
export type MergeRule = "combine" | "best";

export interface HistoryFiles {
  /** Writes `table` merged with the rows of `base`, sorted by tag and time. */
  writeTable(
    file: string,
    table: HistoryTable,
    options: { base: string | undefined; merge: MergeRule },
  ): Promise<WrittenFile>;
  /** Writes the hours of a day from its file of minutes, the fuller of them and `base` for each hour. */
  writeHours(file: string, minuteFile: string, base: string | undefined): Promise<WrittenFile>;
  /**
   * Splits an export into days and writes those files, merged with what there is.
   * @throws Fault CLOUD_PARQUET_READ
   */
  importExport(
    source: string,
    place: (layer: Layer, dayStartMs: number) => { file: string; base: string | undefined },
  ): Promise<ImportedDay[]>;
  /** Rows of `tags` within [fromMs, toMs), sorted by tag and time. */
  read(files: readonly string[], query: HistoryQuery): Promise<HistoryTable>;
  /** What each tag has in files of hours. */
  hourCoverage(files: readonly string[], span: CoverageSpan): Promise<HourCoverage[]>;
  /** Rows of each tag from `fromMs` on, in files of minutes. */
  counts(files: readonly string[], fromMs: number): Promise<Map<string, number>>;
  /** Distinct tags of a file. */
  tags(file: string): Promise<string[]>;
  close(): void;
}

export interface HistoryQuery {
  tags: readonly string[];
  fromMs: number;
  toMs: number;
}

export interface ImportedDay extends WrittenFile {
  layer: Layer;
  dayStartMs: number;
  file: string;
}
