import { expect, test, vi } from "vitest";
import { PhSolver } from "../src/plants/water-works/process/carbonate.ts";
import { TankChain } from "../src/plants/water-works/process/tank-chain.ts";
import { ALK, CT, water } from "../src/plants/water-works/process/water.ts";
import { inject, quietPlant, secondsUntil } from "./quiet-plant.ts";

// Plants live hours here; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Seconds until the wet well at mean flow passes the limit, and its lowest pH. */
function slug(change: number, forS: number): { trip: number; lowest: number } {
  const inflow = water();
  inflow[ALK] = 7;
  inflow[CT] = 7.99;
  const well = new TankChain([60], inflow);
  const solver = new PhSolver();
  let trip = Number.NaN;
  let lowest = 14;
  for (let s = 1; s <= 2_400; s++) {
    inflow[ALK] = s <= forS ? 7 + change : 7;
    well.mix(inflow, 0.2135, 1);
    const ph = solver.of(well.out[ALK] ?? 0, well.out[CT] ?? 0);
    lowest = Math.min(lowest, ph);
    if (Number.isNaN(trip) && (ph < 5 || ph > 10)) trip = s;
  }
  return { trip, lowest };
}

// From a balance of the wet well.
test.each([
  [-7.5, 618],
  [-9, 379],
  [4, 671],
  [6, 261],
  [8, 170],
])("a slug of %s meq/L crosses its limit after about %s s", (change, seconds) => {
  const { trip } = slug(change, 1_500);
  expect(Math.abs(trip - seconds) / seconds).toBeLessThan(0.12);
});

test("five minutes of −9 meq/L bottom at 5.55 and do not trip", () => {
  const { trip, lowest } = slug(-9, 300);
  expect(trip).toBeNaN();
  expect(lowest).toBeCloseTo(5.55, 1);
});

test("the divert valve sends the acid to the holding tank and spares the equalisation tank", () => {
  const plant = quietPlant();
  inject(plant, { event: "acid-discharge", strength: 9, for: "25m" });
  const trip = secondsUntil(plant, 1_500, () => plant.measured("W01/PH01") < 5);
  expect(trip).toBeGreaterThan(300);
  plant.write("plc-w-a", "coil", 0, [1]);
  plant.advanceTo(plant.nowMs + 25_000);
  expect(plant.read("plc-w-a", "discrete", 0, 2)).toEqual({ ok: true, values: [1, 0] });
  plant.advanceTo(plant.nowMs + 20 * 60_000);
  expect(plant.measured("W05/FL01")).toBeGreaterThan(80);
  expect(plant.process.inlet.holdingM3).toBeGreaterThan(150);
  expect(plant.signals.get("W05.ph")).toBeLessThan(7);
  plant.write("plc-w-a", "coil", 0, [0]);
  plant.advanceTo(plant.nowMs + 60_000);
  expect(plant.measured("W05/FL01")).toBe(0);
});
