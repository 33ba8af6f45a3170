/** A database on a disk that others can fill: reading goes on, every write is refused. */
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

const writes = /^\s*(insert|update|delete|replace|create|drop|alter|vacuum)/i;

export function fullableDatabase(db: SqlDatabase, isFull: () => boolean): SqlDatabase {
  const check = (sql: string): void => {
    if (isFull() && writes.test(sql)) throw refusal();
  };
  return {
    exec: (sql) => {
      check(sql);
      db.exec(sql);
    },
    prepare: (sql) => guarded(db.prepare(sql), () => check(sql)),
    transaction: (work) => db.transaction(work),
    close: () => db.close(),
  };
}

function guarded(statement: SqlStatement, check: () => void): SqlStatement {
  return {
    run: (...values) => {
      check();
      return statement.run(...values);
    },
    get: (...values) => {
      check();
      return statement.get(...values);
    },
    all: (...values) => {
      check();
      return statement.all(...values);
    },
    iterate: (...values) => {
      check();
      return statement.iterate(...values);
    },
  };
}

/** What SQLite says, deletes included. */
const refusal = (): Error =>
  Object.assign(new RangeError("database or disk is full"), { code: "SQLITE_FULL" });
