import { numberAt } from "@weir/contracts/elements.ts";
import { expect, test, vi } from "vitest";
import { inject, secondsUntil } from "../../../test/quiet-plant.ts";
import { createPlant, defaultStartMs, type Plant } from "../../create-plant.ts";
import { loadScenario } from "../../scenarios/read-scenario.ts";
import { quietScenario } from "../../scenarios/scenario.ts";
import { bakery } from "./bakery.ts";
import type { BakeryProcess } from "./process/bakery-process.ts";

// Plants live days here; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const sundayMs = Date.UTC(2026, 5, 7, 10);

const quietBakery = (options: { seed?: number; startMs?: number } = {}): Plant<BakeryProcess> =>
  createPlant({ plant: bakery, seed: 42, scenario: quietScenario, ...options });

const measuredAfterAnHour = (seed: number): number[] => {
  const plant = quietBakery({ seed });
  plant.advanceTo(plant.nowMs + hourMs);
  return [...plant.bank.measured];
};

test("14 stages in flow order and 42 sensors on four gateways and two edges", () => {
  const { stages, sensors, gateways, edges, registerMaps } = bakery;
  const ids = stages.map(({ id }) => id);
  expect(new Set(ids).size).toBe(14);
  for (const { upstream } of stages) for (const from of upstream) expect(ids).toContain(from);
  expect(new Set(sensors.map(({ siteId }) => siteId)).size).toBe(42);
  expect(new Set(sensors.map(({ gateway }) => gateway)).size).toBe(gateways.length);
  expect(new Set(sensors.map(({ edge }) => edge)).size).toBe(edges.length);
  const mapped = [...registerMaps.values()].flatMap(({ values }) => values);
  expect(mapped).toHaveLength(42);
});

test("the same seed lives the same life; another seed another", () => {
  const first = measuredAfterAnHour(7);
  expect(measuredAfterAnHour(7)).toEqual(first);
  expect(measuredAfterAnHour(8).filter((x, i) => x !== first[i]).length).toBeGreaterThan(30);
});

test("a quiet week crosses no safety limit and leaves no sensor at the upper end of its range", () => {
  const plant = quietBakery();
  const ends = new Set<string>();
  const crossed = new Set<string>();
  const endMs = plant.nowMs + 7 * dayMs;
  while (plant.nowMs < endMs) {
    plant.advanceTo(plant.nowMs + 10_000, { stepS: 10 });
    for (const { id, index, instrument } of bakery.sensors) {
      const value = plant.bank.measured[index] ?? Number.NaN;
      if (!(value < instrument.max)) ends.add(id);
      const { hardLow, hardHigh } = bakery.limits[id] ?? {};
      if (value > Number(hardHigh ?? Number.POSITIVE_INFINITY)) crossed.add(id);
      if (value < Number(hardLow ?? Number.NEGATIVE_INFINITY)) crossed.add(id);
    }
  }
  expect([...crossed]).toEqual([]);
  expect([...ends]).toEqual([]);
});

test("shifts, the break at eight and the free Sunday are those of its own time zone", () => {
  const plant = quietBakery(); // 07:00 in Vienna
  const { production } = plant.process;
  expect(production.rate).toBeGreaterThan(0.6);
  plant.advanceTo(plant.nowMs + 1.4 * hourMs);
  expect(production.rate).toBeLessThan(0.3);
  const free = quietBakery({ startMs: sundayMs });
  expect(free.process.production.rate).toBeLessThan(0.01);
  expect(free.measured("OV2/TE01")).toBeLessThan(120);
  expect(free.measured("CA4/PT01")).toBeGreaterThan(6.5);
});

test("a burner that runs away passes 290 °C in some minutes, and its coil ends it", () => {
  const plant = quietBakery();
  const limiter = () => plant.measured("OV2/TE02");
  inject(plant, { actuator: "OV2.burner", failure: "runaway", dose: 1 });
  const trip = secondsUntil(plant, 900, () => limiter() > 290);
  expect(trip).toBeGreaterThan(90);
  expect(trip).toBeLessThan(420);
  const map = bakery.registerMaps.get("plc-oven");
  const coil = map?.actuators.find(({ actuator }) => actuator.id === "OV2.burner")?.coil ?? -1;
  plant.write("plc-oven", "coil", coil, [0]);
  plant.advanceTo(plant.nowMs + 60_000);
  expect(plant.measured("OV2/FG01")).toBeLessThan(0.2);
  expect(limiter()).toBeLessThan(290);
  plant.write("plc-oven", "coil", coil, [1]);
  plant.advanceTo(plant.nowMs + hourMs / 2);
  expect(Math.abs(plant.measured("OV2/TE01") - 250)).toBeLessThan(6);
  expect(plant.truth().find(({ type }) => type === "runaway-burner")?.t_end).not.toBeNull();
});

