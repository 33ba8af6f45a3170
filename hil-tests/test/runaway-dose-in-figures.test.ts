/** The runaway pump of D11 in four figures: seen, cut, proven, and what follows is not hidden by it. */
import { AlertRule, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { createPlant } from "@weir/firmware-sim/create-plant.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import { quietScenario } from "@weir/firmware-sim/scenarios/scenario.ts";
import { expect, test } from "vitest";
import { ControlOverPlant } from "../src/simulation/control-over-plant.ts";
import { writePlantFiles } from "../src/simulation/plant-files.ts";
import { runFolder } from "../src/simulation/run-folder.ts";

const secondMs = 1_000;
const limitMgL = 4;
const lowMgL = 0.2;
const onDelayMs = 3 * secondMs;
const pollMs = secondMs;
const alertWithinMs = 90 * secondMs;
const verifiedWithinMs = 5 * secondMs;

test.each([1, 2, 3])(
  "delta alert, trip, feedback, and the low chlorine that follows is told (seed %i)",
  async (seed) => {
    using folder = runFolder();
    const configuration = writePlantFiles(waterWorks, folder.path, { pollEveryS: 0 }).get("edge-d");
    if (!configuration) throw new TypeError("there is no edge-d");
    const plant = createPlant({ plant: waterWorks, seed, scenario: quietScenario });
    const works = new ControlOverPlant(plant, configuration);
    await works.advance(60 * secondMs);
    expect(works.events("alert")).toEqual([]);

    const runawayMs = works.clock.nowMs();
    for (const { inject } of loadScenario(waterWorks, "runaway-dose").after) plant.inject(inject);
    const chlorine = () => plant.measured("D11/CL01");
    const crossedMs = await works.until(() => chlorine() > limitMgL, 1_800);
    const pump = plant.actuators.get("D11.dosing")!;
    const offMs = await works.until(() => !pump.coil, 20);
    await works.advance(10 * secondMs);

    const alert = works.events("alert").find((e) => e.rule === AlertRule.DELTA && e.active);
    expect(alert).toMatchObject({ tag: expect.stringMatching(/^D11\/CL/) });
    expect(alert!.atMs - runawayMs).toBeLessThanOrEqual(alertWithinMs);
    expect(offMs! - crossedMs!).toBeLessThanOrEqual(onDelayMs + pollMs + secondMs);
    const trips = () => works.events("trip");
    expect(trips()).toMatchObject([{ rule: "CL-HIGH", tag: "D11/CL01", firstOut: true }]);
    expect(trips()[0]!.sampledAtMs! - crossedMs!).toBeLessThanOrEqual(onDelayMs + pollMs);
    const verified = works.events("output").find((e) => e.outcome === OutputOutcome.VERIFIED);
    expect(verified!.afterMs).toBeLessThanOrEqual(verifiedWithinMs);

    // Without its pump the residual falls below the low limit: no latch may hide that.
    expect(await works.until(() => chlorine() < lowMgL, 7_200)).toBeDefined();
    await works.advance(120 * secondMs);
    expect(trips().map(({ rule, firstOut }) => [rule, firstOut])).toEqual([
      ["CL-HIGH", true],
      ["CL-LOW", false],
    ]);
    expect(works.status?.latchedTrips).toEqual(["CL-HIGH", "CL-LOW"]);
    expect(works.status?.suppressedRules).toEqual([]);
  },
);
