/**
 * Births on their way: the fog cannot read a block whose tag table it never saw, so a birth is stored
 * before the first block that needs it, and births that were never acknowledged go first, in order.
 */
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

const birthsAtOnceMax = 1_000;

export class Births {
  readonly #insert: SqlStatement;
  readonly #upTo: SqlStatement;
  readonly #all: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#insert = db.prepare("INSERT INTO births (epoch, revision, bytes) VALUES (?, ?, ?)");
    this.#upTo = db.prepare("DELETE FROM births WHERE id <= ?");
    this.#all = db.prepare("SELECT id, bytes FROM births ORDER BY id LIMIT ?");
  }

  /** Sealed birth; durable when this returns. */
  add(birth: { epoch: number; revision: number; bytes: Uint8Array }): number {
    return this.#insert.run(birth.epoch, birth.revision, birth.bytes).lastInsertRowid;
  }

  /** Never acknowledged, oldest first. */
  waiting(limit = birthsAtOnceMax): { id: number; bytes: Uint8Array }[] {
    return this.#all.all(limit);
  }

  /** `id` and all before it have been acknowledged. */
  acknowledge(id: number): void {
    this.#upTo.run(id);
  }
}
