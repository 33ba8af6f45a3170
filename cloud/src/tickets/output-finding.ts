/** An output that did not follow a trip: the one edge event that is a ticket at once. */
import {
  type Event,
  type OutputChange,
  OutputOutcome,
} from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { EquipmentClass, OrderFailure } from "@weir/contracts/plant-pack.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { catalogueOf } from "@weir/plants/catalogue.ts";
import { hourMs } from "../limits.ts";
import type { Finding } from "./finding.ts";
import type { OrderFacts } from "./output-orders.ts";
import { dedupKeyOf } from "./ticket-life.ts";

const minuteMs = 60_000;

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

/** What does not start again after a reset stands still: nobody needs to stop it. */
const resetActions = [
  "Look at the output, its wiring and its feedback contact: it was to start again after a reset and did not",
  "Start it by hand only when it is known why it did not follow",
];
const resetSafety = "It may start by itself while it is repaired. Lock out before work.";
/** Time to mend what stands still. */
const resetPolicyMs = 24 * hourMs;

export interface OutputPlace {
  site: string;
  edge: string;
  /** Of the site, where it has described itself. */
  model: SiteModel | undefined;
}

/** `undefined` for every event but that of an output that does not follow. */
export function outputFinding(
  place: OutputPlace,
  event: Event,
  facts: OrderFacts,
): Finding | undefined {
  if (event.body.case !== "output") return undefined;
  const change = event.body.value;
  return change.outcome === OutputOutcome.FAILED
    ? findingOf(place, { change, atMs: event.atMs, facts })
    : undefined;
}

/** What a ticket of the output is told when its feedback confirms the order; `undefined` for other events. */
export function outputConfirmed(
  place: OutputPlace,
  event: Event,
  facts: OrderFacts,
): { key: string; atMs: number; text: string } | undefined {
  if (event.body.case !== "output" || facts.confirmedAtMs !== null) return undefined;
  const { atMs } = event;
  const change = event.body.value;
  if (change.outcome !== OutputOutcome.VERIFIED) return undefined;
  const what = change.output.replaceAll("_", " ");
  const text = `since this time ${what} is confirmed "${change.state}" (${change.detail || "feedback"}); the ticket stays open until what was wrong is known`;
  return { key: dedupKeyOf(findingOf(place, { change, atMs, facts })), atMs, text };
}

interface OutputFacts {
  change: OutputChange;
  atMs: number;
  facts: OrderFacts;
}

function findingOf({ site, edge, model }: OutputPlace, of: OutputFacts): Finding {
  const { change, atMs, facts } = of;
  const { name, order } = orderedClass(model, change.output);
  const { isAfterReset } = facts;
  return {
    site,
    stage: "",
    assetPath: `${site}/${edge}/${change.output}`,
    equipmentClass: name,
    failureMode: onState.test(change.state) ? order.on : order.off,
    mechanism: "control or contact failure",
    family: isAfterReset ? "output after reset" : "output feedback",
    ...wordsOf(of, edge),
    priority: isAfterReset ? "P2" : "P1",
    policyMs: isAfterReset ? resetPolicyMs : 0,
    detector: { model: `${edge} output feedback`, version: 1, score: 1, threshold: 1 },
    confidence: 0.95,
    evidence: [],
    firstSeenMs: atMs,
    seenMs: atMs,
    predictedFailure: null,
    recommendedActions: isAfterReset ? [...resetActions] : [...order.actions],
    partsHint: [...order.parts],
    safetyNotes: isAfterReset ? resetSafety : order.safety,
    isSafetyRelated: !isAfterReset,
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

function wordsOf(
  { change, atMs, facts }: OutputFacts,
  edge: string,
): Pick<Finding, "title" | "summary"> {
  const what = change.output.replaceAll("_", " ");
  const detail = change.detail === "" ? "" : ` ${change.detail}.`;
  const { isAfterReset, confirmedAtMs } = facts;
  const order = isAfterReset
    ? `After the reset of rule ${change.rule} of ${edge}, ${what} was ordered "${change.state}"`
    : `Rule ${change.rule} of ${edge} ordered ${what} to "${change.state}"`;
  const second = isAfterReset ? "" : " A second path, where there is one, has been used.";
  if (confirmedAtMs !== null) {
    const held = durationText(atMs - confirmedAtMs);
    return {
      title: isAfterReset
        ? `${what} did not stay "${change.state}" after a reset`
        : `${what} has lost the safe state that a trip holds it in`,
      summary: `${order}, and its feedback confirmed it for ${held}; now it does not any more.${detail}${second}`,
    };
  }
  const after = durationText(change.afterMs);
  return {
    title: isAfterReset
      ? `${what} did not go "${change.state}" after a reset`
      : `${what} did not follow a safety trip`,
    summary: `${order}, but its feedback did not follow within ${after}.${detail}${second}`,
  };
}

function durationText(ms: number): string {
  if (ms < minuteMs) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < hourMs ? `${Math.round(ms / minuteMs)} min` : `${(ms / hourMs).toFixed(1)} h`;
}
