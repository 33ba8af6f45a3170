/** An edge that was restored, rolled back, cloned, or lost its disk; a fog that lost what it had. */
import { truncateSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MemorySession } from "../src/broker/memory-door.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig, seconds, startMs } from "./fog-rig.ts";

let rig: FogRig;
let edge: FakeEdge;
let session: MemorySession;

beforeEach(async () => {
  rig = await new FogRig().start();
  edge = new FakeEdge("edge-w");
  Object.assign(edge, { incarnation: "101", store: "100" });
  session = rig.door.connect("edge-w", () => {});
  await session.publish("birth", edge.birth(startMs));
});
afterEach(() => rig.stop());

/** `count` batches of ten seconds each; where they stand on the calendar does not matter here. */
async function batches(of: FakeEdge, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const fromMs = rig.clock.nowMs();
    await rig.clock.advance(10_000);
    await session.publish("blocks", of.blocks(seconds(fromMs, 10)));
  }
}
const say = (of: FakeEdge, options = {}) =>
  session.publish("status", of.status(rig.clock.nowMs(), options));
const found = (code: string) =>
  rig.fog.core.integrity.list(100).filter((finding) => finding.code === code);

test("rolled back, its boot number repeats: every reading is stored, none taken for an earlier one", async () => {
  await batches(edge, 5);
  const backup = edge.copy();
  edge.boot("102");
  await session.publish("birth", edge.birth(rig.clock.nowMs()));
  await batches(edge, 20);
  const before = rig.stored["edge-w"] ?? 0;
  expect(before).toBe(25 * 20);

  backup.boot("103");
  expect(backup.epoch).toBe(edge.epoch);
  await session.publish("birth", backup.birth(rig.clock.nowMs()));
  await batches(backup, 75);
  expect(rig.stored["edge-w"]).toBe(before + 1_500);
  expect(rig.fog.core.ingest.counts).toMatchObject({ duplicates: 0, conflicts: 0 });
  const [told] = found("set-back");
  expect(told?.text).toMatch(/edge-w was restored, rolled back or cloned: it begins boot 2.*lost/);
  expect(rig.fog.core.integrity.problems()).toHaveLength(1);
  expect(rig.fog.core.audit.recent(1)[0]).toMatchObject({ action: "integrity.set-back" });
});

test("rolled back within a boot: the fog holds more than it remembers, and says so once", async () => {
  await batches(edge, 5);
  const backup = edge.copy();
  await batches(edge, 5);
  backup.boot("103");
  for (let i = 0; i < 3; i++) await session.publish("birth", backup.birth(rig.clock.nowMs()));
  expect(found("set-back")).toHaveLength(1);
  expect(found("set-back")[0]?.text).toContain("it remembers 5 batches of readings");
  expect(found("set-back")[0]?.text).toContain("10 and 0 have come");
  await batches(backup, 3);
  await session.publish("events", backup.trip(rig.clock.nowMs(), "CL-HIGH"));
  expect(rig.stored["edge-w"]).toBe(13 * 20);
  expect(rig.heard.events).toHaveLength(1);
});

test("what it had stored before the roll-back comes again under its old numbers, and is known", async () => {
  const first = edge.blocks(seconds(startMs, 10));
  await session.publish("blocks", first);
  edge.boot("103");
  await session.publish("birth", edge.birth(rig.clock.nowMs()));
  await session.publish("blocks", first);
  expect(rig.stored["edge-w"]).toBe(20);
  expect(rig.fog.core.ingest.counts).toMatchObject({ duplicates: 1, conflicts: 0 });
});

test("an ordinary restart is told nowhere", async () => {
  for (const incarnation of ["102", "103", "104"]) {
    await batches(edge, 3);
    await session.publish("events", edge.trip(rig.clock.nowMs(), "CL-HIGH"));
    await say(edge);
    edge.boot(incarnation);
    await session.publish("birth", edge.birth(rig.clock.nowMs()));
    await session.publish("birth", edge.birth(rig.clock.nowMs()));
    await say(edge);
  }
  expect(rig.fog.core.integrity.list(10)).toEqual([]);
});

