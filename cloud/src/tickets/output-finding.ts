/** An output that did not follow a trip: the one edge event that is a ticket at once. */
import {
  type Event,
  type OutputChange,
  OutputOutcome,
} from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Finding } from "./finding.ts";

/** `undefined` for every other event. */
export function outputFinding(site: string, edge: string, event: Event): Finding | undefined {
  if (event.body.case !== "output") return undefined;
  const change = event.body.value;
  if (change.outcome !== OutputOutcome.FAILED) return undefined;
  const isValve = /valve|gate|divert/i.test(change.output);
  const failureMode = isValve ? (/open/i.test(change.state) ? "FTO" : "FTC") : "STP";
  const what = change.output.replaceAll("_", " ");
  return {
    site,
    stage: "",
    assetPath: `${site}/${edge}/${change.output}`,
    equipmentClass: isValve ? "valve" : "drive",
    failureMode,
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
    recommendedActions: [
      "Isolate locally now",
      "Call out the electrician: contactor, feedback contact, wiring",
      "Do not reset the trip before the output has been tested",
    ],
    partsHint: isValve ? ["limit switch", "actuator"] : ["contactor"],
    safetyNotes:
      "The automatic stop cannot be trusted until this is repaired. Lock out before work.",
    isSafetyRelated: true,
  };
}

function summaryOf(what: string, change: OutputChange, edge: string): string {
  const seconds = (change.afterMs / 1_000).toFixed(1);
  const detail = change.detail === "" ? "" : ` ${change.detail}.`;
  return (
    `Rule ${change.rule} of ${edge} ordered ${what} to "${change.state}", but its feedback did not follow within ${seconds} s.` +
    `${detail} A second path, where there is one, has been used.`
  );
}
