/** An output that did not follow a trip: what hangs on it is told by the packs of its site. */
import { create } from "@bufbuild/protobuf";
import { EventSchema, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { expect, test } from "vitest";
import { hourMs } from "../limits.ts";
import { outputConfirmed, outputFinding } from "./output-finding.ts";
import { createOutputOrders, type OrderFacts, outputOrderMigration } from "./output-orders.ts";
import { dedupKeyOf } from "./ticket-life.ts";

const site = (pack: SiteModel["pack"]): SiteModel => ({
  site: { id: "anywhere", name: "Anywhere", tz: "UTC" },
  lines: [],
  stages: [],
  kpis: [],
  pack,
});
const general = site(builtinPack("general"));

const firstOrder: OrderFacts = { isAfterReset: false, confirmedAtMs: null };

function find(model: SiteModel | undefined, output: string, state: string) {
  const value = { output, state, outcome: OutputOutcome.FAILED, rule: "HIGH", afterMs: 2_000 };
  const event = create(EventSchema, { id: "e", atMs: 1, body: { case: "output", value } });
  return outputFinding({ site: "anywhere", edge: "edge", model }, event, firstOrder);
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

/** A site's events in turn: what each makes of tickets. */
function told() {
  const migrations = [outputOrderMigration];
  const orders = createOutputOrders(openSqlite(":memory:", { synchronous: "NORMAL", migrations }));
  const place = { site: "anywhere", edge: "edge", model: general };
  const take = (atMs: number, body: object) => {
    const event = create(EventSchema, { id: `${atMs}`, atMs, body: body as never });
    const facts = orders.take("anywhere", "edge", event) ?? firstOrder;
    const finding = outputFinding(place, event, facts);
    return { finding, confirmed: outputConfirmed(place, event, facts) };
  };
  const order = (atMs: number, state: string, outcome: OutputOutcome) => {
    const value = { output: "burner_coil", rule: "HOT", state, outcome, afterMs: atMs };
    return take(atMs, { case: "output", value });
  };
  take(0, { case: "trip", value: { rule: "HOT", outputs: ["burner_coil"] } });
  const reset = (atMs: number) =>
    take(atMs, { case: "tripReset", value: { rule: "HOT", accepted: true } });
  return { order, reset };
}

test("lost ten hours after it was confirmed: that is said, not that it took ten hours", () => {
  const { order } = told();
  order(500, "off", OutputOutcome.VERIFIED);
  const { finding } = order(500 + 10 * hourMs, "off", OutputOutcome.FAILED);
  expect(finding?.title).toBe("burner coil has lost the safe state that a trip holds it in");
  expect(finding?.summary).toContain("its feedback confirmed it for 10.0 h");
  expect(finding).toMatchObject({ priority: "P1", isSafetyRelated: true });
  const again = order(11 * hourMs, "off", OutputOutcome.VERIFIED).confirmed;
  expect(again).toMatchObject({ key: finding && dedupKeyOf(finding), atMs: 11 * hourMs });
  expect(again?.text).toContain('since this time burner coil is confirmed "off"');
  expect(order(12 * hourMs, "off", OutputOutcome.VERIFIED).confirmed).toBeUndefined();
});

test("what does not come on after a reset stands still: nothing is to be shut off", () => {
  const { order, reset } = told();
  order(500, "off", OutputOutcome.VERIFIED);
  reset(1_000);
  const { finding } = order(3_000, "on", OutputOutcome.FAILED);
  expect(finding).toMatchObject({ priority: "P2", isSafetyRelated: false });
  expect(finding?.title).toBe('burner coil did not go "on" after a reset');
  expect(finding?.recommendedActions.join(" ")).not.toMatch(/isolate|close|gas/i);
});
