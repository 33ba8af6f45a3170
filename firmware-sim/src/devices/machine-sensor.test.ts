import { describe, expect, test } from "vitest";
import { hourMs, inject, quietPlant } from "../../test/quiet-plant.ts";
import { machineSensor } from "./machine-sensor.ts";
import { countMmS } from "./vibration-machine.ts";

/** mm/s RMS of one axis over three seconds. */
function level(sensor: ReturnType<typeof machineSensor>, axis: number): number {
  let sum = 0;
  for (let block = 0; block < 30; block++) {
    const bytes = sensor.block(block * 100, 100);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 100; i++)
      sum += (view.getInt16(9 + 6 * i + 2 * axis, true) * countMmS) ** 2;
  }
  return Math.sqrt(sum / 3_000);
}

describe("the fast sensor and the machine's own summary tell of one machine", () => {
  test.each([
    ["nothing", undefined],
    ["bearing-wear", { tau: 0.05 }],
    ["unbalance", { amplitude: 5 }],
    ["misalignment", { amplitude: 4 }],
    ["looseness", { amplitude: 3 }],
    ["cavitation", { share: 1 }],
  ])("%s", (event, params) => {
    const plant = quietPlant();
    if (params) inject(plant, { event, stage: "D14", ...params });
    plant.advanceTo(plant.nowMs + 4 * hourMs);
    const sensor = machineSensor(plant, "D14");
    const summary = plant.signals.get("D14.vibration");
    expect(level(sensor, 0) / summary).toBeGreaterThan(0.93);
    expect(level(sensor, 0) / summary).toBeLessThan(1.07);
    if (params) expect(summary).toBeGreaterThan(1.1);
  });
});

test("a pump that is switched off is quiet to both", () => {
  const plant = quietPlant();
  const motor = plant.actuators.get("D14.motor");
  motor?.command(false, plant.nowMs);
  plant.advanceTo(plant.nowMs + 120_000);
  expect(plant.signals.get("D14.vibration")).toBeLessThan(0.1);
  expect(level(machineSensor(plant, "D14"), 0)).toBeLessThan(0.1);
});
