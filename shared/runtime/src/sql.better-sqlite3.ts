/** The one import of better-sqlite3. */
import { existsSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { Fault } from "./fault.ts";
import { RuntimeFault } from "./faults.ts";
import type { SqlDatabase, SqlStatement, SqlValue } from "./sql.ts";

/** SQLite takes a file without a byte for a new database. */
const emptyCode = "WEIR_EMPTY";

/**
 * Pages that a connection keeps for itself: SQLite's own default. The driver is built for eight times as much,
 * and a fog holds ten files open; what is read again is in the system's cache as well.
 */
const cacheKib = 2_000;

export interface SqliteOptions {
  /** FULL: a commit survives power loss. NORMAL: it survives the death of the process. */
  synchronous: "FULL" | "NORMAL";
  /** Opened in order on an older file; index + 1 is the schema version kept in user_version. */
  migrations: readonly string[];
}

/**
 * Opens or creates `file` (":memory:" for a test) in WAL mode and brings it to the newest schema. One that
 * cannot be created, as on a full disk, leaves no file; so a file without a byte has lost what was in it.
 * @throws Fault RUNTIME_DATABASE_CORRUPT when the file is damaged, empty or from a newer Weir,
 *   RUNTIME_DATABASE_NO_ROOM when the disk is full, RUNTIME_DATABASE_UNREADABLE when the system refuses
 */
export function openSqlite(file: string, options: SqliteOptions): SqlDatabase {
  let db: Database.Database | undefined;
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  try {
    db = new Database(file);
    if (size === 0) refuseEmpty(db, file);
    db.pragma("journal_mode = WAL");
    db.pragma(`synchronous = ${options.synchronous}`);
    db.pragma("foreign_keys = ON");
    db.pragma(`cache_size = -${cacheKib}`);
    migrate(db, file, options.migrations);
    return wrap(db);
  } catch (error) {
    db?.close();
    if (size === undefined) rmSync(file, { force: true });
    throw databaseFault(file, error);
  }
}

/** The write lock is waited for: another process may be creating the file at this moment. */
function refuseEmpty(db: Database.Database, file: string): void {
  db.exec("BEGIN IMMEDIATE");
  const { size } = statSync(file);
  db.exec("ROLLBACK");
  if (size === 0) throw Object.assign(new Error("it is empty"), { code: emptyCode });
}

/** What SQLite's refusal means for the person who owns `file`. `hasRoom`: whether its disk takes a byte. */
export function databaseFault(file: string, error: unknown, hasRoom = hasRoomBeside): unknown {
  if (error instanceof Fault) return error;
  const { code, message } = error as { code?: unknown; message: string };
  const options = { cause: error };
  if (typeof code !== "string" || !(code.startsWith("SQLITE_") || code === emptyCode)) {
    // The driver looks for the folder itself.
    if (existsSync(dirname(file))) return error;
    return new RuntimeFault("RUNTIME_DATABASE_UNREADABLE", { file, why: message }, options);
  }
  const isFull = code.startsWith("SQLITE_FULL") || (mayBeFull(code) && !hasRoom(file));
  if (isFull) return new RuntimeFault("RUNTIME_DATABASE_NO_ROOM", { file }, options);
  const what = isDamageCode(code) ? "RUNTIME_DATABASE_CORRUPT" : "RUNTIME_DATABASE_UNREADABLE";
  return new RuntimeFault(what, { file, why: message }, options);
}

/** The file itself is damaged, not merely busy, out of reach or on a full disk. */
export const isDamageCode = (code: string): boolean =>
  code === emptyCode || /^SQLITE_(CORRUPT|NOTADB)/.test(code);

/** On a full disk the log beside a database cannot be made or grown, which SQLite calls by these. */
const mayBeFull = (code: string): boolean => /^SQLITE_(IOERR|CANTOPEN)/.test(code);

function hasRoomBeside(file: string): boolean {
  try {
    return statfsSync(dirname(file)).bavail > 0;
  } catch {
    return true;
  }
}

/**
 * Opens a file that another connection writes, to read beside it. Writing through it is refused by SQLite.
 * @throws Fault RUNTIME_DATABASE_CORRUPT when the file is damaged, RUNTIME_DATABASE_UNREADABLE when it is missing
 */
export function openSqliteReadOnly(file: string): SqlDatabase {
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true });
    db.pragma(`cache_size = -${cacheKib}`);
    return wrap(db);
  } catch (error) {
    throw databaseFault(file, error);
  }
}

/**
 * Writes the database `from` as it is at this moment to the new file `to`, also while another process
 * writes it.
 * @throws Fault RUNTIME_DATABASE_NO_ROOM of `to`, RUNTIME_DATABASE_CORRUPT and RUNTIME_DATABASE_UNREADABLE of `from`
 */
export function copySqlite(from: string, to: string): void {
  let db: Database.Database | undefined;
  try {
    db = new Database(from, { readonly: true, fileMustExist: true });
    db.prepare("VACUUM INTO ?").run(to);
  } catch (error) {
    const isFull = RuntimeFault.is(databaseFault(to, error), "RUNTIME_DATABASE_NO_ROOM");
    throw databaseFault(isFull ? to : from, error);
  } finally {
    db?.close();
  }
}

function migrate(db: Database.Database, file: string, migrations: readonly string[]): void {
  const version = db.pragma("user_version", { simple: true }) as number;
  if (version > migrations.length) {
    throw new RuntimeFault("RUNTIME_DATABASE_CORRUPT", {
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
