/**
 * Silence is never health: what each page says while an edge is frozen, dead, or partly dumb, at five seconds,
 * a minute and an hour, on two plants.
 */
import type { IncidentView, PlantView, StageLine } from "@weir/contracts/api/fog.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { afterEach, describe, expect, test } from "vitest";
import { tagLines } from "../src/api/tag-lines.ts";
import { FakeEdge } from "./fake-edge.ts";
import { hourMs, minuteMs, type Plant, plants, secondMs, TruthRig } from "./truth-rig.ts";

let rig: TruthRig | undefined;
afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

/** All edges heard for minutes, every stage judged. */
async function running(plant: Plant): Promise<TruthRig> {
  rig = await new TruthRig(plant).start();
  await rig.connect();
  await rig.pass(30 * secondMs);
  await rig.learn();
  await rig.pass(3 * minuteMs);
  return rig;
}

const stagesOf = (view: PlantView, ids: readonly string[]): StageLine[] =>
  view.stages.filter(({ id }) => ids.includes(id));
const open = (view: PlantView, kind: IncidentView["kind"]): IncidentView[] =>
  view.incidents.filter((incident) => incident.kind === kind);

describe.each(Object.entries(plants))("%s", (_name, plant) => {
  const [first = "", second = ""] = Object.keys(plant.edges);
  const ownStages = [...new Set(plant.edges[first]?.map((tag) => tag.split("/")[0] ?? ""))];

  test("a plant that is heard and judged is normal, and says on what evidence", async () => {
    const { views } = await running(plant);
    const view = views.plant();
    expect(view.state).toBe("normal");
    expect(view.headline).toBe(
      "Normal: 3 of 3 stages judged in the last minute; all 2 edges heard.",
    );
    expect(view.evidence).toMatchObject({ judged: 3, learning: 0, blind: 0, edgesHeard: 2 });
    for (const stage of view.stages) {
      expect(stage).toMatchObject({ state: "normal", sight: "judged", silentSensors: 0 });
      expect(stage.score).toBeCloseTo(0.2);
      expect(stage.freshness.state).toBe("live");
    }
    expect(view.kpis[0]?.freshness.state).toBe("live");
    expect(views.edges().map(({ freshness }) => freshness.state)).toEqual(["live", "live"]);
    expect(views.health()).toMatchObject({ lastDataAgeMs: 0, edgesHeard: 2 });
  });

  test("a frozen edge is stale after seconds, silent within a minute, and nothing ends through it", async () => {
    const r = await running(plant);
    r.scorer.ratio = 1.5;
    await r.pass(3 * minuteMs);
    expect(open(r.views.plant(), "anomaly").length).toBeGreaterThan(0);
    r.frozen.add(first);
    r.scorer.ratio = 0.2;

    await r.pass(5 * secondMs);
    const soon = r.views.plant();
    expect(r.views.edges().find(({ id }) => id === first)?.freshness.state).toBe("stale");
    for (const stage of stagesOf(soon, ownStages)) expect(stage.freshness.state).toBe("stale");
    expect(soon.kpis[0]).toMatchObject({ quality: "bad", freshness: { state: "stale" } });

    await r.pass(minuteMs);
    const minute = r.views.plant();
    checkSilent(minute);
    const anomalies = open(minute, "anomaly").filter(({ stage }) => ownStages.includes(stage));
    expect(anomalies.length).toBeGreaterThan(0);
    for (const anomaly of anomalies) expect(anomaly.freshness.state).toBe("silent");
    const judged = minute.stages.filter(({ id }) => !ownStages.includes(id));
    for (const stage of judged) expect(stage.sight).toBe("judged");

    await r.pass(hourMs, 10 * secondMs);
    const hour = r.views.plant();
    checkSilent(hour);
    expect(hour.kpis[0]?.freshness.ageMs).toBeGreaterThan(hourMs);
    expect(hour.kpis[0]?.spark.slice(-30)).toEqual(Array(30).fill(null));
    const [tag = ""] = plant.edges[first] ?? [];
    const page = await r.views.stage(ownStages[0] ?? "");
    const seen = page?.tags.find(({ id }) => id === `${first}/${tag}`);
    expect(seen?.freshness).toMatchObject({ state: "silent" });
    expect(seen?.spark.slice(-50)).toEqual(Array(50).fill(null));

    r.frozen.delete(first);
    await r.pass(4 * minuteMs);
    const back = r.views.plant();
    expect(open(back, "edge-silent")).toEqual([]);
    expect(back.state).toBe("normal");
    const closed = r.views.incidents("closed", 10).find(({ kind }) => kind === "edge-silent");
    expect(closed?.closedBy).toBe(`${first} is heard again`);
  });

  function checkSilent(view: PlantView): void {
    expect(view.state).toBe("attention");
    expect(view.headline).toContain(`${first} has not been heard for`);
    for (const stage of stagesOf(view, ownStages)) {
      expect(stage).toMatchObject({ sight: "blind", score: null, freshness: { state: "silent" } });
      expect(stage.evidence).toContain("not been heard");
    }
    const silent = open(view, "edge-silent");
    expect(silent.map(({ edge }) => edge)).toEqual([first]);
    expect(open(view, "sensor")).toEqual([]);
    expect(view.kpis[0]).toMatchObject({ quality: "bad", freshness: { state: "silent" } });
    expect(view.health.problems.map(({ code }) => code)).toContain("edge-silent");
  }

  test("a dead edge is not healthy for a moment, and says nothing of protecting", async () => {
    const r = await running(plant);
    r.die(second);
    await r.pass(5 * secondMs);
    expect(r.views.edges().find(({ id }) => id === second)).toMatchObject({
      online: false,
      freshness: { state: "stale", reason: expect.stringContaining("lost its connection") },
    });
    await r.pass(minuteMs);
    const view = r.views.plant();
    expect(view.state).toBe("attention");
    expect(open(view, "edge-silent")).toHaveLength(1);
    const words = [...view.story.map(({ text, why }) => text + why), view.headline].join(" ");
    expect(words).not.toMatch(/keeps protecting|edge protects/);
    const protection = r.views.edges().find(({ id }) => id === second)?.protection;
    expect(protection).toContain("cannot be seen from here");
  });

  test("all edges dead is blind, not normal", async () => {
    const r = await running(plant);
    for (const edge of Object.keys(plant.edges)) r.frozen.add(edge);
    await r.pass(2 * minuteMs);
    const view = r.views.plant();
    expect(view.state).toBe("blind");
    expect(view.headline).toMatch(/^Blind: /);
    expect(view.evidence).toMatchObject({ judged: 0, blind: 3, edgesHeard: 0 });
  });

  test("a silent sensor of an edge that speaks has an incident of its own until it is heard", async () => {
    const r = await running(plant);
    const [tag = ""] = plant.edges[first] ?? [];
    const [stage = ""] = tag.split("/");
    r.silentTags.add(`${first}/${tag}`);
    await r.pass(5 * secondMs);
    const seen = async () =>
      (await r.views.stage(stage))?.tags.find(({ id }) => id === `${first}/${tag}`);
    expect((await seen())?.freshness.state).toBe("stale");
    await r.pass(minuteMs);
    expect((await seen())?.freshness).toMatchObject({
      state: "silent",
      reason: expect.stringContaining(`though ${first} is heard`),
    });
    expect(open(r.views.plant(), "sensor")).toMatchObject([{ edge: first, stage }]);
    await r.pass(hourMs, 10 * secondMs);
    expect(open(r.views.plant(), "sensor")).toHaveLength(1);
    r.silentTags.clear();
    await r.pass(minuteMs);
    expect(open(r.views.plant(), "sensor")).toEqual([]);
  });

  test("a tag that was configured away is no silent one, and keeps its history; it comes back as it was", async () => {
    const r = await running(plant);
    const edge = r.edge(first);
    const all = edge.tags;
    const [gone = ""] = (plant.edges[first] ?? []).slice(1, 2);
    const stage = gone.split("/")[0] ?? "";
    await r.say(first, { case: "quality", value: { tag: gone, quality: Quality.BAD } });
    const bad = () => r.views.incidents("all", 50).filter(({ kind }) => kind === "sensor");
    expect(bad().map(({ state }) => state)).toEqual(["open"]);

    const configure = async (tags: readonly string[]) => {
      edge.tags = new FakeEdge(first, tags).tags;
      await r.send(first, "birth", edge.birth(r.clock.nowMs()));
    };
    await configure((plant.edges[first] ?? []).filter((tag) => tag !== gone));
    expect(bad()[0]).toMatchObject({
      state: "closed",
      closedBy: `${first} is configured anew and no longer has ${first}/${gone}`,
    });
    const check = () => {
      const view = r.views.plant();
      const own = all.filter(({ id }) => id.startsWith(`${stage}/`)).length - 1;
      expect(stagesOf(view, [stage])[0]).toMatchObject({ sensors: own, badSensors: 0 });
      expect(view.incidents.filter(({ kind }) => kind === "sensor")).toEqual([]);
      const removed = tagLines(r.fogRig.fog.core, r.watch).filter(
        ({ removedAtMs }) => removedAtMs !== undefined,
      );
      expect(removed.map(({ id }) => id)).toEqual([`${first}/${gone}`]);
    };
    await r.pass(2 * minuteMs);
    check();
    await r.restart();
    await r.connect();
    await r.pass(2 * minuteMs);
    check();
    await configure(plant.edges[first] ?? []);
    await r.pass(minuteMs);
    expect(
      tagLines(r.fogRig.fog.core, r.watch).filter(({ removedAtMs }) => removedAtMs !== undefined),
    ).toEqual([]);
    expect(stagesOf(r.views.plant(), [stage])[0]?.silentSensors).toBe(0);
  });

  test("a fog without any data says that it has none", async () => {
    rig = await new TruthRig(plant).start();
    for (const ms of [5 * secondMs, minuteMs, hourMs]) {
      await rig.pass(ms, ms);
      const view = rig.views.plant();
      expect(view.state).toBe("blind");
      expect(view.headline).toBe("No edge has reported yet: nothing is known of the plant.");
      expect(view.stages.map(({ state }) => state)).toEqual(["no-data", "no-data", "no-data"]);
      expect(view.kpis[0]).toMatchObject({ value: null, freshness: { state: "never" } });
    }
  });

  test("a restarted fog knows links by what has come since, and keeps what was open", async () => {
    const r = await running(plant);
    r.frozen.add(first);
    await r.pass(minuteMs);
    await r.restart();
    for (const ms of [5 * secondMs, minuteMs, hourMs]) {
      await r.pass(ms, ms);
      const view = r.views.plant();
      expect(view.state).toBe("blind");
      expect(view.story.filter(({ text }) => text.includes("is connected"))).toEqual([]);
      expect(open(view, "edge-silent").map(({ edge }) => edge)).toContain(first);
      for (const edge of r.views.edges()) {
        expect(edge.online).toBe(false);
        expect(edge.freshness.reason).toContain("has not been heard since this fog started");
        expect(edge.freshness.heardAtMs).not.toBeNull();
        expect(edge.protection).not.toMatch(/it says that it protects/);
      }
    }
    r.frozen.clear();
    await r.connect();
    await r.pass(minuteMs);
    expect(open(r.views.plant(), "edge-silent")).toEqual([]);
    expect(r.views.plant().state).toBe("learning");
  });

  test("a dead scorer is told; with a new one the models judge again", async () => {
    const r = await running(plant);
    r.scorer.dead = true;
    await r.pass(5 * minuteMs);
    const view = r.views.plant();
    expect(view.evidence).toMatchObject({ judged: 0, blind: 3 });
    expect(view.state).toBe("blind");
    expect(view.stages[0]?.evidence).toContain("the thread has ended");
    expect(view.health.detector).toMatchObject({ state: "stopped" });
    expect(view.health.problems.map(({ code }) => code)).toContain("scorer-stopped");
    r.scorer.dead = false;
    await r.pass(2 * minuteMs);
    expect(r.views.plant()).toMatchObject({ state: "normal", evidence: { judged: 3 } });
  });

  test("a stage over its decision line is not normal while too few windows are to decide", async () => {
    const r = await running(plant);
    r.scorer.ratio = 10.1;
    await r.pass(minuteMs);
    const view = r.views.plant();
    expect(open(view, "anomaly")).toEqual([]);
    for (const stage of view.stages) {
      expect(stage).toMatchObject({ state: "unusual", sight: "judged", score: 10.1 });
      expect(stage.evidence).toMatch(
        /over its decision line in 1 of the last \d+ windows; \d+ open/,
      );
    }
    expect(view.headline).toMatch(/^Normal so far: .*3 of them over the decision line/);
    await r.pass(10 * minuteMs);
    expect(open(r.views.plant(), "anomaly").length).toBeGreaterThan(0);
    for (const stage of r.views.plant().stages) expect(stage.state).not.toBe("normal");
  });

  test("a model that gives no number judges nothing, and closes nothing", async () => {
    const r = await running(plant);
    r.scorer.ratio = 1.5;
    await r.pass(10 * minuteMs);
    const anomalies = () => open(r.views.plant(), "anomaly").map(({ stage }) => stage);
    const before = anomalies();
    expect(before.length).toBeGreaterThan(0);
    r.scorer.ratio = Number.NaN;
    await r.pass(30 * minuteMs);
    expect(anomalies()).toEqual(before);
    for (const stage of r.views.plant().stages) {
      expect(stage).toMatchObject({ sight: "blind", score: null });
      expect(stage.evidence).toContain("no number");
    }
  });

  test("a model that is swapped while windows wait loses the window of no stage", async () => {
    const r = await running(plant);
    const judgedUpTo = () => r.views.plant().stages.map(({ scoreAtMs }) => scoreAtMs);
    const before = judgedUpTo();
    const swaps = plant.site.stages.map(({ id }) => r.activate(id, 2));
    await r.pass(minuteMs);
    await Promise.all(swaps);
    await r.pass(minuteMs);
    expect(judgedUpTo()).toEqual(before.map((atMs) => (atMs ?? 0) + 2 * minuteMs));
    expect(r.views.plant().state).toBe("normal");
  });
});
