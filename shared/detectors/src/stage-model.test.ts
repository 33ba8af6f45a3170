/** The flagship on a small closed loop: a probe that reads low is found though it keeps reading its set-point. */
import { f64 } from "@weir/contracts/elements.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { aerationMinutes, aerationModel } from "../test/aeration-model.ts";
import { Hysteresis } from "./hysteresis.ts";
import { historyRow, type StageHistory, type StageRow } from "./stage-history.ts";
import { type StageModel, scoreStage, stageRatio } from "./stage-model.ts";

const dayMs = 86_400_000;
let model: StageModel;
beforeAll(() => {
  model = aerationModel(3);
});

/** Rows at which a decision begins. */
function decisionsIn(history: StageHistory): number[] {
  const hysteresis = new Hysteresis(model.hysteresis);
  const rows: number[] = [];
  let decided = false;
  for (let row = 0; row < history.rowCount; row++) {
    const now = hysteresis.step(stageRatio(model, historyRow(history, row)) > 1);
    if (now && !decided) rows.push(row);
    decided = now;
  }
  return rows;
}

const lastRow = (history: StageHistory): StageRow => historyRow(history, history.rowCount - 1);

test("six healthy days with rain and cleaning bursts: at most one decision", () => {
  const healthy = aerationMinutes(3, { fromDay: 14, toDay: 20 });
  expect(decisionsIn(healthy).length).toBeLessThanOrEqual(1);
});

describe("DO01 drifts to 1.2 mg/L low within twelve hours while its loop holds it at 2", () => {
  const low = (sinceMs: number): number =>
    Math.min(1.2, Math.max(0, (sinceMs - 15 * dayMs) / dayMs) * 2.4);
  let faulty: StageHistory;
  beforeAll(() => {
    faulty = aerationMinutes(3, { fromDay: 14.8, toDay: 15.8 }, { probeLow: low });
  });

  test("is decided before half of it, and not before it begins", () => {
    const [first] = decisionsIn(faulty);
    const atMs = f64(faulty.atMs, first as number) - Date.UTC(2026, 8, 1);
    expect(low(atMs)).toBeGreaterThan(0.05);
    expect(low(atMs)).toBeLessThan(0.6);
  });

  test("names DO01 against its neighbours first, although it is they and the air that moved", () => {
    const { contributions, ratio, distance } = scoreStage(model, lastRow(faulty));
    expect(ratio).toBeGreaterThan(2);
    expect(distance / model.distanceLine).toBeLessThanOrEqual(ratio);
    expect(contributions[0]).toMatchObject({ tag: "W13/DO01", feature: "like", direction: "low" });
    expect(contributions[0]?.value).toBeCloseTo(2, 0);
    expect(contributions[0]?.expected).toBeGreaterThan(2.8);
    const air = contributions.find(({ tag }) => tag === "W13/FL01");
    expect(air).toMatchObject({ feature: "mean", direction: "high" });
    const total = contributions.reduce((sum, { share }) => sum + share, 0);
    expect(total).toBeGreaterThan(0.9);
    expect(total).toBeLessThan(1.0001);
  });
});

test("diffusers that clog show as more air than the load calls for, and no probe is blamed", () => {
  const clogged = aerationMinutes(
    3,
    { fromDay: 14.9, toDay: 15.4 },
    { airEffect: (sinceMs) => (sinceMs > 15 * dayMs ? 0.75 : 1) },
  );
  const { contributions, ratio } = scoreStage(model, lastRow(clogged));
  expect(ratio).toBeGreaterThan(1);
  expect(contributions[0]).toMatchObject({ tag: "W13/FL01", feature: "mean", direction: "high" });
});

test("a tag without a good reading is neutral; a stage without most of them is not judged", () => {
  const row = lastRow(aerationMinutes(3, { fromDay: 14.2, toDay: 14.4 }));
  const without = (own: number): StageRow => ({
    ...row,
    mean: Float64Array.from(row.mean as Float64Array, (value, tag) =>
      tag < own ? Number.NaN : value,
    ),
    sd: Float64Array.from(row.sd as Float64Array, (value, tag) => (tag < own ? Number.NaN : value)),
    slope: Float64Array.from(row.slope as Float64Array, (value, tag) =>
      tag < own ? Number.NaN : value,
    ),
  });
  const one = scoreStage(model, without(1));
  expect(one.coverage).toBeCloseTo(7 / 8, 12);
  expect(one.ratio).toBeLessThan(1.5);
  expect(one.contributions.some(({ tag }) => tag === "W13/DO01")).toBe(false);
  expect(scoreStage(model, without(5)).ratio).toBe(0);
});

test("scoring changes nothing, and both ways of asking agree", () => {
  const row = lastRow(aerationMinutes(3, { fromDay: 14.2, toDay: 14.3 }));
  const first = scoreStage(model, row);
  expect(scoreStage(model, row)).toEqual(first);
  expect(stageRatio(model, row)).toBe(first.ratio);
});
