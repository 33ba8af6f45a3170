/** The works live the same life on the same seed, sample for sample, however the simulator around them is built. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createPlant } from "../../create-plant.ts";
import { loadScenario } from "../../scenarios/read-scenario.ts";
import { waterWorks } from "./water-works.ts";

const hourMs = 3_600_000;

test.each([
  ["story", "tidy", "f027354d82d408ccba83d6080e698c10c7c71af162d6bf37d575df0c8e87f857"],
  ["normal-week", "realistic", "9274e060f32c9deeb39d8cfd731b190eb4a9773939f96eaae0b38e9c6a0a6813"],
] as const)("%s (%s)", (name, profile, golden) => {
  const scenario = { ...loadScenario(waterWorks, name), before: [] };
  const plant = createPlant({ plant: waterWorks, seed: 42, scenario, profile });
  const lived = createHash("sha256");
  plant.onSample((sensor, value, atMs) => lived.update(`${sensor} ${value} ${atMs};`));
  plant.load(scenario.after, plant.nowMs);
  plant.advanceTo(plant.nowMs + hourMs);
  expect(lived.digest("hex")).toBe(golden);
});
