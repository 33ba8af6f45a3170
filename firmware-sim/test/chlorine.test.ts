import { expect, test, vi } from "vitest";
import { inject, quietPlant, secondsUntil } from "./quiet-plant.ts";

// Plants live hours here; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

test("a runaway dose is stopped by the edge's coil, falls to nothing, and recovers only after a reset", () => {
  const plant = quietPlant();
  const cl = () => plant.measured("D11/CL01");
  inject(plant, { actuator: "D11.dosing", failure: "runaway", dose: 6 });
  const recent: number[] = [];
  const alert = secondsUntil(plant, 300, () => {
    recent.push(cl());
    return Math.max(...recent.slice(-30)) - Math.min(...recent.slice(-30)) > 0.3;
  });
  const trip = alert + secondsUntil(plant, 400, () => cl() > 4);
  // Delta alert after 66 s, > 4.0 at 217 s, peak 4.36.
  expect(Math.abs(alert - 66)).toBeLessThan(8);
  expect(Math.abs(trip - 217)).toBeLessThan(15);

  plant.write("plc-d-b", "coil", 0, [0]);
  let peak = 0;
  const empty = secondsUntil(plant, 900, () => {
    peak = Math.max(peak, cl());
    return cl() < 0.2;
  });
  expect(peak).toBeGreaterThan(4.2);
  expect(peak).toBeLessThan(4.5);
  // 516 s at the mean flow; the morning's is a little higher.
  expect(Math.abs(empty - 500)).toBeLessThan(45);

  plant.advanceTo(plant.nowMs + 3_600_000);
  expect(cl()).toBeLessThan(0.05);
  plant.write("plc-d-b", "coil", 0, [1]);
  plant.advanceTo(plant.nowMs + 3_600_000);
  expect(cl()).toBeGreaterThan(1.1);
  expect(cl()).toBeLessThan(1.35);
  const record = plant.truth().find((each) => each.type === "runaway-dose");
  expect(record?.t_functional_failure).not.toBeNull();
  expect(record?.t_end).not.toBeNull();
});

// Demand of +0.6, +1.5, +3 mg/L.
test.each([
  [0.6, 0.79],
  [1.5, 0.21],
  [3, 0],
])("a demand of %s mg/L takes the residual to %s", (demand, least) => {
  const plant = quietPlant();
  inject(plant, { event: "demand-step", stage: "D11", demand, for: "30m" });
  let min = 9;
  secondsUntil(plant, 1_500, () => {
    min = Math.min(min, plant.measured("D11/CL01"));
    return false;
  });
  expect(min).toBeCloseTo(least, 1);
});

test("an ordinary day stays at 1.20 mg/L and never moves 0.3 in 30 s", () => {
  const plant = quietPlant();
  const recent: number[] = [];
  let widest = 0;
  let sum = 0;
  const count = 6 * 3_600;
  secondsUntil(plant, count, () => {
    recent.push(plant.measured("D11/CL01"));
    if (recent.length > 30) recent.shift();
    widest = Math.max(widest, Math.max(...recent) - Math.min(...recent));
    sum += plant.measured("D11/CL01");
    return false;
  });
  expect(sum / count).toBeCloseTo(1.2, 2);
  expect(widest).toBeLessThan(0.1);
});
