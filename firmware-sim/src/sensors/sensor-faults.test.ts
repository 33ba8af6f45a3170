import { expect, test, vi } from "vitest";
import { hourMs, inject, quietPlant } from "../../test/quiet-plant.ts";
import type { Plant } from "../create-plant.ts";
import { waterWorks } from "../plants/water-works/water-works.ts";
import { statusLoopHigh, statusLoopLow, statusStale } from "./sensor-status.ts";

// Plants live hours here; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const id = "D12/CL03";
const index = waterWorks.sensorById(id)?.index ?? -1;

/** Mean, spread and last value of the sensor over `seconds`, with `fault` on it from now on. */
function with_(
  fault: Record<string, unknown>,
  seconds: number,
): { plant: Plant; values: number[] } {
  const plant = quietPlant();
  inject(plant, { sensor: id, ...fault });
  const values: number[] = [];
  const endMs = plant.nowMs + seconds * 1000;
  while (plant.nowMs < endMs) {
    plant.advanceTo(plant.nowMs + 1000);
    values.push(plant.measured(id));
  }
  return { plant, values };
}

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((x) => (x - mean(values)) ** 2)));
const truth = (plant: Plant): number => plant.signals.get("D12.cl.2");

test("bias shifts, gain scales, scale is wired wrongly, drift grows", () => {
  const shifted = with_({ fault: "bias", value: 0.5 }, 120);
  expect(mean(shifted.values) - truth(shifted.plant)).toBeCloseTo(0.5, 1);
  const scaled = with_({ fault: "gain", value: 0.7 }, 120);
  expect(mean(scaled.values) / truth(scaled.plant)).toBeCloseTo(0.7, 1);
  const wired = with_({ fault: "scale", value: 0.1 }, 120);
  expect(mean(wired.values) / truth(wired.plant)).toBeCloseTo(0.1, 1);
  const drifting = with_({ fault: "drift", value: 4.8 }, 3600);
  const gained = (drifting.values.at(-1) ?? 0) - truth(drifting.plant);
  expect(gained).toBeCloseTo(0.2, 1);
});

test("a stuck sensor repeats itself; noise is as many times the ordinary; spikes stand out", () => {
  expect(new Set(with_({ fault: "stuck" }, 300).values).size).toBe(1);
  const ordinary = deviation(with_({ fault: "bias", value: 0 }, 600).values);
  const noisy = deviation(with_({ fault: "noise", value: 8 }, 600).values);
  expect(noisy / ordinary).toBeGreaterThan(4);
  const spiky = with_({ fault: "spike", value: 5_000 }, 600).values;
  expect(spiky.filter((x) => Math.abs(x - mean(spiky)) > 0.03).length).toBeGreaterThan(20);
});

test("a dropout holds the last value and is stale; it ends after its time", () => {
  const { plant, values } = with_({ fault: "dropout", for: "5m" }, 200);
  expect(new Set(values).size).toBe(1);
  expect((plant.bank.status[index] ?? 0) & statusStale).toBeTruthy();
  plant.advanceTo(plant.nowMs + 200_000);
  expect(plant.bank.status[index]).toBe(0);
  expect(plant.truth().find((record) => record.type === "dropout")?.t_end).not.toBeNull();
});

test("a broken current loop is a sensor fault, not −3 % chlorine (NE 43)", () => {
  const low = with_({ fault: "ne43", value: 3.5 }, 5).plant;
  expect((low.bank.status[index] ?? 0) & statusLoopLow).toBeTruthy();
  const high = with_({ fault: "ne43", value: 21.6 }, 5).plant;
  expect((high.bank.status[index] ?? 0) & statusLoopHigh).toBeTruthy();
  const saturated = with_({ fault: "ne43", value: 20.4 }, 5).plant;
  expect(saturated.bank.status[index]).toBe(0);
});

test("without sample water the chlorine reads towards nothing", () => {
  const { values, plant } = with_({ fault: "sample-flow-loss" }, 1800);
  expect(values.at(-1)).toBeLessThan(0.15);
  expect(truth(plant)).toBeGreaterThan(0.8);
});

test("a slow sensor lags a change", () => {
  const answer = (factor: number): number => {
    const plant = quietPlant();
    inject(plant, { fault: "slow", sensor: "D11/CL02", value: factor });
    inject(plant, { event: "demand-step", stage: "D11", demand: 1.5, for: "1h" });
    plant.advanceTo(plant.nowMs + 420_000);
    return plant.measured("D11/CL02");
  };
  expect(answer(10)).toBeGreaterThan(answer(1) + 0.2);
});

test("a calibration puts the probe into its buffer and says so", () => {
  const plant = quietPlant();
  inject(plant, { calibration: "D12/PH01", for: "10m" });
  plant.advanceTo(plant.nowMs + 60_000);
  expect(plant.measured("D12/PH01")).toBeCloseTo(7, 1);
  const answer = plant.read("plc-d-b", "input", 0, 1);
  expect(answer.ok).toBe(true);
  plant.advanceTo(plant.nowMs + hourMs);
  expect(plant.truth().find((record) => record.type === "calibration")?.t_end).not.toBeNull();
});
