/** A backup of a data folder and the way back, with what can be wrong on it. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BackupRules, lastBackup, writeBackup } from "./backup.ts";
import { openDataDir } from "./data-dir.ts";
import { restoreBackup, takeRestoreNote } from "./restore.ts";
import { openSqlite } from "./sql.better-sqlite3.ts";
import type { SqlDatabase } from "./sql.ts";

const nowMs = Date.parse("2026-06-02T05:00:00Z");
const rules: BackupRules = {
  tier: "fog",
  version: "0.1.0",
  firstDatabases: ["b.db"],
  isSecret: (path) => path === "keys/ca-key.pem",
  left: ["addresses.json"],
};
let root: string;
let dataDir: string;
let db: SqlDatabase;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "weir-backup-"));
  dataDir = join(root, "data");
  mkdirSync(join(dataDir, "keys"), { recursive: true });
  db = openSqlite(join(dataDir, "b.db"), {
    synchronous: "NORMAL",
    migrations: ["CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT)"],
  });
  db.exec("INSERT INTO t (b) VALUES ('one'); INSERT INTO t (b) VALUES ('two')");
  writeFileSync(join(dataDir, "keys/ca.pem"), "certificate");
  writeFileSync(join(dataDir, "keys/ca-key.pem"), "secret", { mode: 0o600 });
  writeFileSync(join(dataDir, "addresses.json"), "{}");
  writeFileSync(join(dataDir, "b.db.damaged-20260101T000000Z"), "old harm");
});
afterEach(() => {
  db.close();
  rmSync(root, { recursive: true });
});

const target = () => join(root, "backup");
const back = (withSecrets = false) =>
  writeBackup({ dataDir, target: target(), rules, withSecrets, nowMs });
const restore = (into = dataDir) =>
  restoreBackup({ folder: target(), dataDir: into, rules, by: "ana", nowMs: nowMs + 60_000 });
const rows = (file: string) => {
  const opened = openSqlite(file, { synchronous: "NORMAL", migrations: ["-- as it is"] });
  try {
    return opened
      .prepare("SELECT b FROM t ORDER BY a")
      .all<{ b: string }>()
      .map(({ b }) => b);
  } finally {
    opened.close();
  }
};

test("it holds each database as of one moment, also with a writer open, files, and no keys", () => {
  const manifest = back();
  expect(manifest.files.map(({ path, kind }) => [path, kind])).toEqual([
    ["b.db", "database"],
    ["keys/ca.pem", "file"],
  ]);
  db.exec("INSERT INTO t (b) VALUES ('later')");
  expect(rows(join(target(), "b.db"))).toEqual(["one", "two"]);
  expect(statSync(join(target(), "b.db")).mode & 0o777).toBe(0o600);
  expect(statSync(target()).mode & 0o777).toBe(0o700);
  expect(lastBackup(dataDir)).toMatchObject({ atMs: nowMs, target: target(), hasSecrets: false });
});

test("keys come with the word only, for their owner alone", () => {
  expect(back(true).files).toContainEqual(expect.objectContaining({ kind: "secret" }));
  expect(statSync(join(target(), "keys/ca-key.pem")).mode & 0o777).toBe(0o600);
});

test("it comes back: what it replaces is aside, keys that it lacks stay, the next start tells of it once", () => {
  back();
  db.exec("INSERT INTO t (b) VALUES ('later')");
  writeFileSync(join(dataDir, "new.json"), "not in the backup");
  db.close();
  const { replaced, keptSecrets } = restore();
  expect(keptSecrets).toEqual(["keys/ca-key.pem"]);
  expect(rows(join(dataDir, "b.db"))).toEqual(["one", "two"]);
  expect(readFileSync(join(dataDir, "keys/ca-key.pem"), "utf8")).toBe("secret");
  expect(existsSync(join(dataDir, "new.json"))).toBe(false);
  expect(rows(join(replaced ?? "", "b.db"))).toEqual(["one", "two", "later"]);
  expect(readFileSync(join(replaced ?? "", "new.json"), "utf8")).toBe("not in the backup");
  const note = takeRestoreNote(dataDir);
  expect(note?.finding).toMatchObject({
    code: "restored",
    text: expect.stringMatching(/by ana at .*: it is as of 2026-06-02T05:00:00.000Z/),
  });
  note?.told();
  expect(takeRestoreNote(dataDir)).toBeUndefined();
});

test("into an empty folder, as on a new machine", () => {
  back(true);
  const fresh = join(root, "new machine");
  expect(restore(fresh).replaced).toBeUndefined();
  expect(rows(join(fresh, "b.db"))).toEqual(["one", "two"]);
  expect(readFileSync(join(fresh, "keys/ca-key.pem"), "utf8")).toBe("secret");
});

test("a database's stale log beside it is not read into the restored one", () => {
  back();
  db.exec("INSERT INTO t (b) VALUES ('later')");
  const wal = readFileSync(join(dataDir, "b.db-wal"));
  db.close();
  writeFileSync(join(dataDir, "b.db-wal"), wal);
  rmSync(join(dataDir, "b.db"));
  restore();
  expect(rows(join(dataDir, "b.db"))).toEqual(["one", "two"]);
});

test("nothing is changed by a backup that is harmed: every fault is told at once", () => {
  back(true);
  appendFileSync(join(target(), "b.db"), "x");
  rmSync(join(target(), "keys/ca.pem"));
  db.close();
  const before = readdirSync(dataDir).sort();
  expect(() => restore()).toThrow(
    /no usable backup.*\n {2}b\.db is not what was.*\n {2}keys\/ca\.pem is missing/,
  );
  expect(readdirSync(dataDir).sort()).toEqual(before);
  writeFileSync(join(target(), "manifest.json"), "{");
  expect(() => restore()).toThrow(/manifest\.json cannot be read/);
});

test("another tier's backup, a path that leads out, a newer format", () => {
  const manifest = back();
  const put = (changes: object) =>
    writeFileSync(join(target(), "manifest.json"), JSON.stringify({ ...manifest, ...changes }));
  put({ tier: "cloud" });
  expect(() => restore()).toThrow(/it is a backup of a weir-cloud/);
  put({ files: [{ path: "../b.db", kind: "file", bytes: 1, sha256: "" }] });
  expect(() => restore()).toThrow(/\.\.\/b\.db leads out of the folder/);
  put({ formatVersion: 2 });
  expect(() => restore()).toThrow(/not of a format this program knows/);
});

test("it is refused where a process runs, and where the target holds something", () => {
  back();
  const held = openDataDir(dataDir);
  expect(() => restore()).toThrow(/is in use by the running process/);
  held.close();
  expect(() => back()).toThrow(/it is not empty; name a folder/);
  writeFileSync(join(root, "file"), "");
  expect(() =>
    writeBackup({ dataDir, target: join(root, "file"), rules, withSecrets: false, nowMs }),
  ).toThrow(/it is a file/);
  expect(() =>
    writeBackup({
      dataDir: join(root, "none"),
      target: join(root, "x"),
      rules,
      withSecrets: false,
      nowMs,
    }),
  ).toThrow(/holds nothing to back up/);
});

test("a restore that was interrupted keeps the next start from running on half of it", () => {
  back();
  db.close();
  const note = { from: target(), backupAtMs: nowMs, restoredAtMs: nowMs, by: "ana" };
  writeFileSync(join(dataDir, "restore-in-progress.json"), JSON.stringify(note));
  expect(() => takeRestoreNote(dataDir)).toThrow(/was interrupted.*run the restore again/);
  restore();
  expect(takeRestoreNote(dataDir)?.finding.code).toBe("restored");
});

const drafts = () => readdirSync(root).filter((name) => name.includes(".draft-"));
/** Of no process: beyond the largest number that one can have. */
const deadPid = 2 ** 22 + 1;

