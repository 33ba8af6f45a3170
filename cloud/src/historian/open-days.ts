/** The days that still grow: one row a tag and minute in SQLite, until a day is sealed into Parquet. */
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { dayMs, hourMs } from "../limits.ts";
import type { Summary } from "./bucket-summary.ts";
import { emptyTable, type HistoryRow, type HistoryTable, pushRow } from "./history-table.ts";

export const openDayMigration = `
  CREATE TABLE minute (
    tag INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    n INTEGER NOT NULL, mean REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL,
    sd REAL NOT NULL, slope_per_s REAL NOT NULL,
    PRIMARY KEY (tag, at_ms)
  ) STRICT, WITHOUT ROWID;
`;

export interface OpenDays {
  /** Adds a summary; one of the same tag and minute is merged with it. */
  add(tagKey: number, summary: Summary): void;
  /** Minutes of one tag within [fromMs, toMs), in order. */
  minutes(tagKey: number, fromMs: number, toMs: number): Summary[];
  /** Of each tag of a site: hours and minutes with a reading, the latter from `minutesFromMs` on. */
  coverage(site: string, minutesFromMs: number): OpenCoverage[];
  /** Starts of the site's open days, oldest first. */
  days(site: string): number[];
  /** All minutes of a site's day, sorted by tag and time. */
  table(site: string, dayStartMs: number): HistoryTable;
  remove(site: string, dayStartMs: number): void;
}

export interface OpenCoverage {
  tag: string;
  hours: number;
  minutes: number;
  newestMs: number;
}

export function createOpenDays(db: SqlDatabase): OpenDays {
  // Population variance of the union: weighted variances plus the spread between the two means.
  const add = db.prepare(`
    INSERT INTO minute VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      n = n + excluded.n,
      mean = (n * mean + excluded.n * excluded.mean) / (n + excluded.n),
      min = min(min, excluded.min),
      max = max(max, excluded.max),
      sd = sqrt((n * sd * sd + excluded.n * excluded.sd * excluded.sd
        + (mean - excluded.mean) * (mean - excluded.mean) * n * excluded.n / (n + excluded.n))
        / (n + excluded.n)),
      slope_per_s = (n * slope_per_s + excluded.n * excluded.slope_per_s) / (n + excluded.n)`);
  const minutes = db.prepare(
    `SELECT at_ms AS atMs, n, mean, min, max, sd, slope_per_s AS slopePerS
     FROM minute WHERE tag = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms`,
  );
  const coverage = db.prepare(
    `SELECT tag.id AS tag, count(DISTINCT at_ms / ${hourMs}) AS hours, max(at_ms) AS newestMs,
       count(*) FILTER (WHERE at_ms >= ?) AS minutes
     FROM tag JOIN minute ON minute.tag = tag.key WHERE site = ? GROUP BY tag.id`,
  );
  const days = db.prepare(
    `SELECT DISTINCT at_ms - at_ms % ${dayMs} AS day
     FROM minute WHERE tag IN (SELECT key FROM tag WHERE site = ?) ORDER BY day`,
  );
  const table = db.prepare(
    `SELECT tag.id AS tag, at_ms AS atMs, n, mean, minute.min AS min, minute.max AS max, sd,
       slope_per_s AS slopePerS
     FROM tag JOIN minute ON minute.tag = tag.key
     WHERE site = ? AND at_ms >= ? AND at_ms < ? ORDER BY tag.id, at_ms`,
  );
  const remove = db.prepare(
    "DELETE FROM minute WHERE tag IN (SELECT key FROM tag WHERE site = ?) AND at_ms >= ? AND at_ms < ?",
  );

  return {
    add: (tagKey, s) => void add.run(tagKey, s.atMs, s.n, s.mean, s.min, s.max, s.sd, s.slopePerS),
    minutes: (tagKey, fromMs, toMs) => minutes.all<Summary>(tagKey, fromMs, toMs),
    coverage: (site, minutesFromMs) => coverage.all<OpenCoverage>(minutesFromMs, site),
    days: (site) => days.all<{ day: number }>(site).map((row) => row.day),
    table(site, dayStartMs) {
      const result = emptyTable();
      for (const row of table.iterate<HistoryRow>(site, dayStartMs, dayStartMs + dayMs)) {
        pushRow(result, row);
      }
      return result;
    },
    remove: (site, dayStartMs) => void remove.run(site, dayStartMs, dayStartMs + dayMs),
  };
}
