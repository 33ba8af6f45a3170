/** Parquet through DuckDB, in its own threads. The one import of @duckdb/node-api. */
import { renameSync, statSync } from "node:fs";
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  VARCHAR,
} from "@duckdb/node-api";
import { CloudFault } from "../faults.ts";
import { dayMs, hourMs } from "../limits.ts";
import type {
  HistoryFiles,
  HistoryQuery,
  ImportedDay,
  MergeRule,
  WrittenFile,
} from "./history-files.ts";
import type { HistoryTable, Layer } from "./history-table.ts";
import type { CoverageSpan, HourCoverage } from "./tag-coverage.ts";

/** Rows of one data chunk: DuckDB's vector size. */
const chunkRowCount = 2_048;
const columnTypes = [VARCHAR, DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE, DOUBLE];
const columnList = "tag, at_ms, n, mean, min, max, sd, slope_per_s";
/** The smallest files of those measured, with row groups that prune well. */
const copyOptions = "format parquet, compression zstd, parquet_version v2, row_group_size 122880";

// One row a (tag, at_ms) from several: weights are counts. A row alone passes through unchanged.
const combined = `
  tag, at_ms, sum(n) AS n,
  CASE WHEN count(*) = 1 THEN any_value(mean) ELSE sum(n * mean) / sum(n) END AS mean,
  min(min) AS min, max(max) AS max,
  CASE WHEN count(*) = 1 THEN any_value(sd) ELSE
    sqrt(greatest(0, sum(n * (sd * sd + mean * mean)) / sum(n) - (sum(n * mean) / sum(n)) ^ 2))
  END AS sd,
  CASE WHEN count(*) = 1 THEN any_value(slope_per_s) ELSE sum(n * slope_per_s) / sum(n) END AS slope_per_s`;

const hoursOf = (source: string) => `
  SELECT tag, hour AS at_ms, sum(n) AS n, sum(n * mean) / sum(n) AS mean, min(min) AS min,
    max(max) AS max,
    sqrt(greatest(0, sum(n * (sd * sd + mean * mean)) / sum(n) - (sum(n * mean) / sum(n)) ^ 2)) AS sd,
    coalesce(regr_slope(mean, (at_ms - hour) / 1000), any_value(slope_per_s)) AS slope_per_s
  FROM (SELECT *, floor(at_ms / ${hourMs}) * ${hourMs} AS hour FROM ${source})
  GROUP BY tag, hour`;

const merged = (source: string, merge: MergeRule) =>
  merge === "combine"
    ? `SELECT ${combined} FROM (${source}) GROUP BY tag, at_ms`
    : `SELECT ${columnList} FROM (${source})
       QUALIFY row_number() OVER (PARTITION BY tag, at_ms ORDER BY n DESC) = 1`;

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const parquet = (files: readonly string[]) => `read_parquet([${files.map(text).join(", ")}])`;
const selectAll = (source: string) => `SELECT ${columnList} FROM ${source}`;

