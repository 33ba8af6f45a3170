/** The one import of better-sqlite3. */
import Database from "better-sqlite3";
import { declareFaults, Fault } from "./fault.ts";
import type { SqlDatabase, SqlStatement, SqlValue } from "./sql.ts";

declareFaults({
  RUNTIME_DATABASE_CORRUPT: {
    retry: false,
    text: (f: { file: string; why: string }) =>
      `${f.file} is not a readable Weir database (${f.why}); move it aside to start empty, or restore a copy`,
  },
  RUNTIME_DATABASE_NO_ROOM: {
    retry: true,
    text: (f: { file: string }) =>
      `${f.file} cannot be opened: its disk is full; free some space, nothing in it is lost`,
  },
});

export interface SqliteOptions {
  /** FULL: a commit survives power loss. NORMAL: it survives the death of the process. */
  synchronous: "FULL" | "NORMAL";
  /** Opened in order on an older file; index + 1 is the schema version kept in user_version. */
  migrations: readonly string[];
}

/**
 * Opens or creates `file` (":memory:" for a test) in WAL mode and brings it to the newest schema.
 * @throws Fault RUNTIME_DATABASE_CORRUPT when the file is damaged or from a newer Weir,
 *   RUNTIME_DATABASE_NO_ROOM when the disk is full
 */
export function openSqlite(file: string, options: SqliteOptions): SqlDatabase {
  try {
    const db = new Database(file);
    db.pragma("journal_mode = WAL");
    db.pragma(`synchronous = ${options.synchronous}`);
    db.pragma("foreign_keys = ON");
    migrate(db, file, options.migrations);
    return wrap(db);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (String((error as { code?: unknown }).code).startsWith("SQLITE_FULL")) {
      throw new Fault("RUNTIME_DATABASE_NO_ROOM", { file }, { cause: error });
    }
    throw new Fault(
      "RUNTIME_DATABASE_CORRUPT",
      { file, why: (error as Error).message },
      { cause: error },
    );
  }
}

/**
 * Opens a file that another connection writes, to read beside it. Writing through it is refused by SQLite.
 * @throws Fault RUNTIME_DATABASE_CORRUPT when the file is damaged or missing
 */
export function openSqliteReadOnly(file: string): SqlDatabase {
  try {
    return wrap(new Database(file, { readonly: true, fileMustExist: true }));
  } catch (error) {
    const why = (error as Error).message;
    throw new Fault("RUNTIME_DATABASE_CORRUPT", { file, why }, { cause: error });
  }
}

/**
 * Writes the database `from` as it is at this moment to the new file `to`, also while another process
 * writes it. Throws as SQLite does.
 */
export function copySqlite(from: string, to: string): void {
  const db = new Database(from, { readonly: true, fileMustExist: true });
  try {
    db.prepare("VACUUM INTO ?").run(to);
  } finally {
    db.close();
  }
}

function migrate(db: Database.Database, file: string, migrations: readonly string[]): void {
  const version = db.pragma("user_version", { simple: true }) as number;
  if (version > migrations.length) {
    throw new Fault("RUNTIME_DATABASE_CORRUPT", {
      file,
      why: `schema version ${version}, this program knows up to ${migrations.length}`,
    });
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    })();
  }
}

function wrap(db: Database.Database): SqlDatabase {
  return {
    exec: (sql) => void db.exec(sql),
    prepare: (sql) => wrapStatement(db.prepare(sql)),
    transaction: (work) => db.transaction(work).immediate(),
    close: () => void db.close(),
  };
}

function wrapStatement(statement: Database.Statement): SqlStatement {
  return {
    run: (...values: SqlValue[]) => {
      const { changes, lastInsertRowid } = statement.run(...values);
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    },
    get: <Row>(...values: SqlValue[]) => statement.get(...values) as Row | undefined,
    all: <Row>(...values: SqlValue[]) => statement.all(...values) as Row[],
    iterate: <Row>(...values: SqlValue[]) => statement.iterate(...values) as IterableIterator<Row>,
  };
}
