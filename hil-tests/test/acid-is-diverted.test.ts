/** Twenty-five minutes of acid at the inlet: into the holding tank, before the biology sees it. */

import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { present } from "@weir/contracts/present.ts";
import { createPlant } from "@weir/firmware-sim/create-plant.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import { quietScenario } from "@weir/firmware-sim/scenarios/scenario.ts";
import { expect, test } from "vitest";
import { ControlOverPlant } from "../src/simulation/control-over-plant.ts";
import { writePlantFiles } from "../src/simulation/plant-files.ts";
import { runFolder } from "../src/simulation/run-folder.ts";

const secondMs = 1_000;
/** At mean flow. */
const noonMs = Date.UTC(2026, 5, 2, 11);
const minuteMs = 60 * secondMs;
const limitPh = 5;
/** From here on an operator lets the sewage through again. */
const neutralPh = 6;
const onDelayMs = 3 * secondMs;
const pollMs = secondMs;
const strokeMs = 20 * secondMs;
const holdingAreaM2 = 500;
const firstAerobicTank = "W12.ph";

async function worksWithAcid(seed: number, folder: string) {
  const configuration = writePlantFiles(waterWorks, folder, { pollEveryS: 0 }).get("edge-w");
  const plant = createPlant({ plant: waterWorks, seed, scenario: quietScenario, startMs: noonMs });
  if (!configuration) throw new TypeError("there is no edge-w");
  const works = new ControlOverPlant(plant, configuration);
  await works.advance(minuteMs);
  return {
    works,
    plant,
    valve: present(plant.actuators.get("W04.divert")),
    arrive: () => {
      for (const { inject } of loadScenario(waterWorks, "acid").after) plant.inject(inject);
    },
  };
}

test.each([3, 8])("the acid is diverted, kept, and given back diluted (seed %i)", async (seed) => {
  using folder = runFolder();
  const { works, plant, valve, arrive } = await worksWithAcid(seed, folder.path);
  const keptBeforeM3 = plant.process.inlet.holdingM3;
  const levelBeforeM = plant.measured("W05/LV01");
  arrive();

  // A reading that is back at the limit begins the delay anew.
  let aboveMs = works.clock.nowMs();
  const openingMs = await works.until(() => {
    if (plant.measured("W01/PH01") >= limitPh) aboveMs = works.clock.nowMs();
    return valve.coil;
  }, 1_500);
  expect(present(openingMs) - aboveMs - pollMs).toBeLessThanOrEqual(onDelayMs + pollMs + secondMs);
  const [trip] = works.events("trip");
  expect(trip).toMatchObject({ rule: "PH-LOW", tag: "W01/PH01", firstOut: true });

  // Second by second, as a flow totaliser would: what went into the holding tank.
  let lowestPh = Number.POSITIVE_INFINITY;
  let divertedM3 = 0;
  let truePh = 7;
  const watch = () => {
    divertedM3 += plant.measured("W05/FL01") / 1_000;
    truePh = plant.signals.get(firstAerobicTank);
    lowestPh = Math.min(lowestPh, truePh);
    return false;
  };
  await works.until(watch, strokeMs / secondMs + 5);
  const verified = works.events("output").find((e) => e.outcome === OutputOutcome.VERIFIED);
  expect(verified?.output).toBe("divert_valve");
  expect(present(verified).afterMs).toBeGreaterThanOrEqual(strokeMs - secondMs);
  expect(present(verified).afterMs).toBeLessThanOrEqual(30 * secondMs);

  // Nobody may end it while acid still comes.
  expect(works.reset("PH-LOW").accepted).toBe(false);
  const isOver = () => {
    watch();
    const { resettableTrips = [], latchedTrips = [] } = works.status ?? {};
    const isNeutral = ["W01/PH01", "W04/PH01"].every((id) => plant.measured(id) > neutralPh);
    return isNeutral && latchedTrips.every((rule) => resettableTrips.includes(rule));
  };
  expect(await works.until(isOver, 3 * 3_600)).toBeDefined();
  for (const rule of present(works.status).latchedTrips)
    expect(works.reset(rule).accepted).toBe(true);
  await works.until(watch, strokeMs / secondMs + 5);
  expect(valve.position).toBe(0);

  const keptM3 = plant.process.inlet.holdingM3 - keptBeforeM3;
  const shownM3 = (plant.measured("W05/LV01") - levelBeforeM) * holdingAreaM2;
  expect(keptM3).toBeGreaterThan(100);
  expect(Math.abs(keptM3 - divertedM3) / divertedM3).toBeLessThan(0.05);
  expect(Math.abs(shownM3 - divertedM3) / divertedM3).toBeLessThan(0.05);

  // Half an hour of neutral sewage later it comes back at 20 L/s, and the biology still does not notice.
  await works.until(watch, 31 * 60);
  const fullM3 = plant.process.inlet.holdingM3;
  await works.until(watch, 3_600);
  expect(fullM3 - plant.process.inlet.holdingM3).toBeGreaterThan(0.9 * 0.02 * 3_600);
  expect(lowestPh).toBeGreaterThan(6);
  expect(works.events("trip").filter(({ simulated }) => simulated)).toEqual([]);
});

test("a holding tank at 70 % is told, and nothing is switched for it", async () => {
  using folder = runFolder();
  const { works, plant, valve, arrive } = await worksWithAcid(5, folder.path);
  plant.process.inlet.holdingM3 = 1_300;
  arrive();
  const told = () => works.events("trip").some(({ rule }) => rule === "HOLDING-HIGH");
  expect(await works.until(told, 2 * 3_600)).toBeDefined();
  expect(plant.process.inlet.holdingM3).toBeGreaterThan(1_390);
  expect(plant.process.inlet.holdingM3).toBeLessThan(1_450);
  expect(valve.coil).toBe(true);
  const alarm = works.events("trip").find(({ rule }) => rule === "HOLDING-HIGH");
  expect(alarm).toMatchObject({ tag: "W05/LV01", outputs: [] });
});