export async function openDuckdbFiles(): Promise<HistoryFiles> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1", memory_limit: "512MB" });
  const connection = await instance.connect();
  let tableCount = 0;

  const copy = async (query: string, file: string): Promise<WrittenFile> => {
    const partial = `${file}.partial`;
    const result = await connection.run(
      `COPY (SELECT ${columnList} FROM (${query}) ORDER BY tag, at_ms) TO ${text(partial)} (${copyOptions})`,
    );
    // Only a whole file gets its name, so that a crash leaves nothing that looks like history.
    renameSync(partial, file);
    const newest = await connection.runAndReadAll(
      `SELECT coalesce(max(at_ms), 0) FROM ${parquet([file])}`,
    );
    return {
      rowCount: Number(result.rowsChanged),
      bytes: statSync(file).size,
      newestMs: Number(newest.getRowsJS()[0]?.[0]),
    };
  };

  const withTable = async <T>(
    table: HistoryTable,
    use: (name: string) => Promise<T>,
  ): Promise<T> => {
    const name = `incoming_${tableCount++}`;
    await connection.run(
      `CREATE TEMP TABLE ${name} (tag VARCHAR, at_ms DOUBLE, n DOUBLE, mean DOUBLE, min DOUBLE, max DOUBLE, sd DOUBLE, slope_per_s DOUBLE)`,
    );
    try {
      await fill(connection, name, table);
      return await use(name);
    } finally {
      await connection.run(`DROP TABLE ${name}`);
    }
  };

  return {
    writeTable: (file, table, { base, merge }) =>
      withTable(table, (name) => {
        const all = base
          ? `${selectAll(name)} UNION ALL ${selectAll(parquet([base]))}`
          : selectAll(name);
        return copy(merged(all, merge), file);
      }),

    writeHours: (file, minuteFile, base) => {
      const hours = selectAll(`(${hoursOf(parquet([minuteFile]))})`);
      const all = base ? `${hours} UNION ALL ${selectAll(parquet([base]))}` : hours;
      return copy(merged(all, "best"), file);
    },

    importExport: (source, place) => importExport(connection, source, { place, copy }),

    async read(files, query) {
      if (files.length === 0) return tableOf([[], [], [], [], [], [], [], []]);
      const result = await connection.runAndReadAll(
        `${selectAll(parquet(files))} WHERE ${within(query)} ORDER BY tag, at_ms`,
      );
      return tableOf(result.getColumnsJS());
    },

    hourCoverage: (list, span) => hourCoverage(connection, list, span),

    async counts(list, fromMs) {
      if (list.length === 0) return new Map();
      const result = await connection.runAndReadAll(
        `SELECT tag, count(*) FROM ${parquet(list)} WHERE at_ms >= ${fromMs} GROUP BY tag`,
      );
      return new Map(result.getRowsJS().map(([tag, count]) => [String(tag), Number(count)]));
    },

    async tags(file) {
      const result = await connection.runAndReadAll(
        `SELECT DISTINCT tag FROM ${parquet([file])} ORDER BY tag`,
      );
      return result.getRowsJS().map(([tag]) => String(tag));
    },

    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Spreads are median absolute deviations, so that a single bad week is no spread. */
async function hourCoverage(
  connection: DuckDBConnection,
  list: readonly string[],
  { hoursFromMs, usualToMs, nowFromMs }: CoverageSpan,
): Promise<HourCoverage[]> {
  if (list.length === 0) return [];
  const usual = `FILTER (WHERE at_ms < ${usualToMs})`;
  const result = await connection.runAndReadAll(
    `SELECT tag, count(*), max(at_ms), median(mean) ${usual}, mad(mean) ${usual},
       median(mean) FILTER (WHERE at_ms >= ${nowFromMs})
     FROM ${parquet(list)} WHERE at_ms >= ${hoursFromMs} GROUP BY tag`,
  );
  return result.getRowsJS().map(([tag, count, newest, before, spread, now]) => ({
    tag: String(tag),
    hours: Number(count),
    newestMs: Number(newest),
    drift: driftOf(before, spread, now),
  }));
}

/** 0 where one of them is unknown, or the tag has always stood still. */
function driftOf(before: unknown, spread: unknown, now: unknown): number {
  if (before === null || now === null || !(Number(spread) > 0)) return 0;
  return Math.abs(Number(now) - Number(before)) / Number(spread);
}

const within = ({ tags, fromMs, toMs }: HistoryQuery) =>
  `tag IN (${tags.map(text).join(", ") || "''"}) AND at_ms >= ${fromMs} AND at_ms < ${toMs}`;

async function fill(
  connection: DuckDBConnection,
  name: string,
  table: HistoryTable,
): Promise<void> {
  const appender = await connection.createAppender(name);
  const columns = [
    table.tag,
    table.atMs,
    table.n,
    table.mean,
    table.min,
    table.max,
    table.sd,
    table.slopePerS,
  ];
  for (let from = 0; from < table.tag.length; from += chunkRowCount) {
    const chunk = DuckDBDataChunk.create(columnTypes);
    chunk.setColumns(columns.map((column) => column.slice(from, from + chunkRowCount)));
    appender.appendDataChunk(chunk);
    // A day of a large site is seconds of copying: let the door and the console breathe between chunks.
    await new Promise(setImmediate);
  }
  appender.closeSync();
}

async function importExport(
  connection: DuckDBConnection,
  source: string,
  options: {
    place: (layer: Layer, dayStartMs: number) => { file: string; base: string | undefined };
    copy: (query: string, file: string) => Promise<WrittenFile>;
  },
): Promise<ImportedDay[]> {
  const day = `floor(at_ms / ${dayMs}) * ${dayMs}`;
  let days: number[];
  let layer: Layer;
  try {
    await connection.run(`${selectAll(parquet([source]))} LIMIT 0`);
    const found = await connection.runAndReadAll(
      `SELECT DISTINCT ${day} AS day FROM ${parquet([source])} ORDER BY day`,
    );
    days = found.getRowsJS().map(([value]) => Number(value));
    const offGrid = await connection.runAndReadAll(
      `SELECT count(*) FROM ${parquet([source])} WHERE at_ms % ${hourMs} <> 0`,
    );
    layer = Number(offGrid.getRowsJS()[0]?.[0]) > 0 ? "minute" : "hour";
  } catch (error) {
    throw new CloudFault(
      "CLOUD_PARQUET_READ",
      { file: source, why: (error as Error).message.split("\n", 1).join() },
      { cause: error },
    );
  }
  const imported: ImportedDay[] = [];
  for (const dayStartMs of days) {
    const { file, base } = options.place(layer, dayStartMs);
    const fresh = `SELECT tag, at_ms::DOUBLE AS at_ms, n::DOUBLE AS n, mean::DOUBLE AS mean, min::DOUBLE AS min,
      max::DOUBLE AS max, sd::DOUBLE AS sd, slope_per_s::DOUBLE AS slope_per_s
      FROM ${parquet([source])} WHERE at_ms >= ${dayStartMs} AND at_ms < ${dayStartMs + dayMs} AND n > 0`;
    const all = base ? `${fresh} UNION ALL ${selectAll(parquet([base]))}` : fresh;
    const written = await options.copy(merged(all, "best"), file);
    imported.push({ layer, dayStartMs, file, ...written });
  }
  return imported;
}

function tableOf(columns: readonly (readonly unknown[])[]): HistoryTable {
  const numbers = (index: number) => (columns[index] ?? []).map(Number);
  return {
    tag: (columns[0] ?? []).map(String),
    atMs: numbers(1),
    n: numbers(2),
    mean: numbers(3),
    min: numbers(4),
    max: numbers(5),
    sd: numbers(6),
    slopePerS: numbers(7),
  };
}
