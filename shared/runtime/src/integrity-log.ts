/**
 * What a tier has found wrong with what it keeps or receives: gaps, numbers that came twice with other
 * content, state that went back, damaged files. Told loudly once (log and audit), counted for ever,
 * and a problem of the tier's health until it is old.
 */
import type { HealthProblem } from "@weir/contracts/api/health.ts";
import type { AuditLog } from "./audit-log.ts";
import type { Logger } from "./logger.ts";
import type { SqlDatabase } from "./sql.ts";

export const integrityCodes = [
  /** Numbered items that will not come any more. */
  "gap",
  /** A number came again with other content. */
  "conflict",
  /** A peer remembers less than it has said before: restored or rolled back. */
  "set-back",
  /** Two of one identity run at the same time. */
  "clone",
  /** A file could not be read and was set aside. */
  "damaged",
  /** A file that must be there is not. */
  "lost",
  /** This state comes out of a backup. */
  "restored",
  /** The audit log was changed. */
  "audit",
] as const;
export type IntegrityCode = (typeof integrityCodes)[number];

export interface IntegrityFinding {
  code: IntegrityCode;
  /** Whom or what it is about: "edge-1", "my-site", "history/2026-06-02.db". */
  subject: string;
  /** One sentence with range, file and remedy. */
  text: string;
}

export interface IntegrityRow extends IntegrityFinding {
  number: number;
  firstAtMs: number;
  lastAtMs: number;
  /** How often the very same was found. */
  count: number;
}

export interface IntegrityLog {
  /** The same finding again is counted, and told again only by its count. Joins an open transaction. */
  note(finding: IntegrityFinding): void;
  /** Newest first. */
  list(limit: number): IntegrityRow[];
  /** Found within the last day: what health must tell. */
  problems(): (HealthProblem & { code: `integrity-${IntegrityCode}` })[];
  /** Findings of a code since this log was begun, for metrics. */
  count(code: IntegrityCode): number;
}

export interface IntegrityLogOptions {
  db: SqlDatabase;
  nowMs: () => number;
  logger: Logger;
  audit?: Pick<AuditLog, "append"> | undefined;
}

/** Figures of a tier's /metrics, a count of each code's findings, read when somebody asks. */
export const integrityFigures = (
  tier: string,
  log: Pick<IntegrityLog, "count">,
): [name: string, help: string, read: () => number][] =>
  integrityCodes.map((code) => [
    `weir_${tier}_integrity_${code.replace("-", "_")}`,
    `Findings "${code}" since this ${tier}'s database was begun.`,
    () => log.count(code),
  ]);

/** What is over and cannot get worse asks for less than what goes on. */
const severities: Record<IntegrityCode, HealthProblem["severity"]> = {
  gap: "low",
  conflict: "medium",
  "set-back": "low",
  clone: "medium",
  damaged: "low",
  lost: "low",
  restored: "advisory",
  audit: "high",
};

/** A finding is a problem for this long after it was last found. */
const problemMs = 86_400_000;
const rowsMax = 10_000;
/** Characters of a finding; peers choose some of them. */
const textMax = 1_000;

/** Makes its tables when they are missing. */
export function openIntegrityLog(options: IntegrityLogOptions): IntegrityLog {
  const { db, nowMs, logger, audit } = options;
  db.exec(`
    CREATE TABLE IF NOT EXISTS integrity (
      number INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL, subject TEXT NOT NULL,
      text TEXT NOT NULL, first_at_ms REAL NOT NULL, last_at_ms REAL NOT NULL, count INTEGER NOT NULL,
      UNIQUE (code, subject, text)) STRICT;
    CREATE TABLE IF NOT EXISTS integrity_count (
      code TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;`);
  const put = db.prepare(
    `INSERT INTO integrity (code, subject, text, first_at_ms, last_at_ms, count) VALUES (?, ?, ?, ?, ?, 1)
     ON CONFLICT DO UPDATE SET last_at_ms = excluded.last_at_ms, count = count + 1
     RETURNING number, count`,
  );
  const tally = db.prepare(
    `INSERT INTO integrity_count VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1`,
  );
  const trim = db.prepare("DELETE FROM integrity WHERE number <= ?");
  const columns =
    "number, code, subject, text, first_at_ms AS firstAtMs, last_at_ms AS lastAtMs, count";
  const newest = db.prepare(
    `SELECT ${columns} FROM integrity ORDER BY last_at_ms DESC, number DESC LIMIT ?`,
  );
  const young = db.prepare(
    `SELECT ${columns} FROM integrity WHERE last_at_ms > ? ORDER BY last_at_ms DESC, number DESC LIMIT 100`,
  );
  const counted = db.prepare("SELECT count FROM integrity_count WHERE code = ?");
  return {
    note: ({ code, subject, text }) => {
      const words = text.slice(0, textMax);
      const atMs = nowMs();
      const row = put.get<{ number: number; count: number }>(code, subject, words, atMs, atMs);
      tally.run(code);
      if (!row || row.count > 1) return;
      trim.run(row.number - rowsMax);
      audit?.append({ actor: "weir", action: `integrity.${code}`, subject, detail: words });
      if (code === "restored") logger.warn(words, { integrity: code, subject });
      else logger.error(words, { integrity: code, subject });
    },
    list: (limit) => newest.all<IntegrityRow>(limit),
    problems: () =>
      young.all<IntegrityRow>(nowMs() - problemMs).map(({ code, subject, text, firstAtMs }) => ({
        ...{ code: `integrity-${code}` as const, severity: severities[code], subject, text },
        sinceMs: firstAtMs,
      })),
    count: (code) => counted.get<{ count: number }>(code)?.count ?? 0,
  };
}