test("a gas valve that does not close burns on until the main valve closes, at another controller", () => {
  const plant = quietBakery();
  inject(plant, { actuator: "OV2.burner", failure: "welded" });
  const burner = plant.actuators.get("OV2.burner");
  burner?.command(false, plant.nowMs);
  plant.advanceTo(plant.nowMs + 30_000);
  expect(plant.measured("OV2/FG01")).toBeGreaterThan(4);
  plant.actuators.get("EM1.gas-valve")?.command(false, plant.nowMs);
  plant.advanceTo(plant.nowMs + 60_000);
  expect(plant.measured("OV2/FG01")).toBeLessThan(0.2);
  expect(plant.measured("OV1/FG01")).toBeLessThan(0.2);
});

test("a thermocouple that reads low keeps its own reading; only gas and the limiter tell", () => {
  const plant = quietBakery();
  const twin = quietBakery();
  inject(plant, { "probe-fouling": "OV1/TE01", bias: -14, slow: 3, ramp: "60m" });
  plant.advanceTo(plant.nowMs + 5 * hourMs);
  twin.advanceTo(plant.nowMs);
  expect(Math.abs(plant.measured("OV1/TE01") - 235)).toBeLessThan(4);
  expect(plant.signals.get("OV1.temperature")).toBeGreaterThan(245);
  expect(plant.measured("OV1/TE02") - twin.measured("OV1/TE02")).toBeGreaterThan(10);
  expect(plant.measured("OV1/TE02")).toBeLessThan(280);
});

/** Mean of a sensor over a quarter of an hour, at the same hour with and without the event. */
function change(event: Record<string, unknown>, sensor: string, days: number): number {
  const means = [true, false].map((isWrong) => {
    const plant = quietBakery();
    if (isWrong) inject(plant, event);
    plant.advanceTo(defaultStartMs + days * dayMs, { stepS: 10 });
    let sum = 0;
    for (let i = 0; i < 90; i++) {
      plant.advanceTo(plant.nowMs + 10_000, { stepS: 10 });
      sum += plant.measured(sensor);
    }
    return sum / 90;
  });
  return numberAt(means, 0) / numberAt(means, 1) - 1;
}

test.each([
  [{ event: "condenser-fouling", stage: "CW2", rate: 0.3 }, "CW2/PT01", 3, 0.2],
  [{ event: "condenser-fouling", stage: "CW2", rate: 0.3 }, "CW2/JW01", 3, 0.15],
  [{ event: "valve-wear", stage: "CA1", rate: 0.1 }, "CA1/JW01", 2, 0.05],
  [{ event: "dew-point-creep", stage: "CA3", rate: 1 }, "CA3/MD01", 3, 0.4],
  [{ event: "steam-nozzle-scale", stage: "PB1", rate: 0.1 }, "PB1/YV01", 3, 0.25],
  [{ event: "air-leak", stage: "CA4", flow: 0.8 }, "CA4/FT01", 1, 0.1],
  [{ event: "unbalance", stage: "OV3", amplitude: 2 }, "OV3/VT01", 1, 0.3],
  [{ event: "filter-clogging", stage: "CB1", rate: 0.1 }, "CB1/TE01", 2, 0.03],
])("%o shows at %s after %i days", (event, sensor, days, least) => {
  expect(change(event, sensor, days)).toBeGreaterThan(least);
});

test("the story: a chiller in decline, a runaway burner, a thermocouple that drifts", () => {
  const plant = createPlant({ plant: bakery, seed: 42, scenario: loadScenario(bakery, "story") });
  expect(plant.measured("CW2/PT01")).toBeGreaterThan(1.2 * plant.measured("CW1/PT01"));
  plant.load(plant.scenario.after, plant.nowMs);
  plant.advanceTo(plant.startMs + 50 * 60_000);
  const types = plant.truth().map((record) => record.type);
  expect(types).toEqual(
    expect.arrayContaining(["condenser-fouling", "runaway-burner", "product-change"]),
  );
  expect(types).toContain("probe-fouling");
});

test("a plant under a roof knows neither rain nor storms", () => {
  const plant = quietBakery();
  expect(() => inject(plant, { storm: 2 })).toThrow(/names nothing to inject/);
});
