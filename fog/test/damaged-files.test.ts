/** A damaged or lost file of the fog costs what it holds, is set aside and told; the fog runs on. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AlertRule } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemorySession } from "../src/broker/memory-door.ts";
import { hasServed } from "../src/open-journal.ts";
import { DashboardRig, signIn } from "./dashboard-rig.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig, seconds, startMs } from "./fog-rig.ts";

const minute = 60_000;
const today = "2026-06-02.db";
let rig: FogRig;
let edge: FakeEdge;
let session: MemorySession;

beforeEach(async () => {
  rig = await new FogRig().start();
  edge = new FakeEdge("edge-w");
  Object.assign(edge, { incarnation: "101", store: "100" });
  await connect();
});
afterEach(() => rig.stop());

async function connect(): Promise<void> {
  session = rig.door.connect("edge-w", () => {});
  await session.publish("birth", edge.birth(rig.clock.nowMs()));
}

async function minutes(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const fromMs = rig.clock.nowMs();
    await rig.clock.advance(minute);
    await session.publish("blocks", edge.blocks(seconds(fromMs, 60)));
  }
  await rig.clock.advance(minute);
}

const history = (name: string) => join(rig.folder, "history", name);
const findings = (code: string) =>
  rig.fog.core.integrity.list(50).filter((finding) => finding.code === code);
const readingsOf = (startMs: number) =>
  [...rig.fog.core.historian.reader.readings(startMs).values()].reduce(
    (sum, { timesMs }) => sum + timesMs.length,
    0,
  );

test.each<[string, (file: string) => void]>([
  ["cut", (file) => truncateSync(file, 6_000)],
  ["garbage", (file) => writeFileSync(file, "x".repeat(20_000))],
  [
    "flipped",
    (file) => {
      const bytes = readFileSync(file);
      for (let i = 100; i < bytes.length; i += 97) bytes[i] = (bytes[i] ?? 0) ^ 0x5a;
      writeFileSync(file, bytes);
    },
  ],
  ["emptied", (file) => truncateSync(file, 0)],
])("today's history, %s: set aside, told, and the day goes on in a new file", async (_, harm) => {
  await minutes(5);
  await rig.fog.close();
  harm(history(today));
  await rig.start();
  await connect();
  const [told] = findings("damaged");
  expect(told).toMatchObject({ subject: `history/${today}` });
  expect(told?.text).toMatch(/was damaged \(.+\): it lies in .*2026-06-02\.db\.damaged-2026/);
  expect(readdirSync(join(rig.folder, "history"))).toContainEqual(
    expect.stringMatching(/^2026-06-02\.db\.damaged-/),
  );
  const fromMs = rig.clock.nowMs();
  await minutes(3);
  expect(readingsOf(Math.ceil(fromMs / minute) * minute + minute)).toBe(120);
  expect(rig.fog.core.integrity.problems()[0]).toMatchObject({ code: "integrity-damaged" });
});

test("fog.db lost: the history stays readable, and what comes next is not taken for what it holds", async () => {
  await minutes(5);
  await rig.fog.close();
  for (const tail of ["", "-wal", "-shm"])
    rmSync(join(rig.folder, `fog.db${tail}`), { force: true });
  // Another edge comes first: positions of the tag table would go to its tags.
  await rig.start();
  const other = rig.door.connect("edge-x", () => {});
  await other.publish("birth", new FakeEdge("edge-x", ["X/A", "X/B", "X/C"]).birth(startMs));
  await connect();
  expect(rig.fog.core.tags.rows.slice(0, 3).map(({ id }) => id)).toEqual([
    "edge-w/D11/CL01",
    "edge-w/D11/PH01",
    "edge-x/X/A",
  ]);
  expect(readingsOf(startMs + 2 * minute)).toBe(120);
  // A late batch of a minute that is sealed already: its raw batch has a low number in the new journal.
  await session.publish("blocks", edge.blocks([startMs + 2 * minute + 500], { backlog: true }));
  await minutes(2);
  await rig.clock.advance(10 * minute);
  expect(readingsOf(startMs + 2 * minute)).toBe(122);
  expect(findings("lost")[0]?.text).toMatch(/fog\.db was missing beside history\//);
});

test("fog.db and the copy of the tag table lost: history is set aside rather than read wrongly", async () => {
  await minutes(3);
  await rig.fog.close();
  rmSync(join(rig.folder, "fog.db"));
  rmSync(history("site-tags.json"));
  await rig.start();
  expect(findings("damaged")[0]?.text).toMatch(/history cannot be read: the tag table .* is lost/);
  expect(readdirSync(rig.folder)).toContainEqual(expect.stringMatching(/^history\.without-tags-/));
  await connect();
  await minutes(2);
  expect(rig.fog.core.historian.span()).toBeDefined();
});

const harms: [how: string, harm: (file: string) => void][] = [
  ["flipped", (file) => writeFileSync(file, readFileSync(file).fill(0x55, 0, 64))],
  ["cut", (file) => truncateSync(file, 6_000)],
  ["emptied", (file) => truncateSync(file, 0)],
];

describe.each(harms)("%s", (_, harm) => {
  /** The fog's own stores are closed, one file is harmed, and all come back. */
  async function afterHarm(name: string, use: (plant: DashboardRig) => Promise<void>) {
    const plant = await new DashboardRig().start();
    try {
      await use(plant);
      await plant.dashboard.close();
      await plant.fogRig.fog.close();
      harm(join(plant.fogRig.folder, name));
      await plant.start();
      expect(readdirSync(plant.fogRig.folder)).toContainEqual(
        expect.stringMatching(new RegExp(`^${name}\\.damaged-`)),
      );
      const { integrity } = plant.fogRig.fog.core;
      const told = integrity.list(50).filter(({ code }) => code === "damaged");
      expect(told.map(({ subject }) => subject)).toEqual([name]);
      const health = await fetch(new URL("/healthz", plant.dashboard.url));
      expect(await health.text()).toContain("integrity-damaged");
      return { plant, text: told[0]?.text };
    } catch (error) {
      await plant.stop();
      throw error;
    }
  }
  const alert = {
    case: "alert",
    value: {
      ...{ rule: AlertRule.DELTA, stage: "D11", tag: "D11/CL01", active: true, text: "rising" },
      ...{ value: 1.6, score: 0.4, threshold: 0.3 },
    },
  } as const;

  test("incidents.db costs the incidents so far, and the next is stored", async () => {
    const { plant, text } = await afterHarm("incidents.db", async (before) => {
      await before.say(alert);
      expect(before.watch.incidentStore.list("open", 10)).toHaveLength(1);
    });
    expect(text).toMatch(/without the incidents and labels so far\. Restore a backup/);
    const robin = await signIn(plant.linkFor("engineer"), "robin");
    const listed = () => robin.ask("/api/incidents").then((answer) => answer.json());
    expect(await listed()).toEqual([]);
    await plant.say(alert);
    expect(plant.watch.incidentStore.list("open", 10)).toHaveLength(1);
    expect(await listed()).toHaveLength(1);
    await plant.stop();
  });

  test("accounts.db costs the accounts, and the printed link lets somebody in again", async () => {
    const { plant, text } = await afterHarm("accounts.db", async (before) => {
      const robin = await signIn(before.linkFor("engineer"), "robin");
      expect((await robin.ask("/api/plant")).status).toBe(200);
      expect(before.dashboard.signInUrl).toBeDefined();
    });
    expect(text).toMatch(/without the accounts so far: sign in with the link/);
    const { signInUrl } = plant.dashboard;
    if (signInUrl === undefined) expect.fail("a fog without accounts prints a link");
    const alex = await signIn(signInUrl, "alex");
    expect((await alex.ask("/api/plant")).status).toBe(200);
    await plant.stop();
  });
});

test("a damaged fog.db is set aside and told in health; history stays readable and the fog goes on", async () => {
  await minutes(5);
  await rig.fog.close();
  const file = join(rig.folder, "fog.db");
  writeFileSync(file, readFileSync(file).fill(0x55, 0, 8_000));
  // Who asks whether there ever was an authority must not be stopped by it either.
  expect(hasServed(rig.folder)).toBe(true);
  await rig.start();
  expect(findings("damaged")[0]).toMatchObject({
    subject: "fog.db",
    text: expect.stringMatching(/fog\.db\.damaged-.* Restore a backup with "weir-fog restore"/),
  });
  expect(rig.fog.core.integrity.problems()[0]).toMatchObject({ code: "integrity-damaged" });
  await connect();
  expect(readingsOf(startMs + 2 * minute)).toBe(120);
  const fromMs = rig.clock.nowMs();
  await minutes(3);
  expect(readingsOf(Math.ceil(fromMs / minute) * minute + minute)).toBe(120);
});

test("a new installation is told nothing", async () => {
  await minutes(2);
  await rig.fog.close();
  await rig.start();
  expect(rig.fog.core.integrity.list(10)).toEqual([]);
});
