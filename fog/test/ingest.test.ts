import { join } from "node:path";
import { u8 } from "@weir/contracts/elements.ts";
import { open } from "@weir/contracts/envelope.ts";
import { present } from "@weir/contracts/present.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { journalMigrations } from "../src/store.ts";
import { FakeEdge, tagsOf } from "./fake-edge.ts";
import { FogRig, seconds, startMs } from "./fog-rig.ts";

let rig: FogRig;
beforeEach(async () => {
  rig = await new FogRig().start();
});
afterEach(() => rig.stop());

const connect = (edge: FakeEdge, deliver: (bytes: Uint8Array) => void = () => {}) =>
  rig.door.connect(edge.edge, (_family, bytes) => deliver(bytes));

test("readings are stored, counted and handed on once", async () => {
  const edge = new FakeEdge("edge-d");
  const session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  const batch = edge.blocks(seconds(startMs, 5));
  await session.publish("blocks", batch);
  await session.publish("blocks", batch); // The same again, after a lost PUBACK.
  expect(rig.stored).toEqual({ "edge-d": 10 });
  expect(rig.heard.births).toEqual(["edge-d"]);
  expect(rig.heard.readings).toEqual([{ edge: "edge-d", count: 10, backlog: false, tags: [0, 1] }]);
  expect(rig.fog.core.ingest.counts.duplicates).toBe(1);
  const newest = rig.fog.core.historian.newest.of(
    present(rig.fog.core.tags.find("edge-d/D11/CL01")).index,
  );
  expect(newest?.atMs).toBe(startMs + 4_000);
});

test("a batch is known again after a restart", async () => {
  const edge = new FakeEdge("edge-d");
  let session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  const batch = edge.blocks(seconds(startMs, 5));
  await session.publish("blocks", batch);
  await rig.restart();
  session = connect(edge);
  await session.publish("blocks", batch);
  expect(rig.stored).toEqual({ "edge-d": 10 });
});

test("batches before their birth are kept, the birth is asked for, and then they count", async () => {
  const edge = new FakeEdge("edge-d");
  const commands: string[] = [];
  const session = connect(edge, (bytes) => {
    const opened = open("command", bytes);
    if (opened.ok) commands.push(opened.value.body.case ?? "");
  });
  await session.publish("blocks", edge.blocks(seconds(startMs, 5)));
  await session.publish("blocks", edge.blocks(seconds(startMs + 5_000, 5)));
  expect(commands).toEqual(["rebirth"]); // Once, not per batch.
  expect(rig.stored).toEqual({ "edge-d": 0 });
  await rig.restart();
  await connect(edge).publish("birth", edge.birth(startMs));
  expect(rig.stored).toEqual({ "edge-d": 20 });
  expect(rig.heard.readings.map(({ count }) => count)).toEqual([10, 10]);
});

test("old batches decode with the table of their boot, and carry the newest indices", async () => {
  const edge = new FakeEdge("edge-d", ["D11/CL01", "D11/PH01", "D11/TU01"]);
  const session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  const old = edge.blocks(seconds(startMs, 2), { backlog: true });
  edge.epoch = 2;
  edge.sequence = 0;
  edge.tags = tagsOf(["D11/FL01", "D11/CL01"], 2_000);
  await session.publish("birth", edge.birth(startMs + 10_000));
  await session.publish("blocks", old);
  // CL01 is index 1 now; PH01 and TU01 are no longer announced, but their history is kept.
  expect(rig.heard.readings).toEqual([{ edge: "edge-d", count: 2, backlog: true, tags: [1] }]);
  expect(rig.stored).toEqual({ "edge-d": 6 });
});

test("what cannot be understood is kept with the reason, and acknowledged", async () => {
  const edge = new FakeEdge("edge-d");
  const session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  const broken = edge.blocks(seconds(startMs, 5));
  broken[broken.length - 6] = u8(broken, broken.length - 6) ^ 1;
  await session.publish("blocks", broken);
  await session.publish("blocks", Uint8Array.of(99, 1, 2));
  await session.publish("blocks", new TextEncoder().encode('{"schema":"blocks"'));
  await session.publish("blocks", edge.blocks(seconds(startMs + 3 * 86_400_000, 1)));
  await session.publish("birth", new FakeEdge("edge-w").birth(startMs));
  const reasons = rig.fog.core.ingest.deadLetters.newest(10).map(({ reason }) => reason);
  expect(reasons).toHaveLength(5);
  expect(reasons.at(-1)).toMatch(/bad-crc|malformed/);
  expect(reasons.at(-2)).toMatch(/wrong-schema/);
  expect(reasons.at(-4)).toMatch(/clock is wrong/);
  expect(reasons.at(-5)).toMatch(/riverside\/edge-w on the topic of riverside\/edge-d/);
});

