/** Acknowledged telemetry that is not in a sealed minute yet, as it came. */
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

/** Batches held in memory at once; the largest are a packet each. */
const pageCount = 64;

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
    this.#open = db.prepare(
      "SELECT id, edge, bytes FROM raw WHERE waiting = 0 AND id > ? ORDER BY id LIMIT ?",
    );
    this.#waiting = db.prepare(
      "SELECT id, edge, bytes FROM raw WHERE edge = ? AND waiting = 1 AND id > ? ORDER BY id LIMIT ?",
    );
  }

  /** `waiting`: its birth has not come yet. In the open transaction. */
  put(edge: string, bytes: Uint8Array, options: { waiting: boolean }): number {
    return this.#put.run(edge, options.waiting ? 1 : 0, bytes).lastInsertRowid;
  }

  delete(id: number): void {
    this.#delete.run(id);
  }

  /** Oldest first, a page at a time: those after number `after`. */
  open(after: number): RawBatch[] {
    return this.#open.all<RawBatch>(after, pageCount);
  }

  /** Those of `edge` after number `after` that wait for their birth, oldest first, a page at a time. */
  waiting(edge: string, after: number): RawBatch[] {
    return this.#waiting.all<RawBatch>(edge, after, pageCount);
  }
}
