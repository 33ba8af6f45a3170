/** Which Parquet file holds which day. A file not listed here does not exist for readers. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { dayMs, hourMs, minuteMs } from "../limits.ts";
import type { WrittenFile } from "./history-files.ts";
import type { Layer } from "./history-table.ts";

export const sealedDayMigration = `
  CREATE TABLE sealed_day (
    site TEXT NOT NULL, layer TEXT NOT NULL, day_ms INTEGER NOT NULL,
    generation INTEGER NOT NULL, row_count INTEGER NOT NULL, bytes INTEGER NOT NULL,
    newest_ms REAL NOT NULL,
    PRIMARY KEY (site, layer, day_ms)
  ) STRICT, WITHOUT ROWID;
`;

export interface NextFile {
  file: string;
  /** The newest file of that day, to be merged in. */
  base: string | undefined;
  generation: number;
}

export interface DayKey {
  site: string;
  layer: Layer;
  dayStartMs: number;
}

export interface SealedDays {
  /** Where the next generation of a day goes. */
  next(key: DayKey): NextFile;
  /** From now on readers see this generation. Inside the caller's transaction. */
  publish(key: DayKey, generation: number, written: WrittenFile): void;
  files(site: string, layer: Layer, range: { fromMs: number; toMs: number }): string[];
  /** Start of the first day with a file, end of the newest bucket. */
  span(site: string, layer: Layer): { fromMs: number; toMs: number } | undefined;
  bytes(): number;
  /** Removes files that no reader can reach: half-written ones and older generations. */
  sweep(): void;
}

interface Row {
  day_ms: number;
  generation: number;
}

export function createSealedDays(db: SqlDatabase, folder: string): SealedDays {
  const one = db.prepare(
    "SELECT day_ms, generation FROM sealed_day WHERE site = ? AND layer = ? AND day_ms = ?",
  );
  const publish = db.prepare("INSERT OR REPLACE INTO sealed_day VALUES (?, ?, ?, ?, ?, ?, ?)");
  const range = db.prepare(
    `SELECT day_ms, generation FROM sealed_day
     WHERE site = ? AND layer = ? AND day_ms > ? AND day_ms < ? ORDER BY day_ms`,
  );
  const span = db.prepare(
    "SELECT min(day_ms) AS first, max(newest_ms) AS last FROM sealed_day WHERE site = ? AND layer = ?",
  );
  const bytes = db.prepare("SELECT coalesce(sum(bytes), 0) AS bytes FROM sealed_day");
  const all = db.prepare("SELECT site, layer, day_ms, generation FROM sealed_day");

  const fileOf = ({ site, layer, dayStartMs }: DayKey, generation: number) =>
    join(
      folder,
      site,
      layer,
      `${new Date(dayStartMs).toISOString().slice(0, 10)}.${generation}.parquet`,
    );

  return {
    next(key) {
      const newest = one.get<Row>(key.site, key.layer, key.dayStartMs)?.generation ?? 0;
      mkdirSync(join(folder, key.site, key.layer), { recursive: true });
      return {
        file: fileOf(key, newest + 1),
        base: newest > 0 ? fileOf(key, newest) : undefined,
        generation: newest + 1,
      };
    },
    publish: ({ site, layer, dayStartMs }, generation, written) =>
      void publish.run(
        ...[site, layer, dayStartMs, generation],
        ...[written.rowCount, written.bytes, written.newestMs],
      ),
    files: (site, layer, { fromMs, toMs }) =>
      range
        .all<Row>(site, layer, fromMs - dayMs, toMs)
        .map((row) => fileOf({ site, layer, dayStartMs: row.day_ms }, row.generation)),
    span(site, layer) {
      const row = span.get<{ first: number | null; last: number | null }>(site, layer);
      if (row?.first == null || row.last == null) return undefined;
      return { fromMs: row.first, toMs: row.last + (layer === "minute" ? minuteMs : hourMs) };
    },
    bytes: () => bytes.get<{ bytes: number }>()?.bytes ?? 0,
    sweep() {
      const live = new Set(
        all
          .all<{ site: string; layer: Layer } & Row>()
          .map((row) =>
            fileOf({ site: row.site, layer: row.layer, dayStartMs: row.day_ms }, row.generation),
          ),
      );
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        const file = join(entry.parentPath, entry.name);
        if (entry.isFile() && !live.has(file)) rmSync(file);
      }
    },
  };
}
