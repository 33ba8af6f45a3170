/** Answers given to commands and artifacts: what repeats is answered again, not done again. */
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

export interface Answer {
  ref: string;
  accepted: boolean;
  reason: string;
  atMs: number;
}

interface Row {
  ref: string;
  accepted: number;
  reason: string;
  atMs: number;
}

/** Answers remembered; a command older than this many others has long expired. */
export const answersMax = 2_000;

const columns = "ref, accepted, reason, at_ms AS atMs";

export class AnswerBook {
  readonly #find: SqlStatement;
  readonly #put: SqlStatement;
  readonly #waiting: SqlStatement;
  readonly #deliver: SqlStatement;
  readonly #prune: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#find = db.prepare(`SELECT ${columns} FROM answers WHERE ref = ?`);
    this.#put = db.prepare("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, 0)");
    this.#waiting = db.prepare(`SELECT ${columns} FROM answers WHERE delivered = 0 ORDER BY rowid`);
    this.#deliver = db.prepare("UPDATE answers SET delivered = 1 WHERE ref = ?");
    this.#prune = db.prepare(
      `DELETE FROM answers WHERE rowid <= (SELECT max(rowid) FROM answers) - ${answersMax}`,
    );
  }

  find(ref: string): Answer | undefined {
    const row = this.#find.get<Row>(ref);
    return row && toAnswer(row);
  }

  put(answer: Answer): void {
    this.#put.run(answer.ref, answer.accepted ? 1 : 0, answer.reason, answer.atMs);
    this.#prune.run();
  }

  /** Not yet acknowledged by the fog, oldest first. */
  waiting(): Answer[] {
    return this.#waiting.all<Row>().map(toAnswer);
  }

  delivered(ref: string): void {
    this.#deliver.run(ref);
  }
}

const toAnswer = (row: Row): Answer => ({ ...row, accepted: row.accepted === 1 });
