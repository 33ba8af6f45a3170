/**
 * Seven plant-days of the whole loop with every kind of fault: lines cut, messages lost and doubled, each
 * process killed. Every promise of `simulate` is checked each plant-hour and at the end.
 */
import type { PlantDefinition } from "@weir/firmware-sim/plant-definition/plant-definition.ts";
import { plants } from "@weir/firmware-sim/plants/plants.ts";
import { expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { simulate } from "../src/simulation/simulate.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** So that no seed leaves one of them out. */
const plannedFor = ({ edges }: PlantDefinition) => {
  const [first, last] = [edges[0]?.id, edges.at(-1)?.id];
  return [
    { name: `${last}`, atMs: 20 * hourMs + 7_000, forMs: 3 * minuteMs },
    { name: "fog", atMs: 31 * hourMs, forMs: 20 * minuteMs },
    { name: `line of ${first}`, atMs: 50 * hourMs, forMs: 7 * hourMs },
    { name: "line to the cloud", atMs: 70 * hourMs, forMs: 26 * hourMs },
    { name: `${first}`, atMs: 80 * hourMs, forMs: 10 * minuteMs },
    { name: "cloud", atMs: 110 * hourMs, forMs: hourMs },
  ];
};

/** A hang detector, not a timing. */
const hangMs = 900_000;

test.each(plants)(
  "$id: a week of faults loses nothing, doubles nothing, and the books balance",
  async (definition) => {
    const planned = plannedFor(definition);
    using folder = runFolder();
    const outcome = await simulate(
      { definition, seed: 1, folder: folder.path },
      { days: 7, profile: "long", planned },
    );
    // Every tag each five minutes, less what dead edges and cut buses did not read.
    expect(outcome.readings).toBeGreaterThan(0.9 * definition.sensors.length * 12 * 24 * 7);
    expect(outcome.faults).toBeGreaterThanOrEqual(planned.length);
    expect(outcome.events).toBeGreaterThan(0);
  },
  hangMs,
);
