import { strict as assert } from "node:assert";
import { join } from "node:path";
import { f64 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MemorySession } from "../src/broker/memory-door.ts";
import { journalMigrations } from "../src/store.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig, seconds, startMs } from "./fog-rig.ts";

const minute = 60_000;
let rig: FogRig;
let edge: FakeEdge;
let session: MemorySession;

beforeEach(async () => {
  rig = await new FogRig().start();
  edge = new FakeEdge("edge-d");
  session = rig.door.connect("edge-d", () => {});
  await session.publish("birth", edge.birth(startMs));
});
afterEach(() => rig.stop());

/** Lives `count` minutes, one batch each, from the clock's now. */
async function minutes(count: number, valueAt?: (tag: number, atMs: number) => number) {
  for (let i = 0; i < count; i++) {
    const fromMs = rig.clock.nowMs();
    await rig.clock.advance(minute);
    await session.publish("blocks", edge.blocks(seconds(fromMs, 60), valueAt ? { valueAt } : {}));
  }
}
const history = () => rig.fog.core.historian;

test("a minute is sealed when every online edge has passed it, or has been silent too long", async () => {
  const other = new FakeEdge("edge-w");
  const otherSession = rig.door.connect("edge-w", () => {});
  await otherSession.publish("birth", other.birth(startMs));
  await otherSession.publish("blocks", other.blocks(seconds(startMs, 60)));
  await session.publish("blocks", edge.blocks(seconds(startMs, 70)));
  await rig.clock.advance(500);
  expect(history().sealedCount).toBe(0); // edge-w has not passed the minute.
  await otherSession.publish("blocks", other.blocks(seconds(startMs + minute, 10)));
  await rig.clock.advance(500);
  expect(history().sealedCount).toBe(1);
  // Both fall silent: the second minute is sealed all the same.
  await rig.clock.advance(3 * minute);
  expect(history().sealedCount).toBe(2);
});

test("late readings join their minute; the journal keeps no raw batch of what is sealed", async () => {
  await minutes(3);
  await rig.clock.advance(minute);
  const late = edge.blocks([startMs + 500, startMs + 1_500], { backlog: true });
  await session.publish("blocks", late);
  await rig.clock.advance(2 * minute);
  const column = history().reader.readings(startMs).get(0);
  expect(column?.timesMs).toHaveLength(62);
  expect([...(column?.timesMs ?? [])]).toEqual([...(column?.timesMs ?? [])].sort((a, b) => a - b));
  const [row] = [...history().reader.minutes(["edge-d/D11/CL01"], startMs, startMs + minute)];
  expect(row?.n[0]).toBe(62);
  await rig.restart();
  expect(history().openMinutes).toBe(0);
});

test("a spike of one second is seen at every zoom, and after a restart", async () => {
  const spikeMs = startMs + 95_000;
  await minutes(12, (_tag, atMs) => (atMs === spikeMs ? 99 : 1));
  await rig.clock.advance(minute);
  for (const restarted of [false, true]) {
    if (restarted) await rig.restart();
    for (const buckets of [1, 3, 12, 50, 720]) {
      const [series] = history().reader.series(
        ["edge-d/D11/CL01"],
        startMs,
        startMs + 12 * minute,
        buckets,
      );
      expect(Math.max(...(series?.max ?? []).filter(Number.isFinite)), `${buckets}`).toBe(99);
      expect(Math.min(...(series?.min ?? []).filter(Number.isFinite)), `${buckets}`).toBe(1);
      assert(series);
      const at = [...series.max].indexOf(99);
      const widthMs = (12 * minute) / buckets;
      // Panes place a spike at the start of its minute; decoded readings at its second.
      expect(Math.abs(f64(series.atMs, at) - spikeMs)).toBeLessThan(widthMs + minute);
    }
  }
});

test("trends reach up to the newest reading, and unknown tags are gaps", async () => {
  await session.publish("blocks", edge.blocks(seconds(startMs, 30), { valueAt: () => 2 }));
  const [known, unknown] = history().reader.series(
    ["edge-d/D11/CL01", "edge-d/D11/XX99"],
    startMs,
    startMs + minute,
    2,
  );
  expect([...present(known).mean]).toEqual([2, Number.NaN]);
  expect([...present(unknown).mean]).toEqual([Number.NaN, Number.NaN]);
});

test("while the disk is full nothing is sealed or lost; when there is room it goes on", async () => {
  const journal = openSqlite(join(rig.folder, "fog.db"), {
    synchronous: "NORMAL",
    migrations: journalMigrations,
  });
  journal.exec(
    "CREATE TRIGGER full BEFORE INSERT ON sealing BEGIN SELECT RAISE(ABORT, 'full'); END",
  );
  await minutes(3);
  await rig.clock.advance(minute);
  expect(history().sealedCount).toBe(0);
  journal.exec("DROP TRIGGER full");
  journal.close();
  await rig.clock.advance(6_000);
  expect(history().sealedCount).toBe(3);
  expect(history().reader.readings(startMs).get(0)?.timesMs).toHaveLength(60);
});

test("hours are summed from their minutes", async () => {
  await minutes(125, (tag, atMs) => (tag === 0 ? (atMs - startMs) / 1_000 : 5));
  await rig.clock.advance(minute);
  const [first, second, ...rest] = [
    ...history().reader.hours(["edge-d/D11/CL01", "edge-d/D11/PH01"], startMs, startMs + 1e9),
  ];
  expect(rest).toHaveLength(0);
  expect(first?.n[0]).toBe(3_600);
  expect(first?.mean[0]).toBeCloseTo(1_799.5, 1);
  expect(first?.sd[0]).toBeCloseTo(1_039.4, 0);
  expect(first?.slope[0]).toBeCloseTo(1, 3);
  expect(second?.min[0]).toBe(3_600);
  expect(second?.max[0]).toBe(7_199);
  expect(second?.sd[1]).toBe(0);
});

test("retention deletes whole days, the oldest first, and never today", async () => {
  await minutes(2);
  await rig.clock.advance(minute);
  rig.clock.skew(3 * 86_400_000);
  await minutes(2);
  await rig.clock.advance(15 * minute);
  expect(history().span()?.fromMs).toBe(startMs);
  rig.clock.skew(398 * 86_400_000);
  await rig.clock.advance(15 * minute);
  expect(history().span()?.fromMs).toBeGreaterThan(startMs);
});
