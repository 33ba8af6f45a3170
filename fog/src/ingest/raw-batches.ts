/** Acknowledged telemetry that is not in a sealed minute yet, as it came. */
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

export interface RawBatch {
  /** Ascending in the order of taking in; says which batches a sealed minute holds. */
  id: number;
  edge: string;
  bytes: Uint8Array;
}

export class RawBatches {
  readonly #put: SqlStatement;
  readonly #delete: SqlStatement;
  readonly #open: SqlStatement;
  readonly #waiting: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#put = db.prepare("INSERT INTO raw (edge, waiting, bytes) VALUES (?, ?, ?)");
    this.#delete = db.prepare("DELETE FROM raw WHERE id = ?");
    this.#open = db.prepare("SELECT id, edge, bytes FROM raw WHERE waiting = 0 ORDER BY id");
    this.#waiting = db.prepare(
      "SELECT id, edge, bytes FROM raw WHERE edge = ? AND waiting = 1 ORDER BY id",
    );
  }

  /** `waiting`: its birth has not come yet. In the open transaction. */
  put(edge: string, bytes: Uint8Array, options: { waiting: boolean }): number {
    return this.#put.run(edge, options.waiting ? 1 : 0, bytes).lastInsertRowid;
  }

  delete(id: number): void {
    this.#delete.run(id);
  }

  /** Oldest first. Read in one go: at most the open minutes' worth. */
  open(): RawBatch[] {
    return this.#open.all<RawBatch>();
  }

  waiting(edge: string): RawBatch[] {
    return this.#waiting.all<RawBatch>(edge);
  }
}
