import { create } from "@bufbuild/protobuf";
import { elementAt } from "@weir/contracts/elements.ts";
import { IncidentSchema } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MemorySession } from "../src/broker/memory-door.ts";
import { FakeCloud } from "./fake-cloud.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig, seconds, startMs } from "./fog-rig.ts";

const minute = 60_000;
let cloud: FakeCloud;
let rig: FogRig;
let edge: FakeEdge;
let session: MemorySession;

async function begin(limits = {}) {
  cloud = new FakeCloud();
  rig = await new FogRig({ cloud: { link: cloud, trustedKeys: [] }, limits }).start();
  edge = new FakeEdge("edge-d");
  session = rig.door.connect("edge-d", () => {});
  await session.publish("birth", edge.birth(startMs));
}
beforeEach(() => begin());
afterEach(() => rig.stop());

async function minutes(count: number) {
  for (let i = 0; i < count; i++) {
    const fromMs = rig.clock.nowMs();
    await rig.clock.advance(minute);
    await session.publish("blocks", edge.blocks(seconds(fromMs, 60)));
  }
}

test("site, tags, minutes, events and status arrive once, tables before what they explain", async () => {
  await minutes(3);
  await session.publish("events", edge.trip(startMs, "CL-HIGH"));
  await rig.clock.advance(2 * minute);
  const kinds = cloud.items.map(({ body }) => body.case);
  expect(kinds.indexOf("tags")).toBeLessThan(kinds.indexOf("minute"));
  expect(kinds).toContain("siteModel");
  expect(cloud.bodies("minute").map(({ minuteMs }) => minuteMs)).toEqual([
    startMs,
    startMs + minute,
    startMs + 2 * minute,
  ]);
  expect(cloud.bodies("event")[0]).toMatchObject({ edge: "edge-d", event: { id: "edge-d/1/1" } });
  // Connected, and not heard for two minutes: that is not online.
  const newest = () => cloud.bodies("status").at(-1)?.edges[0];
  expect(newest()).toMatchObject({ edge: "edge-d", online: false });
  await rig.clock.advance(minute - 5_000);
  await session.publish("events", edge.trip(startMs, "CL-LOW"));
  await rig.clock.advance(10_000);
  expect(newest()).toMatchObject({ edge: "edge-d", online: true });
  expect(cloud.items.map(({ sequence }) => sequence)).toEqual(cloud.items.map((_, i) => i + 1));
  expect(rig.fog.core.health()).toMatchObject({ cloud: "online", cloudBacklog: 0 });
});

test("a cloud that takes a connection and answers nothing is not online, since its last receipt", async () => {
  await minutes(2);
  const { core } = rig.fog;
  expect(core.health()).toMatchObject({ cloud: "online" });
  const { promise, reject } = Promise.withResolvers<never>();
  cloud.push = () => promise;
  const lastMs = rig.clock.nowMs();
  await minutes(1);
  expect(core.health()).toMatchObject({ cloud: "offline" });
  const [told] = core.problems.look().problems.filter(({ code }) => code === "cloud-offline");
  expect(told?.text).toMatch(/takes a connection and has not answered for \d+ s/);
  expect(told?.sinceMs).toBeLessThanOrEqual(lastMs);
  expect(told?.sinceMs).toBeGreaterThan(lastMs - minute);
  reject(new Error("timed out"));
  await rig.clock.advance(2_000);
  expect(core.health().cloudSinceMs).toBe(told?.sinceMs);
});

test("after an outage: what is new goes first, then the backlog, marked, all of it once", async () => {
  await rig.clock.advance(minute);
  cloud.mood = () => "deaf";
  await minutes(60);
  expect(rig.fog.core.health()).toMatchObject({ cloud: "offline" });
  const before = cloud.items.length;
  await rig.restart();
  session = rig.door.connect("edge-d", () => {});
  rig.fog.core.report({ case: "incident", value: create(IncidentSchema, { id: "riverside/1" }) });
  cloud.mood = () => "well";
  await rig.clock.advance(2 * minute);
  const after = cloud.items.slice(before);
  const firstMinute = after.findIndex(({ body }) => body.case === "minute");
  const incident = after.findIndex(({ body }) => body.case === "incident");
  expect(incident).toBeGreaterThanOrEqual(0);
  expect(incident).toBeLessThan(firstMinute);
  const sent = cloud.bodies("minute");
  expect(new Set(sent.map(({ minuteMs }) => minuteMs)).size).toBe(60);
  expect(sent).toHaveLength(60);
  const fresh = sent.slice(0, 5).map(({ minuteMs, backlog }) => ({ minuteMs, backlog }));
  expect(fresh.every(({ backlog }) => !backlog)).toBe(true);
  expect(elementAt(fresh, 0).minuteMs).toBeGreaterThan(startMs + 45 * minute);
  expect(sent.find(({ minuteMs }) => minuteMs === startMs + minute)?.backlog).toBe(true);
});

test("answers that are lost cost repeats on the wire, never in the store", async () => {
  let turn = 0;
  cloud.mood = () => elementAt(["mute", "deaf", "well"] as const, turn++ % 3);
  await minutes(10);
  await rig.clock.advance(10 * minute);
  const minutesMs = cloud.bodies("minute").map(({ minuteMs }) => minuteMs);
  expect(minutesMs).toEqual([...new Set(minutesMs)]);
  expect(minutesMs).toHaveLength(10);
});

test("a full outbox gives up its oldest minutes, never events", async () => {
  await rig.stop();
  await begin({ outboxBytes: 8_000 });
  cloud.mood = () => "deaf";
  await session.publish("events", edge.trip(startMs, "CL-HIGH"));
  await minutes(60);
  cloud.mood = () => "well";
  await rig.clock.advance(3 * minute);
  expect(cloud.bodies("event")).toHaveLength(1);
  const kept = cloud.bodies("minute").map(({ minuteMs }) => minuteMs);
  expect(kept.length).toBeLessThan(60);
  expect(Math.max(...kept)).toBe(startMs + 59 * minute);
});

test("without a cloud nothing is queued for one", async () => {
  await rig.stop();
  rig = await new FogRig().start();
  session = rig.door.connect("edge-d", () => {});
  await session.publish("birth", edge.birth(startMs));
  await minutes(3);
  await rig.clock.advance(minute);
  expect(rig.fog.core.health()).toMatchObject({ cloud: "not configured", cloudBacklog: 0 });
});
