/** An edge that says what cannot be true harms nobody but itself, and it is told. On two plants. */
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { seal } from "@weir/contracts/envelope.ts";
import { EventBatchSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { journalMigrations } from "../src/store.ts";
import { seconds, startMs } from "./fog-rig.ts";
import { hourMs, minuteMs, plants, secondMs, TruthRig } from "./truth-rig.ts";

describe.each(Object.entries(plants))("%s", (_name, plant) => {
  const [edge = "", other = ""] = Object.keys(plant.edges);
  const [tag = ""] = plant.edges[edge] ?? [];
  const [stage = ""] = tag.split("/");
  const tripBody = {
    case: "trip",
    value: { rule: "HIGH", stage, tag, cause: "level above 9 m", value: 9.4, limit: 9 },
  } as const;

  let rig: TruthRig;
  beforeEach(async () => {
    rig = await new TruthRig(plant).start();
    await rig.connect();
    await rig.pass(10 * secondMs);
  });
  afterEach(() => rig.stop());

  const trips = () => rig.views.plant().trips;
  const problems = () => rig.fogRig.fog.core.problems.look().problems;
  const codes = () => problems().map(({ code }) => code);
  const newest = async () =>
    (await rig.views.stage(stage))?.tags.find(({ id }) => id === `${edge}/${tag}`);

  /** `from` sends an event under the id that `edge` is about to give. */
  const claim = async (from: string, id: string): Promise<void> => {
    const body = { case: "deviceLink", value: { connection: "c", up: true } } as const;
    const batch = { epoch: 1, sequence: 900, events: [{ id, atMs: rig.clock.nowMs(), body }] };
    await rig.send(from, "events", seal("events", create(EventBatchSchema, batch)));
  };

  test("an id under another edge's name is refused and told: it swallows no trip", async () => {
    await claim(other, `${edge}/1/1`);
    expect(problems()).toContainEqual(
      expect.objectContaining({ code: "edge-message-refused", severity: "medium", subject: other }),
    );
    await rig.say(edge, tripBody);
    expect(trips()).toMatchObject([{ edge, rule: "HIGH", latched: true }]);
    expect(rig.views.incidents("open", 10)).toMatchObject([{ kind: "trip", edge }]);
  });

  test.each([
    ["ahead of", 3],
    ["behind", -500],
  ])(
    "a clock that is days %s the fog's is told until readings are stored again",
    async (way, days) => {
      const own = rig.edge(edge);
      const clock = () => problems().filter(({ code }) => code === "edge-clock");
      const blocks = (atMs: number) => rig.send(edge, "blocks", own.blocks(seconds(atMs, 2)));
      for (let n = 0; n < 40; n++) await blocks(rig.clock.nowMs() + days * 24 * hourMs);
      expect(clock()).toMatchObject([{ severity: "medium", subject: edge }]);
      expect(clock()[0]?.text).toContain(`40 messages of ${edge} could not be stored`);
      expect(clock()[0]?.text).toContain(`${Math.abs(days)} d ${way} this fog`);
      const [link] = rig.fogRig.fog.core.ingest.links().filter((one) => one.edge === edge);
      expect(Math.round((link?.skewMs ?? 0) / hourMs)).toBe(-24 * days);
      for (let n = 0; n < 40; n++) await blocks(rig.clock.nowMs());
      expect(clock()).toEqual([]);
    },
  );

  test("an id that is taken, by whatever way, hides no event that says something else", async () => {
    await claim(edge, `${edge}/1/1`);
    await rig.say(edge, tripBody);
    expect(trips()).toMatchObject([{ edge, rule: "HIGH" }]);
    expect(rig.fogRig.fog.core.integrity.count("conflict")).toBe(1);
  });

  test("a trip that is latched by a status is shown and an incident, though its event never came", async () => {
    await rig.status(edge, { latchedTrips: ["HIGH"] });
    expect(trips()).toMatchObject([{ edge, rule: "HIGH", latched: true, resettable: true }]);
    expect(rig.views.incidents("open", 10)).toMatchObject([{ kind: "trip", severity: "high" }]);
    // Its event, when it comes, tells the rest of the same.
    await rig.say(edge, tripBody);
    expect(trips()).toMatchObject([{ stage, limit: 9 }]);
    expect(rig.views.incidents("open", 10)).toHaveLength(1);
    await rig.status(edge, { latchedTrips: [] });
    expect(rig.views.incidents("open", 10)).toEqual([]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300, -1e300, 0, startMs + 400 * 24 * hourMs])(
    "a trip at %d has happened when it came: listed, an incident, over when its edge says so",
    async (atMs) => {
      await rig.say(edge, tripBody, atMs);
      expect(trips()).toMatchObject([{ edge, rule: "HIGH", atMs: rig.clock.nowMs() }]);
      expect(rig.views.incidents("open", 10)).toMatchObject([{ kind: "trip", edge }]);
      expect(rig.views.events(10)).toHaveLength(1);
      expect(codes()).toContain("edge-message-changed");
      await rig.pass(minuteMs, 10 * secondMs);
      await rig.status(edge, { latchedTrips: [] });
      expect(rig.views.incidents("open", 10)).toEqual([]);
    },
  );

  test("a status of the next year makes nothing old", async () => {
    await rig.status(edge, { atMs: startMs + 400 * 24 * hourMs });
    await rig.say(edge, tripBody);
    await rig.status(edge, { latchedTrips: [], atMs: rig.clock.nowMs() });
    expect(rig.views.incidents("open", 10)).toEqual([]);
  });

  test("on a full disk a trip is shown, and the edge is not blamed for the connection that ended", async () => {
    // A second connection to the same file stands for the disk.
    const journal = openSqlite(join(rig.fogRig.folder, "fog.db"), {
      synchronous: "NORMAL",
      migrations: journalMigrations,
    });
    const full = (table: string) =>
      `CREATE TRIGGER full_${table} BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'disk full'); END;`;
    journal.exec(["events", "raw", "edges"].map(full).join(""));
    await expect(rig.say(edge, tripBody)).rejects.toThrow(/disk full/);
    expect(trips()).toMatchObject([{ edge, rule: "HIGH", latched: true }]);
    rig.die(edge);
    expect(rig.watch.freshness.edge(edge).reason).toMatch(/this fog cannot store .*disk full/);
    journal.exec("DROP TRIGGER full_events; DROP TRIGGER full_raw; DROP TRIGGER full_edges");
    journal.close();
    await rig.connect(edge);
    await rig.say(edge, tripBody);
    expect(trips()).toHaveLength(1);
    expect(rig.views.incidents("open", 10)).toMatchObject([{ kind: "trip", edge }]);
  });

  test("a cause of 200 kB is cut: the plant's page stays small", async () => {
    const long = { ...tripBody.value, cause: "x".repeat(200_000) };
    await rig.say(edge, { case: "trip", value: long });
    expect(JSON.stringify(rig.views.plant()).length).toBeLessThan(20_000);
  });

  test("one reading of tomorrow is history: neither shown as of now, nor does judging wait for it", async () => {
    await rig.learn();
    await rig.pass(3 * minuteMs, 10 * secondMs);
    const judged = () => rig.watch.detection.judged(stage)?.atMs ?? 0;
    const before = judged();
    const sent = rig.edge(edge).blocks([rig.clock.nowMs() + 23 * hourMs], { valueAt: () => 1 });
    await rig.send(edge, "blocks", sent);
    expect(problems()).toContainEqual(
      expect.objectContaining({ code: "edge-readings-ahead", severity: "medium", subject: edge }),
    );
    await rig.pass(3 * minuteMs, 10 * secondMs);
    expect(judged()).toBeGreaterThan(before + minuteMs);
    expect(judged()).toBeLessThanOrEqual(rig.clock.nowMs());
    expect(Math.abs(rig.clock.nowMs() - ((await newest())?.atMs ?? 0))).toBeLessThan(minuteMs);
  });
});
