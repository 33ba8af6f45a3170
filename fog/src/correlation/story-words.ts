/** What the story says of each kind of happening, and why it matters to somebody who sees it for the first time. */

import {
  ArtifactOutcome,
  type ArtifactState,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  AlertRule,
  ConfigurationOutcome,
  type Event,
  OutputOutcome,
} from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Incident } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { byFeedback, confirmedBy } from "@weir/contracts/output-confirmation.ts";
import { kindOf } from "./incident-cause.ts";
import type { Story } from "./story.ts";

export function tellEvent(
  story: Story,
  event: Event,
  at: { edge: string; stageOf: (rule: string) => string },
): void {
  const { body, atMs } = event;
  const tell = (stage: string, text: string, why: string) =>
    story.tell({ atMs, tier: "edge", stage, text, why });
  if (body.case === "trip") {
    const { stage, cause, rule, writtenAfterMs, firstOut, simulated, outputs } = body.value;
    const acted =
      outputs.length > 0
        ? `${writtenAfterMs.toFixed(2)} ms from the reading to the write on the wire.`
        : "this rule drives no output.";
    tell(
      stage,
      `${simulated ? "Test: " : ""}${cause}. ${at.edge} trips ${rule}.`,
      `The edge decides alone, without fog, cloud or any model: ${acted}${firstOut ? " This was the first cause." : ""} It stays latched until a person resets it.`,
    );
  } else if (body.case === "output") {
    const { output, state, outcome, rule, afterMs, detail, again } = body.value;
    const stage = at.stageOf(rule);
    if (outcome === OutputOutcome.VERIFIED) {
      tell(
        stage,
        `${output} is ${state}: confirmed by ${confirmedBy(detail) === byFeedback ? "its feedback" : confirmedBy(detail)} ${again ? "again, after that was lost for" : "after"} ${(afterMs / 1000).toFixed(1)} s.`,
        "A write that is not read back is only a hope.",
      );
    } else if (outcome === OutputOutcome.FAILED) {
      tell(
        stage,
        `${output} did not follow its command: ${detail}`,
        "Highest priority: isolate it locally. The second path is driven if there is one.",
      );
    } else if (outcome === OutputOutcome.SECOND_PATH)
      tell(stage, `${output}: the second path was driven.`, detail);
  } else if (body.case === "tripReset") {
    const { rule, by, accepted, reason } = body.value;
    tell(
      at.stageOf(rule),
      accepted
        ? `${rule} was reset by ${by}.`
        : `A reset of ${rule} by ${by} was refused: ${reason}`,
      accepted
        ? "Outputs may move again; the record keeps who and why."
        : "A trip is never reset while its cause is there.",
    );
  } else if (body.case === "alert" && body.value.rule === AlertRule.DELTA && body.value.active) {
    tell(
      body.value.stage,
      body.value.text,
      "Faster than this process moves by itself; sampled more closely from here on.",
    );
  } else
    tellUpkeep(event, { edge: at.edge, tell: (text, why) => tell(ruleStage(body, at), text, why) });
}

/** Where the rule of an event protects; empty when it names none that has tripped. */
const ruleStage = (body: Event["body"], at: { stageOf: (rule: string) => string }): string =>
  body.case === "bypass" || body.case === "proofTest" ? at.stageOf(body.value.rule) : "";

