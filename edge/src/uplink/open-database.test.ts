import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { openEdgeDatabase } from "./open-database.ts";

test("a damaged database is moved aside and a new one begun", () => {
  const folder = tempDir();
  const file = join(folder, "edge.db");
  writeFileSync(file, "this was a database before the power went".repeat(100));
  const { db, movedTo, freeDiskBytes } = openEdgeDatabase(file, 1_780_000_000_000.5);
  expect(movedTo).toBe(`${file}.damaged-1780000000000`);
  expect(db.prepare("SELECT epoch FROM boot").get()).toEqual({ epoch: 0 });
  expect(freeDiskBytes()).toBeGreaterThan(0);
  db.close();
  expect(readdirSync(folder)).toContain("edge.db.damaged-1780000000000");
});

test("a sound one is opened as it is; other trouble is not mistaken for damage", () => {
  const file = join(tempDir(), "edge.db");
  openEdgeDatabase(file, 1).db.close();
  const again = openEdgeDatabase(file, 2);
  expect(again.movedTo).toBeUndefined();
  again.db.close();
  expect(() => openEdgeDatabase("/nowhere/at/all/edge.db", 3)).toThrow();
});
