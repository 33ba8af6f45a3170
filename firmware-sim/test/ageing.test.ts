import { expect, test } from "vitest";
import { createPlant, defaultStartMs } from "../src/create-plant.ts";
import { waterWorks } from "../src/plants/water-works/water-works.ts";
import { quietScenario } from "../src/scenarios/scenario.ts";
import { hourMs, inject } from "./quiet-plant.ts";

const realistic = () =>
  createPlant({
    plant: waterWorks,
    seed: 42,
    startMs: defaultStartMs,
    scenario: quietScenario,
    profile: "realistic",
    historyDays: 3,
  });

test("a bare chlorine cell reads lower as the pH rises, the compensated one does not", () => {
  const plant = realistic();
  const ratio = (tag: string, signal: string) => plant.measured(tag) / plant.signals.get(signal);
  const bare = ratio("D13/CL02", "D13.cl");
  const compensated = ratio("D13/CL01", "D13.cl");
  inject(plant, { calibration: "D13/CL02", for: "1m" });
  plant.advanceTo(plant.nowMs + hourMs / 4);
  // After a calibration at the present pH it is right again, within its noise and tolerance.
  expect(Math.abs(ratio("D13/CL02", "D13.cl") - 1)).toBeLessThan(0.06);
  expect(Math.abs(compensated - 1)).toBeLessThan(0.06);
  expect(bare).toBeGreaterThan(0);
});

test("instruments drift slowly, each its own way, and a calibration takes it back", () => {
  const plant = realistic();
  const error = () => plant.measured("D12/PH01") - plant.signals.get("D12.ph");
  const mean = () => {
    let sum = 0;
    for (let i = 0; i < 120; i++) {
      plant.advanceTo(plant.nowMs + 1_000);
      sum += error();
    }
    return sum / 120;
  };
  const aged = mean();
  inject(plant, { calibration: "D12/PH01", for: "1m" });
  plant.advanceTo(plant.nowMs + hourMs / 4);
  const fresh = mean();
  expect(Math.abs(aged - fresh)).toBeGreaterThan(1e-4);
  expect(Math.abs(aged - fresh)).toBeLessThan(0.1);
});
