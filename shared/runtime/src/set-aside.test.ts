import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dateTag, isDamage, openSound, setAside } from "./set-aside.ts";
import { openSqlite } from "./sql.better-sqlite3.ts";

const nowMs = Date.parse("2026-06-02T05:00:00.123Z");
const options = {
  synchronous: "NORMAL",
  migrations: ["CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)"],
} as const;
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-aside-"));
  file = join(folder, "x.db");
  const db = openSqlite(file, options);
  for (let i = 0; i < 500; i++) db.exec(`INSERT INTO t (b) VALUES ('${"row ".repeat(50)}')`);
  db.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

const flip = (at: number) => {
  const bytes = readFileSync(file);
  for (let i = at; i < at + 64; i++) bytes[i] = (bytes[i] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
};

test.each<[string, () => void]>([
  ["a flipped header", () => flip(0)],
  ["flipped pages", () => [4_096, 8_192, 16_384].forEach(flip)],
  ["a file that is cut", () => truncateSync(file, 9_000)],
  ["a file cut to nothing", () => truncateSync(file, 0)],
  ["a file cut within its header", () => truncateSync(file, 60)],
  ["a file cut to its first page", () => truncateSync(file, 4_096)],
  ["a file of zeroes, as a power cut may leave it", () => writeFileSync(file, Buffer.alloc(8_192))],
  ["garbage", () => writeFileSync(file, "not a database at all ".repeat(500))],
])("%s is set aside whole, and a new one begins", (_, harm) => {
  harm();
  const harmed = readFileSync(file);
  const { db, aside } = openSound(file, { ...options, nowMs });
  expect(aside?.movedTo).toBe(`${file}.damaged-20260602T050000Z`);
  expect(aside?.why).not.toBe("");
  expect(readFileSync(aside?.movedTo ?? "")).toEqual(harmed);
  expect(db.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 0 });
  db.close();
});

test("a sound one is opened as it is", () => {
  const { db, aside } = openSound(file, { ...options, nowMs });
  expect(aside).toBeUndefined();
  expect(db.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 500 });
  db.close();
});

test("one of a newer Weir is no damage: it is refused and stays", () => {
  const db = openSqlite(file, options);
  db.exec("PRAGMA user_version = 9");
  db.close();
  expect(() => openSound(file, { ...options, nowMs })).toThrow(/schema version 9/);
  expect(existsSync(file)).toBe(true);
});

test("nothing that was set aside is ever overwritten", () => {
  const first = setAside(file, nowMs);
  writeFileSync(file, "again");
  const second = setAside(file, nowMs);
  expect(second).toBe(`${first}-2`);
  expect(readFileSync(second, "utf8")).toBe("again");
  expect(dateTag(nowMs)).toBe("20260602T050000Z");
  expect(isDamage(new RangeError("no"))).toBe(false);
});
