import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqlite } from "./sql.better-sqlite3.ts";
import { openTierDatabase } from "./tier-database.ts";

const migrations = ["CREATE TABLE note (text TEXT NOT NULL) STRICT;"];

test("a folder named by mistake gets no database, and the sentence says what to name", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "weir-tier-database-"));
  const of = { program: "weir-edge", dataDir, file: "edge.db", migrations };
  expect(() => openTierDatabase(of)).toThrow(
    expect.objectContaining({
      code: "RUNTIME_NO_DATA",
      message: `${dataDir} holds no edge.db; name the data folder of weir-edge with --data-dir`,
    }),
  );
  expect(readdirSync(dataDir)).toEqual([]);

  openSqlite(join(dataDir, "edge.db"), { synchronous: "FULL", migrations }).close();
  const db = openTierDatabase(of);
  expect(db.prepare("SELECT count(*) AS count FROM note").get()).toEqual({ count: 0 });
  db.close();
});
