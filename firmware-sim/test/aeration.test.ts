import { expect, test, vi } from "vitest";
import { defaultStartMs } from "../src/create-plant.ts";
import { hourMs, inject, quietPlant, secondsUntil } from "./quiet-plant.ts";

// Plants live hours here; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

test("after a blower trip the oxygen is below 1 in about 101 s and below 0.3 in about 168 s", () => {
  const plant = quietPlant({ startMs: defaultStartMs + 11 * hourMs }); // 16:00, ordinary load
  const oxygen = () => plant.signals.get("W12.do");
  inject(plant, { actuator: "W12.blower", failure: "tripped", for: "30m" });
  const low = secondsUntil(plant, 600, () => oxygen() < 1);
  const lower = low + secondsUntil(plant, 600, () => oxygen() < 0.3);
  expect(Math.abs(low - 101)).toBeLessThan(30);
  expect(Math.abs(lower - 168)).toBeLessThan(45);
});

test("a probe that fouls low keeps its own reading and over-aerates; only air and the other probes tell", () => {
  const plant = quietPlant();
  plant.advanceTo(plant.nowMs + hourMs);
  const air = plant.measured("W13/FL01") / plant.measured("W12/FL01");
  inject(plant, { "probe-fouling": "W13/DO01", bias: -1.2, slow: 4, ramp: "90m" });
  plant.advanceTo(plant.nowMs + 3 * hourMs);
  expect(Math.abs(plant.measured("W13/DO01") - 2)).toBeLessThan(0.4);
  expect(plant.signals.get("W13.do")).toBeGreaterThan(2.8);
  expect(plant.measured("W13/DO03")).toBeGreaterThan(2.8);
  expect(plant.measured("W13/FL01") / plant.measured("W12/FL01")).toBeGreaterThan(1.1 * air);
});
