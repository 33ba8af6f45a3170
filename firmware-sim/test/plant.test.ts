import { expect, test, vi } from "vitest";
import { createPlant } from "../src/create-plant.ts";
import { waterWorks } from "../src/plants/water-works/water-works.ts";
import { loadScenario } from "../src/scenarios/read-scenario.ts";
import { hourMs, quietPlant } from "./quiet-plant.ts";

// Plants live hours here; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const measuredAfterAnHour = (seed: number): number[] => {
  const plant = quietPlant({ seed });
  plant.advanceTo(plant.nowMs + hourMs);
  return [...plant.bank.measured];
};

test("the same seed lives the same life; another seed another", () => {
  const first = measuredAfterAnHour(7);
  expect(measuredAfterAnHour(7)).toEqual(first);
  const other = measuredAfterAnHour(8);
  expect(other.filter((x, i) => x !== first[i]).length).toBeGreaterThan(200);
});

test("how the time is cut into calls does not matter", () => {
  const once = quietPlant();
  once.advanceTo(once.nowMs + hourMs);
  const often = quietPlant();
  const endMs = often.nowMs + hourMs;
  while (often.nowMs < endMs) often.advanceTo(Math.min(endMs, often.nowMs + 7_300));
  expect([...often.bank.measured]).toEqual([...once.bank.measured]);
});

test("the sewage flow closes: in = out + stored", () => {
  const plant = quietPlant();
  const { inlet } = plant.process;
  const before = { ...inlet.balance, stored: inlet.storedM3 };
  plant.advanceTo(plant.nowMs + 6 * hourMs);
  const inflow = inlet.balance.inflow - before.inflow;
  const outflow = inlet.balance.outflow - before.outflow;
  expect(inflow).toBeGreaterThan(1_000);
  expect(inflow - outflow - (inlet.storedM3 - before.stored)).toBeCloseTo(0, 6);
});

test("two meters around a stage agree within their noise", () => {
  const plant = quietPlant();
  plant.advanceTo(plant.nowMs + hourMs);
  for (const [a, b] of [
    ["W01/FL01", "W03/FL01"],
    ["D02/FL01", "D03/FL01"],
    ["D12/FL01", "D13/FL01"],
  ] as const) {
    expect(Math.abs(plant.measured(a) / plant.measured(b) - 1), `${a} ${b}`).toBeLessThan(0.04);
  }
});

test("a tidy week without events crosses no safety limit and leaves no sensor at an end of its range", () => {
  const plant = quietPlant();
  const ends = new Set<string>();
  let limits = 0;
  const at = (id: string) => plant.measured(id);
  const endMs = plant.nowMs + 7 * 24 * hourMs;
  while (plant.nowMs < endMs) {
    plant.advanceTo(plant.nowMs + 10_000, { stepS: 10 });
    for (const id of ["D11/CL01", "W22/CL01"]) if (at(id) < 0.6 || at(id) > 2) limits++;
    for (const id of ["W01/PH01", "W04/PH01"]) if (at(id) < 6.5 || at(id) > 8) limits++;
    for (const id of ["W01/MO01", "W20/MO01", "D14/MO01"]) if (at(id) > 2) limits++;
    for (const sensor of waterWorks.sensors) {
      const value = plant.bank.measured[sensor.index] ?? 0;
      if (value >= sensor.instrument.max) ends.add(sensor.id);
    }
  }
  expect(limits).toBe(0);
  expect([...ends]).toEqual([]);
});

test("the story: a thickener in decline, a runaway dose at 12 minutes, a fouling probe at 45", () => {
  const plant = createPlant({
    plant: waterWorks,
    seed: 42,
    scenario: loadScenario(waterWorks, "story"),
    historyDays: 4,
  });
  plant.advanceTo(plant.startMs, { stepS: 30 });
  plant.advanceTo(plant.startMs);
  expect(plant.process.sludge.thickeners[1]?.thickener.loss).toBeCloseTo(0.21, 2);
  plant.load(plant.scenario.after, plant.nowMs);
  plant.advanceTo(plant.startMs + 50 * 60_000);
  const types = plant.truth().map((record) => record.type);
  expect(types).toContain("thickener-compaction");
  expect(types).toContain("runaway-dose");
  expect(types).toContain("probe-fouling");
  expect(types).toContain("backwash");
});
