/** Batches and tag tables that would bring a fog down, or take other edges' history with them. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { encodeBlock } from "@weir/contracts/block/encode-block.ts";
import { elementAt } from "@weir/contracts/elements.ts";
import { seal } from "@weir/contracts/envelope.ts";
import { BirthSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { TagSchema } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { TelemetrySchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waveformCsv } from "../src/api/waveform-view.ts";
import { dayMigrations } from "../src/historian/day-files.ts";
import { journalMigrations } from "../src/store.ts";
import { FakeEdge, tagsOf } from "./fake-edge.ts";
import { FogRig, seconds, startMs } from "./fog-rig.ts";

const dayMs = 86_400_000;
const minuteMs = 60_000;

let rig: FogRig;
beforeEach(async () => {
  rig = await new FogRig().start();
});
afterEach(() => rig.stop());

const connect = (edge: FakeEdge) => rig.door.connect(edge.edge, () => {});
const core = () => rig.fog.core;
const letters = () =>
  core()
    .ingest.deadLetters.newest(10)
    .map(({ reason }) => reason);
const codes = () =>
  core()
    .problems.look()
    .problems.map(({ code, subject }) => `${code} ${subject}`);
const newestOf = (id: string) => core().historian.newest.of(core().tags.find(id)?.index ?? -1);

/** One reading every 69 s over 390 days: a packet of some 60 bytes, a minute of its own for each. */
const spread = (edge: FakeEdge): Uint8Array => {
  const times = Array.from({ length: 100_000 }, (_, i) => startMs - 390 * dayMs + i * 300_000);
  return edge.blocks(times, { backlog: true, valueAt: () => 1 });
};

test("a batch of more minutes than a day has is refused and told, and the fog goes on", async () => {
  const edge = new FakeEdge("edge-d", ["D11/CL01"]);
  const session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  await session.publish("blocks", spread(edge));
  expect(letters()).toEqual(["readings of more than 1500 minutes in one batch"]);
  expect(codes()).toContain("edge-message-refused edge-d");
  expect(core().historian.openMinutes).toBe(0);
  await session.publish("blocks", edge.blocks(seconds(startMs, 5)));
  expect(rig.stored).toEqual({ "edge-d": 5 });
});

test("a journal that holds such a batch already: the fog starts without it, tells, and keeps it for a look", async () => {
  const edge = new FakeEdge("edge-d", ["D11/CL01"]);
  await connect(edge).publish("birth", edge.birth(startMs));
  await connect(edge).publish("blocks", edge.blocks(seconds(startMs, 5)));
  rig.fog.kill();
  const journal = openSqlite(join(rig.folder, "fog.db"), {
    synchronous: "NORMAL",
    migrations: journalMigrations,
  });
  journal
    .prepare("INSERT INTO raw (edge, waiting, bytes) VALUES ('edge-d', 0, ?)")
    .run(spread(edge));
  journal.close();
  await rig.start();
  expect(core().integrity.problems()).toMatchObject([
    { code: "integrity-damaged", subject: "edge-d" },
  ]);
  expect(letters()).toHaveLength(1);
  expect(newestOf("edge-d/D11/CL01")?.atMs).toBe(startMs + 4_000);
  // Once: the next start has nothing to set aside.
  await rig.restart();
  expect(letters()).toHaveLength(1);
});

test("batches that wait for their birth are released page by page, and messages are heard between", async () => {
  const edge = new FakeEdge("edge-d", ["D11/CL01"]);
  const session = connect(edge);
  for (let i = 0; i < 200; i++) {
    await session.publish("blocks", edge.blocks([startMs + i * 1_000]));
  }
  await session.publish("birth", edge.birth(startMs));
  expect(rig.stored).toEqual({ "edge-d": 64 });
  await session.publish("blocks", edge.blocks([startMs + 200_000]));
  expect(rig.stored).toEqual({ "edge-d": 65 });
  await rig.clock.advance(1_000);
  expect(rig.stored).toEqual({ "edge-d": 201 });
});

