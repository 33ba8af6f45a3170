import fc from "fast-check";
import { expect, test } from "vitest";
import { noCoverage, type TagCoverage } from "../historian/tag-coverage.ts";
import { dayMs, hourMs } from "../limits.ts";
import {
  historyWantedMs,
  type ModelFacts,
  planSite,
  type SiteFacts,
  type StageFacts,
  type StageTagFacts,
} from "./learning-plan.ts";

const nowMs = Date.UTC(2026, 5, 2);
const enough = { hours: 672, minutes: 4_320, newestMs: nowMs, drift: 0 };
const none: ModelFacts = { champion: undefined, last: undefined };
const runs: ModelFacts = {
  champion: { version: 3, createdAtMs: nowMs - dayMs, expiresAtMs: nowMs + 89 * dayMs },
  last: undefined,
};
const tag = (coverage: Partial<TagCoverage> = {}, isAnnounced = true): StageTagFacts => ({
  ...{ name: "PT01", isAnnounced, coverage: { ...enough, ...coverage } },
});
const stage = (id: string, change: Partial<StageFacts> = {}): StageFacts => ({
  ...{ stage: id, name: id, isWanted: true, tags: [tag()], openIncidents: 0 },
  models: { autoencoder: none, forest: none },
  ...change,
});
const site = (stages: readonly StageFacts[], change: Partial<SiteFacts> = {}): SiteFacts => ({
  ...{ newestMs: nowMs, nowMs, zone: "Europe/Vienna", stages, edges: [] },
  ...change,
});
const due = (facts: SiteFacts) => planSite(facts).due.map(({ kind, stage: id }) => `${kind}/${id}`);

test("most usable data first; of equal ones what has gone furthest from its own past, or has an incident", () => {
  const facts = site([
    stage("PUMP", { tags: [tag({ hours: 520 })] }),
    stage("TANK1"),
    stage("TANK2", { tags: [tag(), tag({ drift: 4 })] }),
    stage("DRYER", { openIncidents: 1 }),
  ]);
  expect(due(facts)).toEqual([
    ...["DRYER", "TANK2", "TANK1", "PUMP"].map((id) => `autoencoder/${id}`),
    ...["DRYER", "TANK2", "TANK1", "PUMP"].map((id) => `forest/${id}`),
  ]);
});

test("a stage without any model comes before a second kind of another; thresholds of born edges first of all", () => {
  const facts = site(
    [
      stage("A", { models: { autoencoder: runs, forest: none } }),
      stage("B", { tags: [tag({ hours: 30 })] }),
    ],
    {
      edges: [
        { edge: "east", minutes: 1_440, model: none },
        { edge: "west", minutes: 1_439, model: none },
        { edge: "north", minutes: 4_000, model: runs },
      ],
    },
  );
  expect(due(facts)).toEqual(["thresholds/east", "forest/B", "forest/A"]);
});

const only = (facts: SiteFacts) => {
  const [first] = planSite(facts).stages;
  return first as NonNullable<typeof first>;
};

test("what is too short says how much there is, how much is wanted, and when it will be there", () => {
  const young = stage("P7", { tags: [tag({ hours: 9, minutes: 540 })] });
  expect(only(site([young]))).toMatchObject({
    state: "waiting",
    reason: "9 h of history, 24 h wanted",
    whenMs: nowMs + 15 * hourMs,
    models: [
      { kind: "autoencoder", whenMs: nowMs + historyWantedMs.autoencoder - 9 * hourMs },
      { kind: "forest", whenMs: nowMs + 15 * hourMs },
    ],
  });
});

test("what no reading comes of has no date; since when nothing came is told", () => {
  const silent = stage("P7", {
    tags: [tag({ hours: 9, minutes: 540, newestMs: nowMs - 2 * dayMs })],
  });
  expect(only(site([silent]))).toMatchObject({
    state: "waiting",
    reason: "9 h of history, 24 h wanted; no reading of it since 2026-05-31 02:00 +02:00",
    whenMs: null,
  });
  const mute = stage("P8", { tags: [tag(noCoverage), tag(noCoverage)] });
  expect(only(site([mute])).reason).toBe("no reading has come of PT01, PT01");
});

