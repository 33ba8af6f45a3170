/** Tags of which only panes come: stored once, shown, summed up into minutes, sent on to the cloud. */

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import { u32 } from "@weir/contracts/elements.ts";
import { open, seal } from "@weir/contracts/envelope.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { TelemetrySchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { decodePanes } from "@weir/contracts/panes/decode-panes.ts";
import { summarisedCount } from "@weir/contracts/panes/tag-pane.ts";
import { seeded } from "@weir/runtime/random.ts";
import { seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MemorySession } from "../src/broker/memory-door.ts";
import { FakeCloud } from "./fake-cloud.ts";
import { defaultValue, FakeEdge } from "./fake-edge.ts";
import { FogRig, seconds, startMs } from "./fog-rig.ts";

const minute = 60_000;
const id = "edge-d/D11/CL01";
let rig: FogRig;
let cloud: FakeCloud;
let edge: FakeEdge;
let session: MemorySession;

beforeEach(async () => {
  cloud = new FakeCloud();
  rig = await new FogRig({ cloud: { link: cloud, trustedKeys: [] } }).start();
  edge = new FakeEdge("edge-d");
  session = rig.door.connect("edge-d", () => {});
  await session.publish("birth", edge.birth(startMs));
});
afterEach(() => rig.stop());

const history = () => rig.fog.core.historian;
const rowAt = (atMs: number) => [...history().reader.minutes([id], atMs, atMs + minute)][0];

/** What the minute from `startMs` is when all its seconds count. */
function expectWholeMinute(atMs: number): void {
  const values = seconds(atMs, 60).map((at) => defaultValue(0, at));
  const mean = values.reduce((sum, x) => sum + x) / 60;
  const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 59);
  const timeM2 = (60 * (60 * 60 - 1)) / 12;
  const slope = values.reduce((sum, x, i) => sum + (i - 29.5) * (x - mean), 0) / timeM2;
  const row = rowAt(atMs);
  expect(row?.n[0]).toBe(60);
  expect(row?.min[0]).toBeCloseTo(Math.min(...values), 5);
  expect(row?.max[0]).toBeCloseTo(Math.max(...values), 5);
  expect(row?.mean[0]).toBeCloseTo(mean, 5);
  expect(row?.sd[0]).toBeCloseTo(sd, 5);
  expect(row?.slope[0]).toBeCloseTo(slope, 5);
}

test("panes make the minute that their readings would have made, at the fog and for the cloud", async () => {
  await rig.clock.advance(minute);
  await session.publish("blocks", edge.panes(seconds(startMs, 60)));
  await session.publish("blocks", edge.panes(seconds(startMs + minute, 5)));
  await rig.clock.advance(minute);
  expectWholeMinute(startMs);
  const [first] = cloud.bodies("minute");
  const decoded = first?.panes && decodePanes(edge.dictionary, first.panes, minute);
  const pane = decoded?.ok ? decoded.panes[0] : undefined;
  expect(decoded?.ok && decoded.panes.length).toBe(1);
  expect(pane).toMatchObject({ tag: 0, startMs, figures: { count: 60 } });
  expect(pane?.figures.mean).toBeCloseTo(rowAt(startMs)?.mean[0] ?? Number.NaN, 5);
});

test("a batch that comes twice counts once, and so does one that a dead fog had only in its journal", async () => {
  const batch = edge.panes(seconds(startMs, 30));
  await session.publish("blocks", batch);
  await session.publish("blocks", batch);
  await rig.restart();
  session = rig.door.connect("edge-d", () => {});
  await session.publish("blocks", batch);
  await session.publish("blocks", edge.panes(seconds(startMs + 30_000, 30)));
  await rig.clock.advance(5 * minute);
  expectWholeMinute(startMs);
  await rig.restart();
  await rig.clock.advance(5 * minute);
  expectWholeMinute(startMs);
});

test("readings and panes of one minute are summed up together, late ones too", async () => {
  await session.publish("blocks", edge.panes(seconds(startMs, 20)));
  await session.publish("blocks", edge.blocks(seconds(startMs + 20_000, 20)));
  await rig.clock.advance(3 * minute);
  expect(rowAt(startMs)?.n[0]).toBe(40);
  await session.publish("blocks", edge.panes(seconds(startMs + 40_000, 15), { backlog: true }));
  await rig.clock.advance(3 * minute);
  expect(rowAt(startMs)?.n[0]).toBe(55);
  await session.publish("blocks", edge.blocks(seconds(startMs + 55_000, 5), { backlog: true }));
  await rig.clock.advance(3 * minute);
  expectWholeMinute(startMs);
  expect(history().reader.readings(startMs).get(0)?.timesMs).toHaveLength(25);
});

