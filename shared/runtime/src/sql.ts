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
