/** Readings of the simulated works (firmware-sim) on an ordinary morning, each sensor at its own rate. */
import { elementAt } from "@weir/contracts/elements.ts";
import { createPlant } from "@weir/firmware-sim/create-plant.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { quietScenario } from "@weir/firmware-sim/scenarios/scenario.ts";

export interface SimulatedTag {
  id: string;
  edge: string;
  resolution: number;
  periodMs: number;
  timesMs: number[];
  values: number[];
}

export function simulateWorks(seed: number, seconds: number): SimulatedTag[] {
  const plant = createPlant({ plant: waterWorks, seed, scenario: quietScenario });
  const tags = waterWorks.sensors.map(
    (sensor): SimulatedTag => ({
      id: sensor.siteId,
      edge: sensor.edge,
      resolution: sensor.instrument.resolution,
      periodMs: sensor.periodS * 1000,
      timesMs: [],
      values: [],
    }),
  );
  plant.advanceTo(plant.startMs);
  const startMs = plant.nowMs;
  plant.onSample((index, value, atMs) => {
    tags[index]?.timesMs.push(atMs);
    const { resolution } = elementAt(tags, index);
    const perUnit = Math.round(1 / resolution);
    // As the edge delivers it: whole steps.
    const whole = resolution <= 1 ? Math.round(value * perUnit) / perUnit : value;
    tags[index]?.values.push(whole === 0 ? 0 : whole);
  });
  plant.advanceTo(startMs + seconds * 1000);
  return tags;
}