/** What people do to the protection: bypasses, tests, another configuration. */
function tellUpkeep(
  { body }: Event,
  { edge, tell }: { edge: string; tell: (text: string, why: string) => void },
): void {
  if (body.case === "bypass") {
    const { rule, active, by, reason } = body.value;
    if (active)
      tell(
        `${rule} is bypassed by ${by}: ${reason}.`,
        "It does not act until the bypass ends, which it does by itself.",
      );
    else tell(`${rule} protects again.`, "");
  } else if (body.case === "proofTest") {
    const { rule, by, passed, note } = body.value;
    const said = note ? `: ${note}` : "";
    tell(
      `${rule} was tested by ${by} and ${passed ? "passed" : "FAILED"}${said}.`,
      passed
        ? "The whole chain was tried, from the cause to the machine."
        : "It stays due until a test passes; see to the machine first.",
    );
  } else if (body.case === "configuration") {
    const { outcome, reason } = body.value;
    if (outcome === ConfigurationOutcome.ACTIVE)
      tell(
        `${edge} runs another configuration${reason ? `, ${reason}` : ""}.`,
        "Changed while it runs. It is taken back when what it changed no longer reads what was read before.",
      );
    else
      tell(
        `${edge} ${outcome === ConfigurationOutcome.ROLLED_BACK ? "took back" : "refused"} a configuration: ${reason}.`,
        "The last good one runs.",
      );
  }
}

/** Trips and alerts are told by their events; what another incident explains is told only by that one. */
export function tellIncident(
  story: Story,
  incident: Incident,
  what: "opened" | "changed" | "closed",
): void {
  const kind = kindOf(incident.cause);
  if (kind === "trip" || kind === "alert" || incident.explainedBy !== "") return;
  const line = { tier: "fog" as const, stage: incident.stage };
  if (what === "opened")
    story.tell({
      ...line,
      atMs: incident.openedAtMs,
      text: incident.headline,
      why: incident.story,
    });
  if (what === "closed") {
    story.tell({
      ...line,
      atMs: incident.closedAtMs ?? incident.updatedAtMs,
      text: `${kind === "anomaly" ? "Back to what was learned" : "Over"}: ${incident.headline}`,
      why: incident.closedBy && `Evidence: ${incident.closedBy}.`,
    });
  }
}

type Told = ArtifactState | { name: string; version: number; refused: string | undefined };

/** `edge` empty: the fog itself. */
export function tellArtifact(
  story: Story,
  artifact: Told,
  at: { edge: string; atMs: number },
): void {
  const refused =
    "refused" in artifact
      ? artifact.refused
      : artifact.outcome === ArtifactOutcome.REFUSED
        ? artifact.reason
        : undefined;
  if (
    !("refused" in artifact) &&
    artifact.outcome !== ArtifactOutcome.ACTIVE &&
    refused === undefined
  )
    return;
  const where = at.edge === "" ? "the fog" : at.edge;
  const tier = at.edge === "" ? "fog" : "edge";
  const named = `${artifact.name} v${artifact.version}`;
  if (refused !== undefined) {
    story.tell({
      atMs: at.atMs,
      tier,
      stage: "",
      text: `${where} refused ${named}: ${refused}`,
      why: "Signature, hash, target, version and expiry are checked where it would run; what was running goes on.",
    });
  } else {
    story.tell({
      atMs: at.atMs,
      tier,
      stage: "",
      text: `${named} from the cloud is active at ${where}.`,
      why: "Verified: signed by the cloud, newer than the one before, made for this place. It cannot touch a hard limit.",
    });
  }
}

export function tellLearned(
  story: Story,
  { stages, atMs }: { stages: number; atMs: number },
): void {
  story.tell({
    atMs,
    tier: "fog",
    stage: "",
    text: `The fog has learned ${stages} stages from the site's own past.`,
    why: "For each stage: what its load calls for, and a forest of what is usual. From now on every minute of every stage is judged.",
  });
}

export function tellLink(
  story: Story,
  link: { edge: string; up: boolean; orderly?: boolean; atMs: number },
): void {
  const text = link.up
    ? `${link.edge} is connected.`
    : `${link.edge} ${link.orderly ? "was stopped" : "has lost its connection"}.`;
  const why = link.up
    ? "By its own certificate, over TLS; it may speak on its own topics only."
    : "What it does cannot be seen from here until it is heard again. An agent that runs acts by itself and keeps its readings.";
  story.tell({ atMs: link.atMs, tier: "edge", stage: "", text, why });
}
