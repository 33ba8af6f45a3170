/** An output that did not follow a trip: the one edge event that is a ticket at once. */
import {
  type Event,
  type OutputChange,
  OutputOutcome,
} from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { EquipmentClass, OrderFailure } from "@weir/contracts/plant-pack.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { catalogueOf } from "@weir/plants/catalogue.ts";
import type { Finding } from "./finding.ts";

/** Where no pack knows what hangs on the output. */
const plainOrder: OrderFailure = {
  on: "FTS",
  off: "STP",
  actions: [
    "Isolate locally now",
    "Call out: output, wiring, feedback contact",
    "Do not reset the trip before the output has been tested",
  ],
  parts: [],
  safety: "The automatic stop cannot be trusted until this is repaired. Lock out before work.",
};

/** States that start, open or close a circuit. */
const onState = /^(on|open|start|run|true|1|energi[sz]ed?)/i;

/** `undefined` for every other event. `model`: of the site, where it has described itself. */
export function outputFinding(
  { site, edge, model }: { site: string; edge: string; model: SiteModel | undefined },
  event: Event,
): Finding | undefined {
  if (event.body.case !== "output") return undefined;
  const change = event.body.value;
  if (change.outcome !== OutputOutcome.FAILED) return undefined;
  const what = change.output.replaceAll("_", " ");
  const { name, order } = orderedClass(model, change.output);
  return {
    site,
    stage: "",
    assetPath: `${site}/${edge}/${change.output}`,
    equipmentClass: name,
    failureMode: onState.test(change.state) ? order.on : order.off,
    mechanism: "control or contact failure",
    family: "output feedback",
    title: `${what} did not follow a safety trip`,
    summary: summaryOf(what, change, edge),
    priority: "P1",
    policyMs: 0,
    detector: { model: `${edge} output feedback`, version: 1, score: 1, threshold: 1 },
    confidence: 0.95,
    evidence: [],
    firstSeenMs: event.atMs,
    seenMs: event.atMs,
    predictedFailure: null,
    recommendedActions: [...order.actions],
    partsHint: [...order.parts],
    safetyNotes: order.safety,
    isSafetyRelated: true,
  };
}

/** The class that an output's name speaks of, "dosing_pump_2", with what a refused order means there. */
function orderedClass(
  model: SiteModel | undefined,
  output: string,
): { name: string; order: OrderFailure } {
  const found: EquipmentClass | undefined = catalogueOf(model).equipmentClass(output)?.equipment;
  return { name: found?.name ?? "output", order: found?.order ?? plainOrder };
}

function summaryOf(what: string, change: OutputChange, edge: string): string {
  const seconds = (change.afterMs / 1_000).toFixed(1);
  const detail = change.detail === "" ? "" : ` ${change.detail}.`;
  return (
    `Rule ${change.rule} of ${edge} ordered ${what} to "${change.state}", but its feedback did not follow within ${seconds} s.` +
    `${detail} A second path, where there is one, has been used.`
  );
}
