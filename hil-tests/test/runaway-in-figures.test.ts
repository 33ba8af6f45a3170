/** A runaway output in four figures: seen, cut, proven, and what follows is not hidden by it. */

import { elementAt } from "@weir/contracts/elements.ts";
import { AlertRule, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { present } from "@weir/contracts/present.ts";
import { createPlant } from "@weir/firmware-sim/create-plant.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import { quietScenario } from "@weir/firmware-sim/scenarios/scenario.ts";
import { describe, expect, test } from "vitest";
import { plantCases } from "../src/plants/plant-cases.ts";
import { ControlOverPlant } from "../src/simulation/control-over-plant.ts";
import { writePlantFiles } from "../src/simulation/plant-files.ts";
import { runFolder } from "../src/simulation/run-folder.ts";

const secondMs = 1_000;
describe.each(plantCases)("$id", ({ plant: definition, runaway }) => {
  test.each([1, 2, 3])(
    "delta alert, trip, feedback, and what follows is told (seed %i)",
    async (seed) => {
      using folder = runFolder();
      const configuration = writePlantFiles(definition, folder.path, { pollEveryS: 0 }).get(
        runaway.edge,
      );
      if (!configuration) throw new TypeError(`there is no ${runaway.edge}`);
      const plant = createPlant({ plant: definition, seed, scenario: quietScenario });
      const works = new ControlOverPlant(plant, configuration);
      await works.advance(60 * secondMs);
      expect(works.events("alert")).toEqual([]);

      const runawayMs = works.clock.nowMs();
      for (const { inject } of loadScenario(definition, runaway.scenario).after)
        plant.inject(inject);
      const { rule, tag, limit, onDelayMs, pollMs, consequence } = runaway;
      const value = () => plant.measured(tag);
      const crossedMs = await works.until(() => value() > limit, 1_800);
      const output = present(plant.actuators.get(runaway.actuator));
      const offMs = await works.until(() => !output.coil, 20);
      await works.advance(10 * secondMs);

      const alert = works.events("alert").find((e) => e.rule === AlertRule.DELTA && e.active);
      expect(alert).toMatchObject({ tag: expect.stringMatching(runaway.alertTag) });
      expect(present(alert).atMs - runawayMs).toBeLessThanOrEqual(runaway.alertWithinMs);
      expect(present(offMs) - present(crossedMs)).toBeLessThanOrEqual(
        onDelayMs + pollMs + secondMs,
      );
      const trips = () => works.events("trip");
      expect(trips()).toMatchObject([{ rule, tag, firstOut: true }]);
      expect(present(elementAt(trips(), 0).sampledAtMs) - present(crossedMs)).toBeLessThanOrEqual(
        onDelayMs + pollMs,
      );
      const verified = works.events("output").find((e) => e.outcome === OutputOutcome.VERIFIED);
      expect(present(verified).afterMs).toBeLessThanOrEqual(runaway.verifiedWithinMs);

      if (consequence === undefined) return;
      // Without its output another limit is passed: no latch may hide that.
      expect(await works.until(() => value() < consequence.below, 7_200)).toBeDefined();
      await works.advance(120 * secondMs);
      expect(trips().map(({ rule: one, firstOut }) => [one, firstOut])).toEqual([
        [rule, true],
        [consequence.rule, false],
      ]);
      expect(works.status?.latchedTrips).toEqual([rule, consequence.rule]);
      expect(works.status?.suppressedRules).toEqual([]);
    },
  );
});
