/** Scores of each stage's autoencoder, hour by hour, as the console draws them. */
import type { SqlDatabase } from "@weir/runtime/sql.ts";

export const healthMigration = `
  CREATE TABLE health (
    site TEXT NOT NULL, stage TEXT NOT NULL, at_ms REAL NOT NULL,
    version INTEGER NOT NULL, threshold REAL NOT NULL, score REAL NOT NULL, shares TEXT NOT NULL,
    PRIMARY KEY (site, stage, at_ms)
  ) STRICT, WITHOUT ROWID;
`;

export interface HealthPoint {
  /** End of the scored window. */
  atMs: number;
  version: number;
  threshold: number;
  score: number;
  /** Share of each channel in the score, by site-wide tag id. */
  shares: Record<string, number>;
}

export interface HealthBook {
  /** Replaces points of the same hour. */
  put(site: string, stage: string, points: readonly HealthPoint[]): void;
  /** In order of time. */
  points(site: string, stage: string, fromMs: number): HealthPoint[];
  newest(site: string, stage: string): HealthPoint | undefined;
  stages(site: string): string[];
}

interface Row {
  at_ms: number;
  version: number;
  threshold: number;
  score: number;
  shares: string;
}

const pointOf = (row: Row): HealthPoint => ({
  atMs: row.at_ms,
  version: row.version,
  threshold: row.threshold,
  score: row.score,
  shares: JSON.parse(row.shares) as Record<string, number>,
});

export function createHealthBook(db: SqlDatabase): HealthBook {
  const put = db.prepare("INSERT OR REPLACE INTO health VALUES (?, ?, ?, ?, ?, ?, ?)");
  const points = db.prepare(
    "SELECT * FROM health WHERE site = ? AND stage = ? AND at_ms >= ? ORDER BY at_ms",
  );
  const newest = db.prepare(
    "SELECT * FROM health WHERE site = ? AND stage = ? ORDER BY at_ms DESC LIMIT 1",
  );
  const stages = db.prepare("SELECT DISTINCT stage FROM health WHERE site = ? ORDER BY stage");
  return {
    put: (site, stage, list) =>
      db.transaction(() => {
        for (const { atMs, version, threshold, score, shares } of list) {
          put.run(site, stage, atMs, version, threshold, score, JSON.stringify(shares));
        }
      }),
    points: (site, stage, fromMs) => points.all<Row>(site, stage, fromMs).map(pointOf),
    newest(site, stage) {
      const row = newest.get<Row>(site, stage);
      return row && pointOf(row);
    },
    stages: (site) => stages.all<{ stage: string }>(site).map((row) => row.stage),
  };
}
