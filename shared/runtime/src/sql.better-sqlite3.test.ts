import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copySqlite, databaseFault, openSqlite, openSqliteReadOnly } from "./sql.better-sqlite3.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-sql-"));
  file = join(folder, "x.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const first = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT";
const second = "ALTER TABLE t ADD COLUMN c REAL DEFAULT 1.5";
const open = (migrations = [first]) => openSqlite(file, { synchronous: "FULL", migrations });

test("rows, iteration, blobs and what run tells", () => {
  const db = open(["CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB) STRICT"]);
  const insert = db.prepare("INSERT INTO t (b) VALUES (?)");
  expect(insert.run(new Uint8Array([1, 2]))).toEqual({ changes: 1, lastInsertRowid: 1 });
  insert.run(null);
  expect([...db.prepare("SELECT a FROM t").iterate<{ a: number }>()]).toEqual([{ a: 1 }, { a: 2 }]);
  expect([
    ...(db.prepare("SELECT b FROM t WHERE a = ?").get<{ b: Uint8Array }>(1)?.b ?? []),
  ]).toEqual([1, 2]);
  expect(db.prepare("SELECT * FROM t WHERE a = 9").get()).toBeUndefined();
  db.close();
});

test("a transaction that throws leaves nothing", () => {
  const db = open();
  const insert = db.prepare("INSERT INTO t (b) VALUES ('x')");
  expect(() =>
    db.transaction(() => {
      insert.run();
      throw new RangeError("no");
    }),
  ).toThrow("no");
  expect(db.transaction(() => insert.run().lastInsertRowid)).toBe(1);
  expect(db.prepare("SELECT * FROM t").all()).toHaveLength(1);
  db.close();
});

describe("schema versions", () => {
  test("an older file is brought up, its rows kept; opening again changes nothing", () => {
    const old = open();
    old.exec("INSERT INTO t (b) VALUES ('kept')");
    old.close();
    for (let i = 0; i < 2; i++) {
      const db = open([first, second]);
      expect(db.prepare("SELECT b, c FROM t").all()).toEqual([{ b: "kept", c: 1.5 }]);
      db.close();
    }
  });

  test("a newer file is refused in a sentence, unharmed", () => {
    open([first, second]).close();
    const before = readFileSync(file);
    expect(() => open()).toThrow(
      `${file} is not a readable Weir database (schema version 2, this program knows up to 1); move it aside to start empty, or restore a copy`,
    );
    expect(readFileSync(file)).toEqual(before);
  });

  test("a migration that fails leaves the older version whole", () => {
    open().close();
    expect(() => open([first, "ALTER TABLE t ADD COLUMN c REAL; SELECT * FROM nowhere"])).toThrow();
    const db = open([first, second]);
    expect(db.prepare("SELECT * FROM t").all()).toEqual([]);
    db.close();
  });
});

test("garbage is RUNTIME_DATABASE_CORRUPT", () => {
  writeFileSync(file, randomBytes(8_192));
  expect(() => open()).toThrow(expect.objectContaining({ code: "RUNTIME_DATABASE_CORRUPT" }));
});

test("a file without a byte has lost what was in it, and stays as it is", () => {
  open().close();
  truncateSync(file, 0);
  const lost = {
    code: "RUNTIME_DATABASE_CORRUPT",
    message: expect.stringContaining("it is empty"),
  };
  expect(() => open()).toThrow(expect.objectContaining(lost));
  expect(statSync(file).size).toBe(0);
});

test("a database that could not be made leaves no file that would pass for a lost one", () => {
  expect(() => open(["CREATE TABLE t (a); SELECT * FROM nowhere"])).toThrow();
  expect(readdirSync(folder)).toEqual([]);
});

test("on a full disk a first start leaves no file, and the next one with room is a first start", () => {
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  if (mounted.status !== 0) {
    process.stderr.write("SKIPPED: needs the right to mount a tmpfs\n");
    return;
  }
  try {
    const filler = join(folder, "filler");
    try {
      writeFileSync(filler, new Uint8Array(2 ** 20));
    } catch {
      // Full: that is what it is for.
    }
    const noRoom = expect.objectContaining({ code: "RUNTIME_DATABASE_NO_ROOM" });
    expect(() => open()).toThrow(noRoom);
    expect(readdirSync(folder)).toEqual(["filler"]);
    truncateSync(filler, 0);
    open().close();
  } finally {
    spawnSync("umount", ["-l", folder]);
  }
});

test("a database that is out of reach is not called damaged, and nobody is told to move it aside", () => {
  const beyond = join(folder, "no/such.db");
  const said = expect.objectContaining({
    code: "RUNTIME_DATABASE_UNREADABLE",
    message: expect.stringMatching(/^(?!.*move it aside).*leave it where it is/s),
  });
  expect(() => openSqliteReadOnly(beyond)).toThrow(said);
  open().close();
  mkdirSync(`${file}-wal`);
  expect(() => open()).toThrow(said);
  expect(() => copySqlite(join(folder, "missing.db"), join(folder, "copy.db"))).toThrow(said);
});

test.each([
  ["SQLITE_FULL", true, "RUNTIME_DATABASE_NO_ROOM"],
  ["SQLITE_IOERR_WRITE", false, "RUNTIME_DATABASE_NO_ROOM"],
  ["SQLITE_IOERR_SHMSIZE", false, "RUNTIME_DATABASE_NO_ROOM"],
  ["SQLITE_CANTOPEN", false, "RUNTIME_DATABASE_NO_ROOM"],
  ["SQLITE_IOERR_READ", true, "RUNTIME_DATABASE_UNREADABLE"],
  ["SQLITE_CANTOPEN", true, "RUNTIME_DATABASE_UNREADABLE"],
  ["SQLITE_BUSY", false, "RUNTIME_DATABASE_UNREADABLE"],
  ["SQLITE_READONLY", true, "RUNTIME_DATABASE_UNREADABLE"],
  ["SQLITE_CORRUPT_INDEX", false, "RUNTIME_DATABASE_CORRUPT"],
  ["SQLITE_NOTADB", true, "RUNTIME_DATABASE_CORRUPT"],
])("%s with room on the disk %s is %s", (code, hasRoom, expected) => {
  const error = Object.assign(new Error("as SQLite says"), { code });
  expect(databaseFault(file, error, () => hasRoom)).toMatchObject({ code: expected, cause: error });
});

test("what does not come from SQLite stays what it is", () => {
  const error = new RangeError("no");
  expect(databaseFault(file, error)).toBe(error);
});
