/** What "weir-fog run" says as it happens: lines for people, JSON for programs that watch it. */

import { severityLabel } from "@weir/contracts/enum-labels.ts";
import type { Incident } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { Reporter } from "@weir/runtime/events.ts";
import type { IngestListener } from "../ingest/ingested.ts";

export function reportIncident(
  reporter: Reporter,
  incident: Incident,
  what: "opened" | "changed" | "closed",
): void {
  if (what === "changed") return;
  const { id, stage, headline, severity, openedAtMs, closedAtMs, score } = incident;
  const atMs = closedAtMs ?? openedAtMs;
  reporter.event(
    "incident",
    { id, stage, what, severity: severityLabel(severity), atMs, headline, score },
    `${what === "opened" ? "" : "over: "}${headline}`,
  );
}

/** Edges that come and go, and their trips. */
export function edgeReporter(reporter: Reporter): IngestListener {
  return {
    onBirth: (edge, { epoch, tags }) =>
      reporter.event("birth", { edge, epoch, tags: tags.length }, `${edge}: ${tags.length} tags`),
    onDeath: (edge, orderly) =>
      reporter.event("death", { edge, orderly }, `${edge} is ${orderly ? "stopped" : "gone"}`),
    onReadings: () => {},
    onStatus: () => {},
    onAck: () => {},
    onEvent: (edge, { atMs, body }, backlog) => {
      if (body.case !== "trip") return;
      const { rule, stage, tag, cause, value, limit, writtenAfterMs, simulated } = body.value;
      const trip = { edge, atMs, rule, stage, tag, cause, value, limit, writtenAfterMs, simulated };
      reporter.event("trip", { ...trip, backlog }, `${edge} tripped ${rule}: ${cause}`);
    },
  };
}
