/**
 * Who did what, kept so that a change of the past shows: each row's hash covers the row and the hash
 * before it (after Haber and Stornetta, 1991), and a head row names the newest.
 */
import { createHash } from "node:crypto";
import { RuntimeFault } from "./faults.ts";
import type { SqlDatabase } from "./sql.ts";

export interface AuditEntry {
  /** User name, "edge-1", or "weir" itself. */
  actor: string;
  /** "alarm.shelve", "artifact.publish" */
  action: string;
  subject: string;
  detail: string;
}

export interface AuditRow extends AuditEntry {
  /** From 1, without gaps. */
  sequence: number;
  atMs: number;
}

export interface AuditHead {
  sequence: number;
  /** SHA-256, lower-case hex. */
  hash: string;
}

export type AuditVerdict = { ok: true; head: AuditHead } | { ok: false; brokenAt: number };

export interface AuditLog {
  append(entry: AuditEntry): AuditRow;
  /** Newest first. */
  recent(limit: number): AuditRow[];
  /**
   * Walks the whole chain. `brokenAt` is the first sequence that is changed, missing or out of place.
   * A head noted elsewhere (printed, sent to the cloud) also shows a log that was rewritten as a whole.
   */
  verify(noted?: AuditHead): AuditVerdict;
  head(): AuditHead;
}

/** Characters of one entry's four texts together. */
export const auditEntrySizeMax = 16_384;
const genesis = "0".repeat(64);

interface StoredRow extends AuditRow {
  hash: string;
}

const columns = `sequence, at_ms AS atMs, actor, action, subject, detail, hash`;

/** Makes its two tables when they are missing. Call `append` inside the transaction of what it tells. */
export function openAuditLog(db: SqlDatabase, nowMs: () => number): AuditLog {
  db.exec(`
    CREATE TABLE IF NOT EXISTS audit (
      sequence INTEGER PRIMARY KEY, at_ms REAL NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
      subject TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS audit_head (
      one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;`);
  const insert = db.prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)");
  const setHead = db.prepare("INSERT OR REPLACE INTO audit_head VALUES (1, ?, ?)");
  const getHead = db.prepare("SELECT sequence, hash FROM audit_head");
  const newest = db.prepare(`SELECT ${columns} FROM audit ORDER BY sequence DESC LIMIT ?`);
  const all = db.prepare(`SELECT ${columns} FROM audit ORDER BY sequence`);
  const head = (): AuditHead => getHead.get<AuditHead>() ?? { sequence: 0, hash: genesis };
  return {
    append: ({ actor, action, subject, detail }) => {
      const size = actor.length + action.length + subject.length + detail.length;
      if (size > auditEntrySizeMax)
        throw new RuntimeFault("RUNTIME_AUDIT_TOO_LONG", { size, max: auditEntrySizeMax });
      const last = head();
      const row = { sequence: last.sequence + 1, atMs: nowMs(), actor, action, subject, detail };
      const hash = hashOf(row, last.hash);
      db.transaction(() => {
        insert.run(row.sequence, row.atMs, actor, action, subject, detail, hash);
        setHead.run(row.sequence, hash);
      });
      return row;
    },
    recent: (limit) => newest.all<StoredRow>(limit).map(({ hash: _, ...row }) => row),
    verify: (noted) => verifyChain(all.iterate<StoredRow>(), head(), noted),
    head,
  };
}

function verifyChain(
  rows: IterableIterator<StoredRow>,
  head: AuditHead,
  noted: AuditHead | undefined,
): AuditVerdict {
  let previous: AuditHead = { sequence: 0, hash: genesis };
  for (const row of rows) {
    const isNext = row.sequence === previous.sequence + 1;
    if (!isNext || hashOf(row, previous.hash) !== row.hash) {
      return { ok: false, brokenAt: previous.sequence + 1 };
    }
    previous = { sequence: row.sequence, hash: row.hash };
    if (noted?.sequence === row.sequence && noted.hash !== row.hash) {
      return { ok: false, brokenAt: row.sequence };
    }
  }
  const isWhole = previous.sequence === head.sequence && previous.hash === head.hash;
  const isCut = noted !== undefined && noted.sequence > previous.sequence;
  if (!isWhole || isCut) return { ok: false, brokenAt: previous.sequence + 1 };
  return { ok: true, head: previous };
}

/** JSON of a list: unambiguous where one text ends and the next begins. */
function hashOf(row: AuditRow, previousHash: string): string {
  const { sequence, atMs, actor, action, subject, detail } = row;
  const text = JSON.stringify([previousHash, sequence, atMs, actor, action, subject, detail]);
  return createHash("sha256").update(text).digest("hex");
}
