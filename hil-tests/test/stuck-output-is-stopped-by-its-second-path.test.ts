/** An output does not follow its coil: the coil falls, it runs on, and the edge takes the second path. */

import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import { expect, test } from "vitest";
import { plantCases } from "../src/plants/plant-cases.ts";
import { runFolder } from "../src/simulation/run-folder.ts";
import { World } from "../src/simulation/world.ts";

const secondMs = 1_000;

test.each(plantCases)(
  "$id: an output that does not stop is told as failed, and the second path stops it",
  async ({ plant: definition, runaway }) => {
    const { second } = runaway;
    using folder = runFolder();
    const world = await new World({ definition, seed: 5, folder: folder.path }).start();
    const output = world.plant.actuators.get(runaway.actuator);
    const backup = world.plant.actuators.get(second.actuator);
    await world.advance(60 * secondMs);
    for (const { inject } of loadScenario(definition, second.scenario).after)
      world.plant.inject(inject);

    for (let s = 0; s < 1_800 && output?.coil; s++) await world.advance(secondMs);
    expect(output?.coil).toBe(false);
    expect(output?.position).toBe(1); // it runs on
    await world.advance(30 * secondMs);
    expect(backup?.coil).toBe(false);
    expect(output?.position).toBe(0);

    const told = world.chronicle.events.flatMap(({ event: { body } }) =>
      body.case === "output" ? [[body.value.output, body.value.outcome]] : [],
    );
    expect(told).toContainEqual([runaway.output, OutputOutcome.FAILED]);
    expect(told).toContainEqual([second.output, OutputOutcome.SECOND_PATH]);
    await world.stop();
  },
);
