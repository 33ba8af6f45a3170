/** An output runs away: limit crossed, output off, people told, reset guarded. */

import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import { expect, test } from "vitest";
import { plantCases } from "../src/plants/plant-cases.ts";
import { command } from "../src/simulation/command.ts";
import { runFolder } from "../src/simulation/run-folder.ts";
import { World } from "../src/simulation/world.ts";

const secondMs = 1_000;
const resetTrip = (rule: string) => ({ case: "resetTrip", value: { rule } }) as const;

/** Lives second by second until `isReached`; the plant's time then. */
async function until(world: World, isReached: () => boolean, withinS: number): Promise<number> {
  for (let s = 0; s < withinS; s++) {
    if (isReached()) return world.clock.nowMs();
    await world.advance(secondMs);
  }
  throw new Error(`not reached within ${withinS} s`);
}

test.each(plantCases)(
  "$id: a runaway trips within its delay, is verified and latched, and can be reset only when it is over",
  async ({ plant: definition, runaway }) => {
    const { edge, stage, rule, tag, limit, onDelayMs, pollMs } = runaway;
    using folder = runFolder();
    const world = await new World({ definition, seed: 5, folder: folder.path }).start();
    const output = world.plant.actuators.get(runaway.actuator);
    const value = () => world.plant.measured(tag);
    await world.advance(60 * secondMs);
    expect(output?.coil).toBe(true);
    for (const { inject } of loadScenario(definition, runaway.scenario).after)
      world.plant.inject(inject);

    const crossedMs = await until(world, () => value() > limit, 1_800);
    const offMs = await until(world, () => output?.coil === false, 20);
    expect(offMs - crossedMs).toBeLessThanOrEqual(onDelayMs + pollMs + secondMs);
    await world.advance(runaway.settleMs);

    const events = world.chronicle.events.map(({ event }) => event.body);
    const trip = events.find((body) => body.case === "trip")?.value;
    expect(trip).toMatchObject({
      rule,
      tag,
      stage,
      firstOut: true,
      limit,
    });
    expect(trip?.simulated).toBe(false);
    const sampledAfterMs = (trip?.sampledAtMs ?? 0) - crossedMs;
    expect(sampledAfterMs).toBeLessThanOrEqual(onDelayMs + pollMs);

    const shown = world.fog.watch?.trips.list()[0];
    expect(shown).toMatchObject({ edge, rule, latched: true });
    expect(shown?.outputs.map(({ state, outcome }) => [state, outcome])).toEqual([
      ["off", "verified"],
    ]);
    const incident = world.fog.watch?.incidents.open().find((one) => one.stage === stage);
    expect(incident?.severity).toBe(Severity.HIGH);
    expect(incident?.headline).toMatch(runaway.headline);

    expect(value()).toBeGreaterThan(runaway.standsAbove);
    const refused = await command(world, edge, resetTrip(rule));
    expect(refused.accepted).toBe(false);
    expect(output?.coil).toBe(false);

    await until(world, () => value() < runaway.overBelow, 7_200);
    await world.advance(10 * secondMs);
    expect(output?.coil).toBe(false); // Latched: that the cause is gone starts nothing.
    const accepted = await command(world, edge, resetTrip(rule));
    expect(accepted).toMatchObject({ accepted: true });
    expect(output?.coil).toBe(true);
    await world.advance(10 * secondMs);
    expect(world.edge(edge).edge?.uplink.snapshot().control?.latchedTrips).toEqual([]);
    expect(world.fog.watch?.trips.list().some(({ latched }) => latched)).toBe(false);
    await world.stop();
  },
);

test.each(plantCases)(
  "$id: a trip outlives kill -9 of its edge",
  async ({ plant: definition, runaway }) => {
    const { rule } = runaway;
    using folder = runFolder();
    const world = await new World({ definition, seed: 6, folder: folder.path }).start();
    const edge = world.edge(runaway.edge);
    const output = world.plant.actuators.get(runaway.actuator);
    await world.advance(10 * secondMs);
    await command(world, edge.id, { case: "simulateTrip", value: { rule } });
    expect(output?.coil).toBe(false);
    edge.kill();
    await world.advance(60 * secondMs);
    expect(output?.coil).toBe(false);
    edge.start();
    await world.advance(30 * secondMs);
    expect(edge.edge?.uplink.snapshot().control?.latchedTrips).toEqual([rule]);
    expect(output?.coil).toBe(false);
    expect(await command(world, edge.id, resetTrip(rule))).toMatchObject({ accepted: true });
    expect(output?.coil).toBe(true);
    await world.stop();
  },
);