test("a backup that fails leaves nothing of itself, and names the database that it failed at", () => {
  db.close();
  writeFileSync(join(dataDir, "b.db"), "no database at all ".repeat(500));
  expect(() => back()).toThrow(expect.objectContaining({ code: "RUNTIME_DATABASE_CORRUPT" }));
  expect(drafts()).toEqual([]);
  expect(existsSync(target())).toBe(false);
  expect(lastBackup(dataDir)).toBeUndefined();
});

test("halves of runs that were killed are swept: of the same target, and all in the data folder", () => {
  const mine = `${target()}.draft-${deadPid}`;
  const living = `${target()}.draft-1`;
  const others = join(root, `photos.draft-${deadPid}`);
  const onPage = join(dataDir, "backups", `20260601T000000Z.draft-${deadPid}`);
  for (const folder of [mine, living, others, onPage]) mkdirSync(folder, { recursive: true });
  back();
  expect([mine, living, others, onPage].map((folder) => existsSync(folder))).toEqual([
    ...[false, true, true, true],
  ]);
  const inside = join(dataDir, "backups", "20260602T050000Z");
  writeBackup({ dataDir, target: inside, rules, withSecrets: false, nowMs });
  expect(readdirSync(join(dataDir, "backups"))).toEqual(["20260602T050000Z"]);
});