test("a cloned disk, both running: told loudly, both kept apart", async () => {
  await batches(edge, 3);
  const clone = edge.copy();
  edge.boot("102");
  clone.boot("202");
  for (let i = 0; i < 4; i++) {
    for (const one of [edge, clone]) {
      await session.publish("birth", one.birth(rig.clock.nowMs()));
      await say(one);
      await batches(one, 2);
      await session.publish("events", one.trip(rig.clock.nowMs(), "CL-HIGH"));
    }
  }
  expect(found("clone")[0]?.text).toMatch(/two agents run as edge-w at once/);
  expect(rig.stored["edge-w"]).toBe((3 + 16) * 20);
  expect(new Set(rig.heard.events.map(({ id }) => id)).size).toBe(8);
});

test("one number with two contents (a memory image that runs twice): both kept, told, counted", async () => {
  await batches(edge, 2);
  const twin = edge.copy();
  await batches(edge, 1);
  await session.publish("events", edge.trip(rig.clock.nowMs(), "CL-HIGH"));
  const other = twin.blocks(seconds(rig.clock.nowMs(), 10));
  await session.publish("blocks", other);
  await session.publish("blocks", other); // its PUBACK was lost
  await session.publish("events", twin.trip(rig.clock.nowMs(), "PH-LOW"));
  expect(rig.stored["edge-w"]).toBe(4 * 20);
  expect(rig.heard.events).toHaveLength(2);
  expect(rig.fog.core.ingest.counts).toMatchObject({ duplicates: 1, conflicts: 2 });
  expect(found("conflict").map(({ text }) => text)).toEqual([
    expect.stringContaining("batches of events 1 of boot 1 twice"),
    expect.stringContaining("batches of readings 3 of boot 1 twice"),
  ]);
});

test("the same batch, live and again as backlog, is no conflict", async () => {
  const bytes = edge.blocks(seconds(startMs, 10));
  await session.publish("blocks", bytes);
  await session.publish("blocks", Uint8Array.from([...bytes, (3 << 3) | 0, 1]));
  expect(rig.fog.core.ingest.counts).toMatchObject({ duplicates: 1, conflicts: 0 });
});

test("its database was lost: told with what was pending, and nothing is taken for an earlier one", async () => {
  await batches(edge, 3);
  await say(edge, { blocksFrom: 3, pending: 4_711 });
  const fresh = new FakeEdge("edge-w");
  Object.assign(fresh, { incarnation: "900", store: "900", epoch: 29_000_000 });
  await session.publish("birth", fresh.birth(rig.clock.nowMs()));
  await batches(fresh, 3);
  expect(found("lost")[0]?.text).toMatch(/edge-w has begun a new database.*kept 4711 readings/);
  expect(rig.stored["edge-w"]).toBe(6 * 20);
});

test("what it dropped and said so is no gap; what this fog has lost is one, with its range", async () => {
  await batches(edge, 2);
  edge.sequence += 3;
  const batchesDropped = [{ epoch: 1, incarnation: "101", from: 3, to: 5 }];
  await session.publish(
    "events",
    edge.event(rig.clock.nowMs(), {
      case: "dropped",
      value: { fromMs: startMs, toMs: rig.clock.nowMs(), readings: 60, batches: batchesDropped },
    }),
  );
  await batches(edge, 2);
  await say(edge);
  expect(found("gap")).toEqual([]);
  edge.sequence += 4;
  await batches(edge, 1);
  await say(edge, { blocksFrom: 8 }); // they may still come
  expect(found("gap")).toEqual([]);
  await say(edge);
  await say(edge);
  expect(found("gap").map(({ text, count }) => [text, count])).toEqual([
    [expect.stringMatching(/batches of readings 8 to 11 of boot 1 .*\(between 2026-06-02T05/), 1],
  ]);
});

test("fog.db is lost beside its other files: set aside, told, and the edge's numbers show what is missing", async () => {
  await batches(edge, 9);
  rig.fog.kill();
  truncateSync(`${rig.folder}/fog.db`, 0);
  await rig.start();
  session = rig.door.connect("edge-w", () => {});
  await session.publish("birth", edge.birth(rig.clock.nowMs()));
  await batches(edge, 2);
  await say(edge);
  expect(rig.stored["edge-w"]).toBe(40);
  expect(found("lost")[0]?.text).toMatch(/fog\.db/);
  expect(found("gap")[0]?.text).toContain("batches of readings 1 to 9 of boot 1");
});
