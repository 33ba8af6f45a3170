/** What the uplink reports, as event lines for programs and sentences for people. */
import { ArtifactOutcome } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { AlertRule, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Reporter } from "@weir/runtime/events.ts";
import type { EventFields } from "./hand-over.ts";
import type { UplinkReport } from "./uplink/uplink-snapshot.ts";

export function tell(reporter: Reporter, edge: string, report: UplinkReport): void {
  switch (report.kind) {
    case "link": {
      const { online, trouble } = report;
      reporter.event("link", { edge, online, reason: trouble?.kind, text: trouble?.text });
      return;
    }
    case "store":
      if (report.trouble) reporter.event("error", { edge, what: "outbox", text: report.trouble });
      return;
    case "event":
      tellEvent(reporter, edge, report.event);
      return;
  }
}

function tellEvent(reporter: Reporter, edge: string, { atMs, body }: EventFields): void {
  switch (body?.case) {
    case "trip": {
      const { rule, tag, cause, value, limit, writtenAfterMs, outputs, simulated } = body.value;
      const fields = { rule, tag, cause, value, limit, writtenAfterMs, outputs, simulated };
      reporter.event("trip", { edge, atMs, ...fields }, `TRIP ${rule}: ${cause}`);
      return;
    }
    case "output": {
      const { output, rule, state, detail } = body.value;
      const outcome = nameOf(OutputOutcome, body.value.outcome);
      reporter.event(
        "output",
        { edge, atMs, output, rule, state, outcome, detail },
        `output ${output} ${state}: ${outcome}`,
      );
      return;
    }
    case "tripReset": {
      const { rule, accepted, by, reason } = body.value;
      const said = accepted ? `reset ${rule} by ${by}` : `reset of ${rule} refused: ${reason}`;
      reporter.event("trip-reset", { edge, atMs, rule, accepted, by, reason }, said);
      return;
    }
    case "alert": {
      const { tag, stage, active, value, score, threshold, text } = body.value;
      const rule = nameOf(AlertRule, body.value.rule);
      const fields = { rule, tag, stage, active, value, score, threshold, text };
      reporter.event(
        "alarm",
        { edge, atMs, ...fields },
        `${active ? "alert" : "ended"} ${tag}: ${text}`,
      );
      return;
    }
    case "artifact": {
      const { name, version, reason } = body.value;
      const outcome = nameOf(ArtifactOutcome, body.value.outcome);
      reporter.event(
        "artifact",
        { edge, atMs, name, version, outcome, reason },
        `${name}@${version} ${outcome}`,
      );
      return;
    }
    case "deviceLink": {
      const { connection, device, up, text } = body.value;
      reporter.event("device", { edge, atMs, connection, device, up, text }, text);
      return;
    }
  }
}

/** "ROLLED_BACK" of 4, in lower case with blanks. */
function nameOf(table: Record<string, unknown>, value: unknown): string {
  const name = Object.entries(table).find(([, number]) => number === value)?.[0] ?? "unknown";
  return name.toLowerCase().replaceAll("_", " ");
}