test("a folder below a file cannot be a target: one sentence", () => {
  writeFileSync(join(root, "file"), "");
  const below = join(root, "file", "backup");
  expect(() => writeBackup({ dataDir, target: below, rules, withSecrets: false, nowMs })).toThrow(
    expect.objectContaining({ code: "RUNTIME_BACKUP_TARGET" }),
  );
});

test.each<[string, (manifest: object) => unknown, RegExp]>([
  ["null", () => null, /not of a format this program knows/],
  ["a list", () => [], /not of a format this program knows/],
  ["without files", (manifest) => ({ ...manifest, files: undefined }), /lists no files/],
  ["with no file", (manifest) => ({ ...manifest, files: [] }), /lists no files/],
  ["with a file of null", (manifest) => ({ ...manifest, files: [null] }), /files\[0\]/],
  ["without a date", (manifest) => ({ ...manifest, createdAtMs: "today" }), /when it was made/],
  ["beyond all dates", (manifest) => ({ ...manifest, createdAtMs: 1e300 }), /when it was made/],
  ["with keys of no kind", (manifest) => ({ ...manifest, leftSecrets: "all" }), /leftSecrets/],
])("a manifest that is %s is refused before anything moves", (_, harm, says) => {
  const manifest = back();
  db.close();
  writeFileSync(join(target(), "manifest.json"), JSON.stringify(harm(manifest)));
  const before = readdirSync(dataDir).sort();
  expect(() => restore()).toThrow(says);
  expect(() => restore()).toThrow(/nothing was changed/);
  expect(readdirSync(dataDir).sort()).toEqual(before);
});

test("a restore leaves no staged copy, not of itself and not of one that was killed", () => {
  back();
  db.close();
  mkdirSync(join(dataDir, `.restore-${deadPid}`));
  restore();
  expect(readdirSync(dataDir).filter((name) => name.startsWith("."))).toEqual([]);
});

test("keys that the backup lacks and that are not in the folder are named", () => {
  back();
  db.close();
  expect(restore().missingSecrets).toEqual([]);
  expect(restore(join(root, "new machine")).missingSecrets).toEqual(["keys/ca-key.pem"]);
});

test.each(["{}", "null", "{", ""])(
  "a note of a restore that says %j is told as unknown",
  (text) => {
    writeFileSync(join(dataDir, "restored.json"), text);
    const note = takeRestoreNote(dataDir);
    expect(note?.finding.text).toMatch(/by whom is not known: restored\.json cannot be read/);
    note?.told();
    expect(takeRestoreNote(dataDir)).toBeUndefined();
    writeFileSync(join(dataDir, "restore-in-progress.json"), text);
    expect(() => takeRestoreNote(dataDir)).toThrow(/was interrupted/);
  },
);
