/**
 * Whatever makes an edge's protection less than it should be, by its own status: rules that are blind or
 * bypassed, watchdogs that are not set, outputs that could not be written. It ends when a later status says so.
 */
import type { EdgeStatus } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { causes } from "./incident-cause.ts";
import type { OpenIncidents, Sign } from "./open-incidents.ts";

export interface ProtectionFacts {
  edge: string;
  /** "; bypassed by ana until 14:00: probe is being cleaned", as far as events have told. */
  bypassWords: (rule: string) => string;
  stageOf: (rule: string) => string;
}

export function onProtection(
  open: OpenIncidents,
  status: EdgeStatus,
  facts: ProtectionFacts,
): void {
  const { edge } = facts;
  const signs = [
    ...(status.safety?.blindRules ?? []).map((rule) => blindSign(rule, facts)),
    ...(status.safety?.unarmedConnections ?? []).map((id) => watchdogSign(id, facts)),
    ...status.bypassedRules.map((rule) => bypassSign(rule, facts)),
    // Where a trip holds it, the trip tells what became of it: one fact, one incident.
    ...status.outputs.flatMap((output) =>
      output.outcome === OutputOutcome.FAILED && !status.latchedTrips.includes(output.rule)
        ? [outputSign(output, facts)]
        : [],
    ),
  ];
  for (const sign of signs) {
    const known = open.of(sign.cause);
    if (known && known.headline === sign.headline) continue;
    open.raise({ ...sign, atMs: status.atMs });
  }
  const standing = new Set(signs.map(({ cause }) => cause));
  for (const { cause, openedAtMs } of open.all()) {
    if (!cause.startsWith(`protection/${edge}/`) || standing.has(cause)) continue;
    if (openedAtMs > status.atMs || !isTold(cause, status)) continue;
    open.close(cause, { atMs: status.atMs, evidence: `${edge} no longer says so of itself` });
  }
}

/** An agent that says nothing of its outputs, or of its protection, does not say that all is well with them. */
function isTold(cause: string, status: EdgeStatus): boolean {
  const part = cause.split("/")[2];
  if (part === "bypass") return true;
  return part === "output" ? status.outputs.length > 0 : status.safety !== undefined;
}

type Told = Omit<Sign, "atMs">;

const blindSign = (rule: string, { edge, stageOf }: ProtectionFacts): Told => ({
  ...{ cause: causes.blindRule(edge, rule), edge, stage: stageOf(rule) },
  severity: Severity.MEDIUM,
  detector: "edge protection",
  headline: `${rule} at ${edge} is blind: it cannot see its cause`,
  story: `The rule ${rule} of ${edge} has no usable reading of what it watches. It would not act.`,
  suggestedChecks: [
    "Which sensor does it watch, and why is that not usable?",
    "Watch the plant by other means",
  ],
});

const watchdogSign = (connection: string, { edge }: ProtectionFacts): Told => ({
  ...{ cause: causes.watchdog(edge, connection), edge },
  severity: Severity.MEDIUM,
  detector: "edge protection",
  headline: `${edge}: the watchdog on ${connection} is not set`,
  story: `Outputs on ${connection} would keep their state if this edge stopped.`,
  suggestedChecks: ["Look at the device that should watch this edge"],
});

const bypassSign = (rule: string, { edge, stageOf, bypassWords }: ProtectionFacts): Told => ({
  ...{ cause: causes.bypass(edge, rule), edge, stage: stageOf(rule) },
  severity: Severity.LOW,
  detector: "edge protection",
  headline: `${rule} at ${edge} is bypassed${bypassWords(rule)}`,
  story: `The rule ${rule} does not act until its bypass ends.`,
  suggestedChecks: ["Is the reason for the bypass still there?"],
});

const outputSign = (
  output: EdgeStatus["outputs"][number],
  { edge, stageOf }: ProtectionFacts,
): Told => ({
  ...{ cause: causes.output(edge, output.output), edge, stage: stageOf(output.rule) },
  severity: Severity.HIGH,
  detector: "edge outputs",
  headline: `OUTPUT FAILED: ${output.output} at ${edge} did not go to "${output.state}"${output.detail ? `: ${output.detail}` : ""}; isolate locally`,
  story: `${edge} has written ${output.output} and it did not follow${output.detail ? ` (${output.detail})` : ""}. It goes on trying.`,
  suggestedChecks: ["Isolate it locally, now", "Look at the output and its feedback"],
});
