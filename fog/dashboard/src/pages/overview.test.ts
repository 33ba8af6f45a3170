/** What the plant's page says, and what it must not say without evidence. */

import type { KpiView, PlantEvidence, StageLine } from "@weir/contracts/api/fog.ts";
import type { FreshnessView } from "@weir/contracts/api/freshness.ts";
import { describe, expect, test } from "vitest";
import { cellWords, stageGroups } from "../stage-matrix.tsx";
import { isOutside, kpiWords, noTripWords, nothingOpenWords } from "./overview.tsx";

const nowMs = Date.UTC(2026, 5, 2, 12);
const fresh = (state: FreshnessView["state"]): FreshnessView => ({
  ...{ state, heardAtMs: nowMs, ageMs: 0, sinceMs: nowMs, reason: "" },
});
const evidence = (fields: Partial<PlantEvidence>): { evidence: PlantEvidence } => ({
  evidence: {
    ...{
      stages: 3,
      judged: 3,
      learning: 0,
      blind: 0,
      withoutTags: 0,
      unusual: 0,
      edges: 2,
      edgesHeard: 2,
    },
    ...{ judgedWithinMs: 92_000, heardWithinMs: 32_000 },
    ...fields,
  },
});

describe("no trip is claimed only of edges that are heard", () => {
  test.each([
    [{ edges: 0, edgesHeard: 0 }, /nothing is known of trips/],
    [{ edgesHeard: 0 }, /whether anything has tripped is not known/],
    [{ edgesHeard: 1 }, /at the 1 of 2 edges that is heard; of the others nothing is known/],
    [{ edges: 3, edgesHeard: 2 }, /at the 2 of 3 edges that are heard/],
    [{}, /No output is held by a trip: all 2 edges say so now/],
    [{ edges: 1, edgesHeard: 1 }, /the edge says so now/],
    [{ heardWithinMs: 330_000 }, /all 2 edges say so as of the last 6 min/],
  ])("%o", (fields, words) => {
    expect(noTripWords(evidence(fields))).toMatch(words);
  });
});

describe("that nothing is open says as much as is seen", () => {
  test.each([
    [{ judged: 0, blind: 3 }, "No stage is judged now, so this says nothing about the plant."],
    [{}, "3 of 3 stages were judged in the last minute."],
    [
      { judged: 1, learning: 1, blind: 1 },
      "1 of 3 stages was judged in the last minute; 1 still learning, 1 not seen.",
    ],
    [{ judgedWithinMs: 390_000 }, "3 of 3 stages were judged in the last 7 min."],
    [{ stages: 1, judged: 1 }, "1 of 1 stage was judged in the last minute."],
  ])("%o", (fields, words) => {
    expect(nothingOpenWords(evidence(fields))).toBe(words);
  });
});

test("a key figure is outside its band only while it is live", () => {
  const kpi = (value: number | null, state: FreshnessView["state"]): KpiView => ({
    ...{ id: "a", name: "A", unit: "m", value, quality: "good", low: 1, high: 2, spark: [] },
    ...{ freshness: fresh(state), tagsUsed: 1, tagsAll: 1, tags: ["E1/S1/T1"] },
  });
  expect(isOutside(kpi(3, "live"))).toBe(true);
  expect(isOutside(kpi(1.5, "live"))).toBe(false);
  expect(isOutside(kpi(3, "silent"))).toBe(false);
  expect(isOutside(kpi(null, "live"))).toBe(false);
});

test("a key figure says of which tags it is the mean, and when they were heard", () => {
  const live = { ...fresh("live"), heardAtMs: nowMs };
  const kpi = { tagsUsed: 1, tagsAll: 2, tags: ["E1/S1/T1", "E1/S2/T1"], freshness: live };
  expect(kpiWords(kpi, nowMs)).toMatch(
    /^mean of the newest good values of E1\/S1\/T1, E1\/S2\/T1 · 1 of 2 tags heard and good · heard /,
  );
  const never = { ...fresh("silent"), heardAtMs: null };
  const one = { tagsUsed: 0, tagsAll: 1, tags: ["E1/S1/T1"], freshness: never };
  expect(kpiWords(one, nowMs)).toBe(
    "newest good value of E1/S1/T1 · 0 of 1 tag heard and good · never heard",
  );
});

const stage = (id: string, line: string): StageLine => ({
  ...{ id, name: id, line, state: "blind", stateSinceMs: nowMs - 7_200_000, sight: "blind" },
  ...{ freshness: fresh("silent"), evidence: "not heard", score: null, scoreAtMs: null },
  ...{ sensors: 2, badSensors: 2, silentSensors: 2, openIncidents: 0 },
});

describe("stages in groups", () => {
  test("a site without lines has one group without a name", () => {
    const groups = stageGroups({ lines: [], stages: [stage("TANK1", ""), stage("PUMP", "")] });
    expect(groups.map(({ name, stages }) => [name, stages.length])).toEqual([["", 2]]);
  });

  test("no stage is lost for a line that the site does not name, and no empty line is shown", () => {
    const lines = [
      { id: "A", name: "Supply" },
      { id: "B", name: "Return" },
    ];
    const groups = stageGroups({ lines, stages: [stage("TANK1", "A"), stage("PUMP", "X")] });
    expect(groups.map(({ name, stages }) => [name, stages.map(({ id }) => id)])).toEqual([
      ["Supply", ["TANK1"]],
      ["Other stages", ["PUMP"]],
    ]);
  });

  test("a cell says its state, since when and from what", () => {
    expect(cellWords(stage("TANK1", ""), nowMs)).toBe(
      "TANK1: blind since 10:00 (2 h) · not heard · 2 sensors · 2 not good or not heard · 2 not heard",
    );
  });
});
