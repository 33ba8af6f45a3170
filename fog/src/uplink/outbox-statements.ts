/** The statements of the fog's outbox: one prepared set per database, no policy. */
import type { SqlDatabase } from "@weir/runtime/sql.ts";

/** Events, incidents and tables go before minutes; fresh minutes before old ones. */
export const rankFirst = 0;
export const rankMinute = 1;

const unsent = "FROM outbox WHERE sequence IS NULL AND rank = ?";
const sent = "FROM outbox WHERE sequence IS NOT NULL AND kept_at_ms IS NULL";
const kept = "FROM outbox WHERE kept_at_ms IS NOT NULL";

export function outboxStatements(db: SqlDatabase) {
  return {
    put: db.prepare("INSERT INTO outbox (rank, kind, at_ms, bytes) VALUES (?, ?, ?, ?)"),
    sizesOfKind: db.prepare(
      "SELECT length(bytes) AS size FROM outbox WHERE kind = ? AND sequence IS NULL",
    ),
    dropKind: db.prepare("DELETE FROM outbox WHERE kind = ? AND sequence IS NULL"),
    drop: db.prepare("DELETE FROM outbox WHERE number = ?"),
    total: db.prepare(
      "SELECT count(*) AS items, sum(length(bytes)) AS bytes FROM outbox WHERE kept_at_ms IS NULL",
    ),
    totalKept: db.prepare(`SELECT sum(length(bytes)) AS bytes ${kept}`),
    sent: db.prepare(`SELECT * ${sent} ORDER BY sequence LIMIT ?`),
    first: db.prepare(`SELECT * ${unsent} ORDER BY number LIMIT ?`),
    freshMinutes: db.prepare(`SELECT * ${unsent} AND at_ms >= ? ORDER BY number LIMIT ?`),
    oldMinutes: db.prepare(`SELECT * ${unsent} AND at_ms < ? ORDER BY number LIMIT ?`),
    oldestMinutes: db.prepare(
      `SELECT number, length(bytes) AS size ${unsent} ORDER BY number LIMIT ?`,
    ),
    number: db.prepare(
      "UPDATE outbox SET sequence = ?, epoch = ?, incarnation = ? WHERE number = ?",
    ),
    keep: db.prepare(
      `UPDATE outbox SET kept_at_ms = ? WHERE sequence = ? AND kept_at_ms IS NULL
       RETURNING length(bytes) AS size`,
    ),
    wantAgain: db.prepare(
      "UPDATE outbox SET kept_at_ms = NULL WHERE kept_at_ms IS NOT NULL AND sequence > ?",
    ),
    keptBefore: db.prepare(
      `SELECT number, length(bytes) AS size ${kept} AND kept_at_ms < ? ORDER BY kept_at_ms LIMIT 256`,
    ),
    oldestKept: db.prepare(
      `SELECT number, length(bytes) AS size ${kept} ORDER BY kept_at_ms, number LIMIT ?`,
    ),
    begin: db.prepare(
      "INSERT INTO outbox_incarnations (incarnation, epoch, first) VALUES (?, ?, ?)",
    ),
    trimIncarnations: db.prepare("DELETE FROM outbox_incarnations WHERE number <= ?"),
    giver: db.prepare(
      `SELECT incarnation FROM outbox_incarnations WHERE first <= ? ORDER BY number DESC LIMIT 1`,
    ),
    ofIncarnation: db.prepare("SELECT number FROM outbox_incarnations WHERE incarnation = ?"),
    firstIncarnation: db.prepare("SELECT first FROM outbox_incarnations ORDER BY number LIMIT 1"),
    nextIncarnation: db.prepare(
      "SELECT first FROM outbox_incarnations WHERE number > ? ORDER BY number LIMIT 1",
    ),
  };
}