test("the newest value shown is the last of the newest pane, after a restart as well", async () => {
  const lastMs = startMs + 64_000;
  const shown = { value: defaultValue(0, lastMs), quality: Quality.UNCERTAIN, atMs: lastMs };
  const times = seconds(startMs, 65);
  await session.publish("blocks", edge.panes(times, { quality: Quality.UNCERTAIN }));
  expect(history().newest.of(0)).toEqual(shown);
  await rig.clock.advance(3 * minute);
  await rig.restart();
  expect(history().newest.of(0)).toEqual(shown);
});

test("a close-up trend has a point for each pane, open and sealed; bad ones have none", async () => {
  await session.publish("blocks", edge.panes(seconds(startMs, 30)));
  await session.publish("blocks", edge.panes(seconds(startMs, 30), { tag: 1, quality: 2 }));
  const trend = () =>
    history().reader.series([id, "edge-d/D11/PH01"], startMs, startMs + minute, 12);
  const open = trend();
  expect(open[0]?.mean.slice(0, 6).every(Number.isFinite)).toBe(true);
  expect(open[0]?.mean.slice(6).every(Number.isNaN)).toBe(true);
  expect(open[1]?.mean.every(Number.isNaN)).toBe(true);
  await rig.clock.advance(3 * minute);
  expect(history().openMinutes).toBe(0);
  expect(trend()).toEqual(open);
});

test("panes that make no sense are put aside with their batch", async () => {
  const opened = open("blocks", edge.panes(seconds(startMs, 5)));
  const telemetry = opened.ok ? opened.value : expect.fail(opened.detail);
  const copy = fromBinary(TelemetrySchema, toBinary(TelemetrySchema, telemetry));
  copy.panes?.tags.splice(0, 1, 77);
  await session.publish("blocks", seal("blocks", copy));
  expect(rig.fog.core.ingest.counts.deadLetters).toBe(1);
  const far = edge.panes(seconds(startMs + 10 * 86_400_000, 5));
  await session.publish("blocks", far);
  expect(rig.fog.core.ingest.counts.deadLetters).toBe(2);
});

test("panes that come before their birth wait for it", async () => {
  const other = new FakeEdge("edge-w");
  const early = rig.door.connect("edge-w", () => {});
  await early.publish("blocks", other.panes(seconds(startMs, 10)));
  await early.publish("birth", other.birth(startMs));
  await rig.clock.advance(3 * minute);
  const [row] = [...history().reader.minutes(["edge-w/D11/CL01"], startMs, startMs + minute)];
  expect(row?.n[0]).toBe(10);
});

for (const seed of seedsOf(sized(4, 200), 1)) {
  test(`whatever dies, each second counts once here and in the cloud: seed ${seed}`, async () => {
    const random = seeded(seed);
    let outbox: Uint8Array[] = [];
    let newestMs = startMs;
    for (let step = 0; step < 60; step++) {
      await rig.clock.advance(1_000 + random.integer(25_000));
      const count = Math.floor((rig.clock.nowMs() - newestMs) / 1_000);
      const times = seconds(newestMs, count);
      newestMs += count * 1_000;
      const backlog = random.uniform() < 0.2;
      const isSummary = random.uniform() < 0.7;
      outbox.push(isSummary ? edge.panes(times, { backlog }) : edge.blocks(times, { backlog }));
      if (random.uniform() < 0.1) continue; // The line is slow.
      for (const bytes of [...outbox]) {
        const isAcknowledged = session.publish("blocks", bytes).then(
          () => true,
          () => false,
        );
        if (random.uniform() < 0.05) {
          rig.fog.kill();
          await isAcknowledged;
          await rig.start();
          session = rig.door.connect("edge-d", () => {});
        }
        // Sometimes the PUBACK is lost, and the batch comes again.
        if ((await isAcknowledged) && random.uniform() < 0.9) {
          outbox = outbox.filter((kept) => kept !== bytes);
        }
      }
    }
    for (const bytes of outbox) await session.publish("blocks", bytes);
    session.close();
    await rig.clock.advance(10 * minute);
    const rows = [...history().reader.minutes([id], startMs, newestMs)];
    const given = (newestMs - startMs) / 1_000;
    expect(rows.reduce((sum, { n }) => sum + u32(n, 0), 0)).toBe(given);
    const atCloud = cloud.bodies("minute").map(({ block, panes }) => {
      const readings = decodeBlock(edge.dictionary, block);
      const summed = panes && decodePanes(edge.dictionary, panes, minute);
      const column = readings.ok ? readings.columns.find(({ tag }) => tag === 0) : undefined;
      const list = summed?.ok ? summed.panes : [];
      return (column?.timesMs.length ?? 0) + summarisedCount(list);
    });
    expect(atCloud.reduce((sum, count) => sum + count, 0)).toBe(given);
  });
}