test.each([
  ["a resolution that is no number", { resolution: Number.NaN }, /the resolution NaN of "E\/X"/],
  ["a resolution without end", { resolution: Number.POSITIVE_INFINITY }, /the resolution Infinity/],
  ["a resolution below 0", { resolution: -1 }, /the resolution -1/],
  ["a period that is no number", { periodMs: Number.NaN }, /the period NaN/],
  ["no id", { id: "" }, /a tag id of 0 characters/],
  ["an id that is a novel", { id: "x".repeat(5_000) }, /a tag id of 5000 characters/],
])(
  "a birth with %s is refused: no other edge's history is written with it",
  async (_what, odd, why) => {
    const good = new FakeEdge("edge-d", ["D11/CL01"]);
    const goods = connect(good);
    await goods.publish("birth", good.birth(startMs));
    const dictionary = core().tags.dictionary.hash;
    const bad = new FakeEdge("edge-x", ["E/X"]);
    bad.tags = [create(TagSchema, { ...elementAt(bad.tags, 0), ...odd })];
    const birth = { site: "riverside", edge: "edge-x", epoch: 1, tags: bad.tags, atMs: startMs };
    await connect(bad).publish("birth", seal("birth", create(BirthSchema, birth)));
    expect(letters()[0]).toMatch(why);
    expect(codes()).toContain("edge-message-refused edge-x");
    expect(core().tags.dictionary.hash).toBe(dictionary);
  },
);

test("an edge that announces ever new tags comes to an end of them; the others do not", async () => {
  const edge = new FakeEdge("edge-x");
  const session = connect(edge);
  for (let round = 0; round < 5; round++) {
    edge.tags = tagsOf(Array.from({ length: 5_000 }, (_, i) => `B${round}/${i}`));
    await session.publish("birth", edge.birth(startMs + round));
  }
  expect(letters()).toEqual(["25000 tags that edge-x has ever announced, at most 20000 are kept"]);
  expect(core().tags.rows).toHaveLength(20_000);
  const other = new FakeEdge("edge-d");
  await connect(other).publish("birth", other.birth(startMs));
  expect(core().tags.rows).toHaveLength(20_002);
});

test("a minute whose block cannot be read is kept for a look when late readings come for it", async () => {
  const edge = new FakeEdge("edge-d", ["D11/CL01"]);
  const session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  const first = edge.blocks(seconds(startMs, 60));
  const late = edge.blocks([startMs + 30_500], { backlog: true });
  await session.publish("blocks", first);
  await session.publish("blocks", edge.blocks(seconds(startMs + minuteMs, 60)));
  await rig.clock.advance(3 * minuteMs);
  const day = join(rig.folder, "history", `${new Date(startMs).toISOString().slice(0, 10)}.db`);
  expect(existsSync(day)).toBe(true);
  rig.fog.kill();
  const file = openSqlite(day, { synchronous: "NORMAL", migrations: dayMigrations });
  file.prepare("UPDATE minutes SET dictionary = 1 WHERE minute_ms = ?").run(startMs);
  file.close();
  await rig.start();
  await connect(edge).publish("blocks", late);
  await rig.clock.advance(5 * minuteMs);
  expect(letters()).toEqual([expect.stringMatching(/^the readings of .* cannot be read$/)]);
  expect(codes()).toContain("integrity-damaged history");
});

test("a block says more readings than one batch may have: nothing of it is unpacked", async () => {
  const edge = new FakeEdge("edge-d", ["D11/CL01"]);
  const session = connect(edge);
  await session.publish("birth", edge.birth(startMs));
  const times = Float64Array.from({ length: 300_000 }, (_, i) => startMs + i);
  const column = { tag: 0, timesMs: times, values: times.map(() => 1) };
  const block = encodeBlock(edge.dictionary, [{ ...column, qualities: new Uint8Array(300_000) }]);
  const telemetry = create(TelemetrySchema, { epoch: 1, sequence: 9, block });
  await session.publish("blocks", seal("blocks", telemetry));
  expect(letters()).toEqual(["300000 readings in one batch, at most 200000"]);
});

test("a unit that an edge has chosen stays one cell of the sheet", () => {
  const waveform = {
    ...{ device: "d", stage: "s", rule: "r", fromMs: 0, rateHz: 10, axes: 1, scale: 1, lines: [] },
    ...{ unit: '"\r\n=cmd|x,', samples: new Uint8Array(4), $typeName: "weir.v1.Waveform" as const },
  };
  const csv = waveformCsv({ id: "edge-d/1/1", edge: "edge-d", waveform });
  expect(csv.split("\r\n=").length - 1).toBe(1);
  expect(csv).toMatch(/^s,"[^"]+ \[""\r\n=cmd\|x,\]"\r\n/);
});
