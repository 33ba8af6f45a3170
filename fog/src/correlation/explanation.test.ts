import { AlertRule } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { expect, test } from "vitest";
import { type ExplanationFacts, explanationOf } from "./explanation.ts";
import { asContribution, newIncident } from "./incident-store.ts";

const facts: ExplanationFacts = {
  site: {
    site: { id: "millpond", name: "Millpond", tz: "Europe/Vienna" },
    lines: [],
    stages: [],
    kpis: [],
  },
  nowMs: 60_000,
  isCauseGone: () => false,
  cutOffOf: () => undefined,
  isProtecting: () => false,
  kindOfTag: () => "level",
};

const alert = (tag: string, id: string) =>
  newIncident({
    ...{ id, cause: `alert/e1/${tag}/${AlertRule.DELTA}`, stage: "TANK1", edge: "e1" },
    ...{ severity: Severity.LOW, openedAtMs: 0, updatedAtMs: 0 },
    contributions: [
      asContribution({
        tag,
        share: 1,
        value: 1,
        expected: 0,
        direction: "high",
        feature: "",
        text: "",
      }),
    ],
  });

test("of two that began in one instant the same one explains the other, whatever their ids and order", () => {
  for (const ids of [
    ["a", "b"],
    ["b", "a"],
    ["x-9", "x-10"],
  ]) {
    const one = alert("TANK1/LV01", ids[0] ?? "");
    const two = alert("TANK1/LV02", ids[1] ?? "");
    for (const open of [
      [one, two],
      [two, one],
    ]) {
      expect(explanationOf(one, open, facts)).toBeUndefined();
      expect(explanationOf(two, open, facts)?.by).toBe(one);
    }
  }
});

test("a cut-off explains what follows at the far end of its line, but nothing high and nothing from before", () => {
  const ids = ["TANK1", "TANK2", "TANK3", "TANK4", "TANK5", "TANK6"];
  const stages = ids.map((id, i) => ({
    ...{ id, name: id, line: "", equipment: "" },
    // A ring, as returned sludge makes one.
    upstream: [ids[i - 1] ?? "TANK6"],
  }));
  const trip = newIncident({
    ...{ id: "t", cause: "trip/e1/HIGH", stage: "TANK1", edge: "e1", severity: Severity.HIGH },
  });
  const cutOff = { atMs: 10_000, outputs: ["pump"], tag: "e1/TANK1/PT01" };
  const ring = {
    ...facts,
    site: { ...facts.site, stages },
    cutOffOf: () => cutOff,
    isCauseGone: () => true,
  };
  const found = (severity: Severity, openedAtMs: number) =>
    explanationOf(
      newIncident({ id: "a", cause: "anomaly/TANK6", stage: "TANK6", severity, openedAtMs }),
      [trip],
      ring,
    )?.reason;
  expect(found(Severity.MEDIUM, 20_000)).toBe(
    "it follows from the trip of TANK1, which holds pump",
  );
  expect(found(Severity.HIGH, 20_000)).toBeUndefined();
  expect(found(Severity.MEDIUM, 9_000)).toBeUndefined();
});
