/** An output that did not follow a trip: what hangs on it is told by the packs of its site. */
import { create } from "@bufbuild/protobuf";
import { EventSchema, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { expect, test } from "vitest";
import { outputFinding } from "./output-finding.ts";

const site = (pack: SiteModel["pack"]): SiteModel => ({
  site: { id: "anywhere", name: "Anywhere", tz: "UTC" },
  lines: [],
  stages: [],
  kpis: [],
  pack,
});
const general = site(builtinPack("general"));

function find(model: SiteModel | undefined, output: string, state: string) {
  const value = { output, state, outcome: OutputOutcome.FAILED, rule: "HIGH", afterMs: 2_000 };
  const event = create(EventSchema, { id: "e", atMs: 1, body: { case: "output", value } });
  return outputFinding({ site: "anywhere", edge: "edge", model }, event);
}

test.each([
  ["divert_valve", "open", "valve", "FTO", ["limit switch", "actuator"]],
  ["inlet_gate", "closed", "valve", "FTC", ["limit switch", "actuator"]],
  ["dosing_pump_2", "off", "pump", "STP", ["contactor"]],
  ["blower_1", "on", "fan", "FTS", ["contactor"]],
  ["burner_coil", "off", "oven", "STP", ["gas valve", "contactor"]],
  ["X17", "off", "output", "STP", []],
])("%s that does not go %s", (output, state, equipmentClass, failureMode, partsHint) => {
  expect(find(general, output, state)).toMatchObject({
    ...{ equipmentClass, failureMode, partsHint },
    priority: "P1",
    isSafetyRelated: true,
  });
});

test("a site without packs, or one that has not described itself, is told in plain words", () => {
  for (const model of [undefined, site(undefined)]) {
    const finding = find(model, "divert_valve", "open");
    expect(finding).toMatchObject({ equipmentClass: "output", failureMode: "FTS" });
    expect(finding?.recommendedActions[0]).toBe("Isolate locally now");
    expect(finding?.title).toBe("divert valve did not follow a safety trip");
  }
});
