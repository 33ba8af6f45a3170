/** A site's numbers: restored fogs, a restored cloud, two fogs of one state, fogs too old to say. */
import { crc32 } from "node:zlib";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { expect, test } from "vitest";
import { createSqliteLog, sqliteLogMigrations } from "./event-log.sqlite.ts";
import type { AppendBatch, EventLog, ItemPosition } from "./event-log.ts";
import { contentOf } from "./item-order.ts";

const open = (db?: SqlDatabase) =>
  createSqliteLog(
    db ?? openSqlite(":memory:", { synchronous: "NORMAL", migrations: sqliteLogMigrations }),
  );

/** An item as the door makes it: field 1 is its number. */
const item = (sequence: number, text = `item ${sequence}`, kind = "event") => {
  const content = new TextEncoder().encode(text);
  const body = Uint8Array.from([8, sequence & 0x7f, ...content]);
  return { sequence, kind, body, print: crc32(content) };
};

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => item(from + i));

const batch = (
  incarnation: string,
  items: AppendBatch["items"],
  previous: ItemPosition = { incarnation, sequence: (items[0]?.sequence ?? 1) - 1 },
): AppendBatch => ({ source: "riverside", epoch: 1, incarnation, items, previous, atMs: 0 });

async function texts(log: EventLog): Promise<string[]> {
  const records = await log.read(new Map(), 10_000);
  return records.map(({ body }) => new TextDecoder().decode(contentOf(body)));
}

test("a fog that goes on from a backup: what it sends under old numbers is kept, all of it", async () => {
  const log = open();
  await log.append(batch("11", range(1, 10)));
  const restored = await log.append(
    batch("22", [item(6, "label a"), item(7, "label b")], { incarnation: "11", sequence: 5 }),
  );
  expect(restored).toMatchObject({ appendedCount: 2, durableSequence: 7 });
  expect(restored.findings).toMatchObject([
    { code: "set-back", text: expect.stringContaining("it remembers 5 items, 10 have come") },
  ]);
  expect((await texts(log)).slice(-2)).toEqual(["label a", "label b"]);
});

test("what it sends again under a new number with the same content is taken once", async () => {
  const log = open();
  await log.append(batch("11", range(1, 10)));
  const items = [item(6, "item 6"), item(7, "item 7"), item(8, "a new one")];
  const again = await log.append(batch("22", items, { incarnation: "11", sequence: 5 }));
  expect(again).toMatchObject({ appendedCount: 1, durableSequence: 8 });
  expect(await texts(log)).toHaveLength(11);
  // A state may come back to what it was: it is always taken.
  const states = [item(9, "item 9", "siteModel")];
  expect((await log.append(batch("22", states))).appendedCount).toBe(1);
  // Sent again as its answer was lost.
  expect(
    (await log.append(batch("22", items, { incarnation: "11", sequence: 5 }))).appendedCount,
  ).toBe(0);
});

test("a cloud that was restored takes nothing over the gap, says what it has, and takes it in order", async () => {
  const log = open();
  await log.append(batch("11", range(1, 5)));
  const over = await log.append(batch("11", range(9, 10)));
  expect(over).toMatchObject({
    appendedCount: 0,
    missingAfter: { incarnation: "11", sequence: 5 },
  });
  expect(over.findings[0]?.text).toContain("items 6 to 8 of riverside had been acknowledged");
  await log.append(batch("11", range(6, 10)));
  expect(await texts(log)).toEqual(range(1, 10).map((_, i) => `item ${i + 1}`));
});

test("a gap over a restart of the fog is found through what it sent before", async () => {
  const log = open();
  await log.append(batch("11", range(1, 5)));
  const next = batch("22", range(9, 9), { incarnation: "11", sequence: 8 });
  expect((await log.append(next)).missingAfter).toEqual({ incarnation: "11", sequence: 5 });
  const unknown = batch("33", range(9, 9), { incarnation: "22", sequence: 8 });
  expect((await log.append(unknown)).missingAfter).toEqual({ incarnation: "11", sequence: 5 });
  expect((await open().append(next)).missingAfter).toEqual({ incarnation: "0", sequence: 0 });
});

test("what the fog keeps no longer is named with its range", async () => {
  const log = open();
  await log.append(batch("11", range(1, 5)));
  const { findings, appendedCount } = await log.append({
    ...batch("11", range(9, 10), { incarnation: "11", sequence: 5 }),
    lost: { from: 6, to: 8 },
  });
  expect(appendedCount).toBe(2);
  expect(findings).toMatchObject([
    { code: "gap", text: expect.stringContaining("items 6 to 8 of riverside are missing here") },
  ]);
});

test("one number with two contents: both kept, told once each", async () => {
  const log = open();
  await log.append(batch("11", range(1, 3)));
  const other = await log.append(batch("11", [item(3, "another three")]));
  expect(other).toMatchObject({ appendedCount: 1, findings: [{ code: "conflict" }] });
  const again = await log.append(batch("11", [item(3, "another three")]));
  expect(again).toMatchObject({ appendedCount: 0, findings: [] });
  expect(await texts(log)).toEqual(["item 1", "item 2", "item 3", "another three"]);
});

test("older fogs are taken as before; their gaps and doubled numbers are told", async () => {
  const log = open();
  const old = (sequences: readonly ReturnType<typeof item>[]) =>
    log.append({
      source: "riverside",
      epoch: 7,
      atMs: 0,
      items: sequences.map(({ print: _, ...rest }) => rest),
    });
  expect((await old(range(1, 3))).findings).toEqual([]);
  expect((await old(range(2, 4))).findings).toEqual([]);
  expect((await old(range(9, 9))).findings).toMatchObject([
    { code: "gap", text: expect.stringContaining("items 5 to 8") },
  ]);
  expect(await old([item(9, "restored, and another nine")])).toMatchObject({
    appendedCount: 1,
    findings: [{ code: "conflict" }],
  });
});

test("numbers of a log from before there were incarnations still count", async () => {
  const db = openSqlite(":memory:", {
    synchronous: "NORMAL",
    migrations: sqliteLogMigrations.slice(0, 1),
  });
  db.exec("INSERT INTO producer VALUES ('riverside', 7, 3)");
  db.exec(sqliteLogMigrations[1] ?? "");
  const log = open(db);
  const append = (sequence: number) =>
    log.append({ source: "riverside", epoch: 7, atMs: 0, items: [item(sequence)] });
  expect((await append(3)).appendedCount).toBe(0);
  expect((await append(4)).appendedCount).toBe(1);
});