test("a message that cannot be stored is refused, and accepted when it comes again", async () => {
  const edge = new FakeEdge("edge-d");
  const session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  const batch = edge.blocks(seconds(startMs, 5));
  // A second connection to the same file stands for the disk that has become full.
  const journal = openSqlite(join(rig.folder, "fog.db"), {
    synchronous: "NORMAL",
    migrations: journalMigrations,
  });
  journal.exec(
    "CREATE TRIGGER full BEFORE INSERT ON raw BEGIN SELECT RAISE(ABORT, 'disk full'); END",
  );
  await expect(session.publish("blocks", batch)).rejects.toThrow(/not acknowledged/);
  journal.exec("DROP TRIGGER full");
  journal.close();
  await session.publish("blocks", batch);
  expect(rig.stored).toEqual({ "edge-d": 10 });
  expect(rig.fog.core.ingest.counts.commitFailures).toBe(1);
});

test("events are handed on once each, and again after a death that came between", async () => {
  const edge = new FakeEdge("edge-d");
  let session = connect(edge);
  const first = edge.trip(startMs, "CL-HIGH");
  await session.publish("events", first);
  await session.publish("events", first);
  expect(rig.heard.events).toEqual([{ id: "edge-d/1/1", backlog: false }]);
  await rig.clock.advance(1_000); // Marked as handed on.
  await rig.restart();
  expect(rig.heard.events).toHaveLength(1);
  session = connect(edge);
  await session.publish("events", edge.trip(startMs, "CL-LOW"));
  await rig.restart(); // Before the mark: better twice than never.
  expect(rig.heard.events.map(({ id }) => id)).toEqual(["edge-d/1/1", "edge-d/1/2", "edge-d/1/2"]);
});

test("an edge that has lost its disk starts counting anew", async () => {
  const edge = new FakeEdge("edge-d");
  edge.epoch = 7;
  const session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  await session.publish("blocks", edge.blocks(seconds(startMs, 1)));
  const reborn = new FakeEdge("edge-d");
  reborn.epoch = 7;
  await session.publish("birth", reborn.birth(startMs)); // The same boot: nothing is forgotten.
  await session.publish("blocks", reborn.blocks(seconds(startMs, 1)));
  expect(rig.stored).toEqual({ "edge-d": 2 });
  const wiped = new FakeEdge("edge-d");
  await session.publish("birth", wiped.birth(startMs + 60_000));
  await session.publish("blocks", wiped.blocks(seconds(startMs + 60_000, 1)));
  expect(rig.stored).toEqual({ "edge-d": 4 });
});

test("skew is the median of live batches; online follows the session and the will", async () => {
  const edge = new FakeEdge("edge-d");
  const session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  for (const lag of [400, 500, 90_000]) {
    await session.publish("blocks", edge.blocks([rig.clock.nowMs() - lag]));
  }
  const link = () => rig.fog.core.ingest.links()[0];
  expect(link()).toMatchObject({ online: true, skewMs: 500 });
  await session.publish("death", edge.death(false)); // A stale will: the session is open.
  expect(link()?.online).toBe(true);
  session.close();
  expect(link()?.online).toBe(false);
  expect(rig.heard.deaths).toEqual([{ edge: "edge-d", orderly: false }]);
  const again = connect(edge);
  await again.publish("death", edge.death(true));
  expect(rig.heard.deaths.at(-1)).toEqual({ edge: "edge-d", orderly: true });
});

test("JSON is taken wherever protobuf is", async () => {
  const session = rig.door.connect("edge-d", () => {});
  const text = JSON.stringify({ schema: "ack", version: 1, ref: "x", accepted: true });
  await session.publish("ack", new TextEncoder().encode(text));
  expect(rig.heard.acks[0]).toMatchObject({ ref: "x", accepted: true });
});
