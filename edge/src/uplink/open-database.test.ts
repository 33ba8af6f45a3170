import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { openEdgeDatabase } from "./open-database.ts";

const nowMs = Date.parse("2026-06-02T05:00:00Z");

test("a damaged database is moved aside, told, and a new one begun", () => {
  const folder = tempDir();
  const file = join(folder, "edge.db");
  writeFileSync(file, "this was a database before the power went".repeat(100));
  const { db, finding, freeDiskBytes } = openEdgeDatabase(file, { nowMs });
  expect(finding).toMatchObject({ code: "damaged" });
  expect(finding?.text).toContain(`${file}.damaged-20260602T050000Z`);
  expect(db.prepare("SELECT epoch FROM boot").get()).toEqual({ epoch: 0 });
  expect(freeDiskBytes()).toBeGreaterThan(0);
  db.close();
  expect(readdirSync(folder)).toContain("edge.db.damaged-20260602T050000Z");
});

test("a sound one is opened as it is; other trouble is not mistaken for damage", () => {
  const file = join(tempDir(), "edge.db");
  openEdgeDatabase(file, { nowMs }).db.close();
  const again = openEdgeDatabase(file, { nowMs, hasRun: true });
  expect(again.finding).toBeUndefined();
  again.db.close();
  expect(() => openEdgeDatabase("/nowhere/at/all/edge.db", { nowMs })).toThrow();
});

test("one that is missing or empty where the edge has run is told; a new installation is told nothing", () => {
  const folder = tempDir();
  const file = join(folder, "edge.db");
  const first = openEdgeDatabase(file, { nowMs });
  expect(first.finding).toBeUndefined();
  first.db.close();
  rmSync(file);
  const lost = openEdgeDatabase(file, { nowMs, hasRun: true });
  expect(lost.finding).toMatchObject({
    code: "lost",
    text: expect.stringContaining("was missing"),
  });
  lost.db.close();
  writeFileSync(file, "");
  const empty = openEdgeDatabase(file, { nowMs, hasRun: true });
  expect(empty.finding).toMatchObject({ code: "lost", text: expect.stringContaining("was empty") });
  empty.db.close();
  expect(existsSync(`${file}.empty-20260602T050000Z`)).toBe(true);
});
