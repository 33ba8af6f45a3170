/** The pump's contactor is welded: the coil falls, the pump runs on, and the edge takes the second path. */

import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import { expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { World } from "../src/simulation/world.ts";

const secondMs = 1_000;

test("a pump that does not stop is told as failed, and its breaker stops it", async () => {
  using folder = runFolder();
  const world = await new World({ definition: waterWorks, seed: 5, folder: folder.path }).start();
  const pump = world.plant.actuators.get("D11.dosing");
  const breaker = world.plant.actuators.get("D11.breaker");
  await world.advance(60 * secondMs);
  for (const { inject } of loadScenario(waterWorks, "trip-failed").after)
    world.plant.inject(inject);

  for (let s = 0; s < 1_800 && pump?.coil; s++) await world.advance(secondMs);
  expect(pump?.coil).toBe(false);
  expect(pump?.position).toBe(1); // it runs on
  await world.advance(30 * secondMs);
  expect(breaker?.coil).toBe(false);
  expect(pump?.position).toBe(0);

  const told = world.chronicle.events.flatMap(({ event: { body } }) =>
    body.case === "output" ? [[body.value.output, body.value.outcome]] : [],
  );
  expect(told).toContainEqual(["dosing_pump_d11", OutputOutcome.FAILED]);
  expect(told).toContainEqual(["dosing_breaker_d11", OutputOutcome.SECOND_PATH]);
  await world.stop();
});