test.each([
  ["without tags", { tags: [] }, "cannot", "no tag belongs to it"],
  ["left out", { isWanted: false }, "cannot", "training.exclude"],
  ["imported only", { tags: [tag({}, false)] }, "waiting", "has not told of its tags"],
  [
    "learned",
    { models: { autoencoder: runs, forest: runs } },
    "learned",
    "autoencoder and forest learned",
  ],
  [
    "half learned",
    { models: { autoencoder: none, forest: runs }, tags: [tag({ hours: 100 })] },
    "learned",
    "forest learned; autoencoder: 4 d of history, 21 d wanted",
  ],
] as const)("a stage %s says so", (_, change, state, reason) => {
  const learned = only(site([stage("X", change as Partial<StageFacts>)]));
  expect(learned).toMatchObject({ state, reason: expect.stringContaining(reason) });
});

test("a try that failed is repeated later and later; one that was kept back in a week; the error is told", () => {
  const failed = (failures: number, state: "failed" | "done" = "failed"): SiteFacts => {
    const last = { state, atMs: nowMs, error: "the worker ended", failures } as const;
    return site([stage("X", { models: { autoencoder: { ...none, last }, forest: runs } })]);
  };
  const autoencoder = (facts: SiteFacts) => only(facts).models[0];
  expect(autoencoder(failed(1))).toMatchObject({
    state: "waiting",
    reason: "the last try failed: the worker ended",
    whenMs: nowMs + hourMs,
  });
  expect(autoencoder(failed(4))?.whenMs).toBe(nowMs + 8 * hourMs);
  expect(autoencoder(failed(40))?.whenMs).toBe(nowMs + 7 * dayMs);
  expect(autoencoder(failed(1, "done"))?.whenMs).toBe(nowMs + 7 * dayMs);
  expect(due({ ...failed(1), nowMs: nowMs + hourMs })).toContain("autoencoder/X");
});

test("a model near its end is learned again, after everything that has none", () => {
  const old = {
    ...runs,
    champion: { version: 1, createdAtMs: 0, expiresAtMs: nowMs + 20 * dayMs },
  };
  const facts = site([
    stage("OLD", { models: { autoencoder: old, forest: runs } }),
    stage("NEW", { tags: [tag({ hours: 500 })] }),
  ]);
  expect(due(facts)).toEqual(["autoencoder/NEW", "forest/NEW", "autoencoder/OLD"]);
});

const coverage = fc.record({
  hours: fc.nat(5_000),
  minutes: fc.nat(4_320),
  newestMs: fc.constantFrom(undefined, nowMs, nowMs - 5 * dayMs),
  drift: fc.double({ min: 0, max: 100, noNaN: true }),
});
const anyModel = fc.constantFrom<ModelFacts>(none, runs);
const anyStage = fc.record({
  stage: fc.string({ minLength: 1, maxLength: 4 }),
  name: fc.string(),
  isWanted: fc.boolean(),
  tags: fc.array(fc.record({ name: fc.string(), isAnnounced: fc.boolean(), coverage: coverage }), {
    maxLength: 4,
  }),
  openIncidents: fc.nat(2),
  models: fc.record({ autoencoder: anyModel, forest: anyModel }),
});

test("whatever a site has, every stage has a state and a reason, and what is due waits for nothing", () => {
  const stages = fc.uniqueArray(anyStage, { maxLength: 12, selector: (one) => one.stage });
  fc.assert(
    fc.property(stages, (list) => {
      const plan = planSite(site(list));
      expect(plan.stages.map((one) => one.stage)).toEqual(list.map((one) => one.stage));
      for (const one of plan.stages) {
        expect(one.reason).not.toBe("");
        if (one.whenMs !== null) expect(one.whenMs).toBeGreaterThanOrEqual(nowMs);
      }
      for (const { stage: id, kind } of plan.due) {
        const model = plan.stages
          .find((one) => one.stage === id)
          ?.models.find((one) => one.kind === kind);
        expect(model).toMatchObject({ state: "waiting", reason: "in its turn" });
      }
    }),
  );
});
