/** Messages that could not be understood, with the reason, for a person to look at. Bounded. */
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

/** The oldest give way beyond this. */
const lettersMax = 1_000;

export interface DeadLetter {
  number: number;
  atMs: number;
  edge: string;
  family: string;
  reason: string;
  bytes: Uint8Array;
}

export class DeadLetters {
  readonly #put: SqlStatement;
  readonly #trim: SqlStatement;
  readonly #newest: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#put = db.prepare(
      "INSERT INTO dead_letters (at_ms, edge, family, reason, bytes) VALUES (?, ?, ?, ?, ?)",
    );
    this.#trim = db.prepare("DELETE FROM dead_letters WHERE number <= ?");
    this.#newest = db.prepare(
      "SELECT number, at_ms AS atMs, edge, family, reason, bytes FROM dead_letters ORDER BY number DESC LIMIT ?",
    );
  }

  /** In the open transaction. */
  put(letter: Omit<DeadLetter, "number">): void {
    const { atMs, edge, family, reason, bytes } = letter;
    const { lastInsertRowid } = this.#put.run(atMs, edge, family, reason, bytes);
    this.#trim.run(lastInsertRowid - lettersMax);
  }

  newest(limit: number): DeadLetter[] {
    return this.#newest.all<DeadLetter>(limit);
  }
}
