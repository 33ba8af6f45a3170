/** The dosing pump of D11 runs away to 6 mg/L: limit crossed, pump stopped, people told, reset guarded. */

import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import { expect, test } from "vitest";
import { command } from "../src/simulation/command.ts";
import { runFolder } from "../src/simulation/run-folder.ts";
import { World } from "../src/simulation/world.ts";

const secondMs = 1_000;
const limitMgL = 4;
const onDelayMs = 3 * secondMs;
const pollMs = secondMs;
const rule = "CL-HIGH";
const resetTrip = { case: "resetTrip", value: { rule } } as const;

/** Lives second by second until `isReached`; the plant's time then. */
async function until(world: World, isReached: () => boolean, withinS: number): Promise<number> {
  for (let s = 0; s < withinS; s++) {
    if (isReached()) return world.clock.nowMs();
    await world.advance(secondMs);
  }
  throw new Error(`not reached within ${withinS} s`);
}

test("a runaway dose trips within its delay, is verified and latched, and can be reset only when it is over", async () => {
  using folder = runFolder();
  const world = await new World({ definition: waterWorks, seed: 5, folder: folder.path }).start();
  const pump = world.plant.actuators.get("D11.dosing");
  const chlorine = () => world.plant.measured("D11/CL01");
  await world.advance(60 * secondMs);
  expect(pump?.coil).toBe(true);
  for (const { inject } of loadScenario(waterWorks, "runaway-dose").after)
    world.plant.inject(inject);

  const crossedMs = await until(world, () => chlorine() > limitMgL, 1_800);
  const offMs = await until(world, () => pump?.coil === false, 20);
  expect(offMs - crossedMs).toBeLessThanOrEqual(onDelayMs + pollMs + secondMs);
  await world.advance(20 * secondMs);

  const events = world.chronicle.events.map(({ event }) => event.body);
  const trip = events.find((body) => body.case === "trip")?.value;
  expect(trip).toMatchObject({
    rule,
    tag: "D11/CL01",
    stage: "D11",
    firstOut: true,
    limit: limitMgL,
  });
  expect(trip?.simulated).toBe(false);
  const sampledAfterMs = (trip?.sampledAtMs ?? 0) - crossedMs;
  expect(sampledAfterMs).toBeLessThanOrEqual(onDelayMs + pollMs);

  const shown = world.fog.watch?.trips.list()[0];
  expect(shown).toMatchObject({ edge: "edge-d", rule, latched: true });
  expect(shown?.outputs.map(({ state, outcome }) => [state, outcome])).toEqual([
    ["off", "verified"],
  ]);
  const incident = world.fog.watch?.incidents.open().find(({ stage }) => stage === "D11");
  expect(incident?.severity).toBe(Severity.HIGH);
  expect(incident?.headline).toMatch(/chlorine/i);

  expect(chlorine()).toBeGreaterThan(limitMgL);
  const refused = await command(world, "edge-d", resetTrip);
  expect(refused.accepted).toBe(false);
  expect(pump?.coil).toBe(false);

  await until(world, () => chlorine() < limitMgL - 0.5, 7_200);
  await world.advance(10 * secondMs);
  expect(pump?.coil).toBe(false); // Latched: that the cause is gone starts nothing.
  const accepted = await command(world, "edge-d", resetTrip);
  expect(accepted).toMatchObject({ accepted: true });
  expect(pump?.coil).toBe(true);
  await world.advance(10 * secondMs);
  expect(world.edge("edge-d").edge?.uplink.snapshot().control?.latchedTrips).toEqual([]);
  expect(world.fog.watch?.trips.list().some(({ latched }) => latched)).toBe(false);
  await world.stop();
});

test("a trip outlives kill -9 of its edge", async () => {
  using folder = runFolder();
  const world = await new World({ definition: waterWorks, seed: 6, folder: folder.path }).start();
  const edge = world.edge("edge-d");
  const pump = world.plant.actuators.get("D11.dosing");
  await world.advance(10 * secondMs);
  await command(world, "edge-d", { case: "simulateTrip", value: { rule } });
  expect(pump?.coil).toBe(false);
  edge.kill();
  await world.advance(60 * secondMs);
  expect(pump?.coil).toBe(false);
  edge.start();
  await world.advance(30 * secondMs);
  expect(edge.edge?.uplink.snapshot().control?.latchedTrips).toEqual([rule]);
  expect(pump?.coil).toBe(false);
  expect(await command(world, "edge-d", resetTrip)).toMatchObject({ accepted: true });
  expect(pump?.coil).toBe(true);
  await world.stop();
});
