/** The little of SQLite that the stores use. The one adapter is sql.better-sqlite3.ts. */

export type SqlValue = number | string | Uint8Array | null;

export interface SqlStatement {
  run(...values: SqlValue[]): { changes: number; lastInsertRowid: number };
  get<Row>(...values: SqlValue[]): Row | undefined;
  all<Row>(...values: SqlValue[]): Row[];
  iterate<Row>(...values: SqlValue[]): IterableIterator<Row>;
}

export interface SqlDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqlStatement;
  /** Runs `work` in one transaction; a throw rolls it back. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Whether the disk under a database refused a write: "full", or "unwritable" (an I/O error, taken away,
 * read-only). Undefined of every other error.
 */
export function refusedWrite(error: unknown): "full" | "unwritable" | undefined {
  const code = String((error as { code?: unknown } | undefined)?.code);
  if (code.startsWith("SQLITE_FULL")) return "full";
  return /^SQLITE_(IOERR|CANTOPEN|READONLY)/.test(code) ? "unwritable" : undefined;
}
