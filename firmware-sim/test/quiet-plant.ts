/** A plant in which nothing happens, and one line to inject into it. */
import { createPlant, defaultStartMs, type Plant } from "../src/create-plant.ts";
import type { Works } from "../src/plants/water-works/process/works.ts";
import { waterWorks } from "../src/plants/water-works/water-works.ts";
import { readInjection } from "../src/scenarios/read-injection.ts";
import { quietScenario } from "../src/scenarios/scenario.ts";

export const hourMs = 3_600_000;

export const quietPlant = (options: { seed?: number; startMs?: number } = {}): Plant<Works> =>
  createPlant({
    plant: waterWorks,
    seed: 42,
    startMs: defaultStartMs,
    scenario: quietScenario,
    ...options,
  });

/** As it would stand in a scenario file. */
export function inject(plant: Plant, injection: Record<string, unknown>): void {
  const read = readInjection(plant.definition, injection);
  if (!read.ok)
    throw new TypeError(read.problems.map(({ path, text }) => `${path} ${text}`).join("; "));
  plant.inject(read.value);
}

/** Seconds until `happens`, up to `limitS`; NaN when it does not. */
export function secondsUntil(plant: Plant, limitS: number, happens: () => boolean): number {
  const fromMs = plant.nowMs;
  for (let s = 1; s <= limitS; s++) {
    plant.advanceTo(fromMs + s * 1000);
    if (happens()) return s;
  }
  return Number.NaN;
}
