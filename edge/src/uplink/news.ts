/** What the uplink reports, as event lines for programs and sentences for people. */
import { ArtifactOutcome } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  AlertRule,
  ConfigurationOutcome,
  OutputOutcome,
} from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { Quality, QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { EventFields } from "../hand-over.ts";
import type { UplinkReport } from "./uplink-snapshot.ts";

/** One event line: `text` is for people; without it the line is for programs only. */
export interface News {
  event: string;
  fields: Record<string, unknown>;
  text?: string;
}

/** Undefined: not worth a line. */
export function newsOf(report: UplinkReport): News | undefined {
  switch (report.kind) {
    case "link": {
      const { online, trouble } = report;
      return { event: "link", fields: { online, reason: trouble?.kind, text: trouble?.text } };
    }
    case "store":
      if (!report.trouble) return undefined;
      return { event: "error", fields: { what: "outbox", text: report.trouble } };
    case "event":
      return newsOfEvent(report.event);
  }
}

function newsOfEvent({ atMs, body }: EventFields): News | undefined {
  switch (body?.case) {
    case "trip": {
      const { rule, tag, cause, value, limit, writtenAfterMs, outputs, simulated } = body.value;
      const fields = { atMs, rule, tag, cause, value, limit, writtenAfterMs, outputs, simulated };
      return { event: "trip", fields, text: `TRIP ${rule}: ${cause}` };
    }
    case "output": {
      const { output, rule, state, detail, afterMs, again = false } = body.value;
      const outcome = nameOf(OutputOutcome, body.value.outcome);
      const fields = { atMs, output, rule, state, outcome, detail, afterMs, again };
      const how = detail ? `: ${detail}` : "";
      return {
        event: "output",
        fields,
        text: `output ${output} ${state}: ${outcome}${again ? " again" : ""}${how}`,
      };
    }
    case "tripReset": {
      const { rule, accepted, by, reason } = body.value;
      const text = accepted ? `reset ${rule} by ${by}` : `reset of ${rule} refused: ${reason}`;
      return { event: "trip-reset", fields: { atMs, rule, accepted, by, reason }, text };
    }
    case "alert": {
      const { tag, stage, active, value, score, threshold, text } = body.value;
      const rule = nameOf(AlertRule, body.value.rule);
      const fields = { atMs, rule, tag, stage, active, value, score, threshold, text };
      return { event: "alarm", fields, text: `${active ? "alert" : "ended"} ${tag}: ${text}` };
    }
    case "artifact": {
      const { name, version, reason } = body.value;
      const outcome = nameOf(ArtifactOutcome, body.value.outcome);
      const fields = { atMs, name, version, outcome, reason };
      return { event: "artifact", fields, text: `${name}@${version} ${outcome}` };
    }
    case "configuration": {
      const { sha256, by, reason, changes } = body.value;
      const outcome = nameOf(ConfigurationOutcome, body.value.outcome);
      const fields = { atMs, sha256, outcome, by, reason, changes };
      return { event: "configuration", fields, text: `configuration ${outcome}: ${reason}` };
    }
    case "bypass": {
      const { rule, active, by, reason, expiresAtMs } = body.value;
      const text = `bypass of ${rule} ${active ? "set" : "ended"}: ${reason}`;
      return { event: "bypass", fields: { atMs, rule, active, by, reason, expiresAtMs }, text };
    }
    case "quality": {
      const { tag, quality, code = QualityReason.NONE, reason = "", detail } = body.value;
      const word = nameOf(Quality, quality);
      const fields = { atMs, tag, quality: word, reason, detail };
      const isTold = !silences.includes(code);
      const text = `${tag} ${word}${reason === "" ? "" : `: ${reason}`}`;
      return { event: "quality", fields, ...(isTold && { text }) };
    }
    case "deviceLink": {
      const { connection, device, up, text } = body.value;
      const who = device === "" ? connection : `${connection}, ${device}`;
      const fields = { atMs, connection, device, up, text };
      return { event: "device", fields, text: `${who}: ${text}` };
    }
    default:
      return undefined;
  }
}

/** Told once for the whole device or connection, not for each of its tags. */
const silences: readonly QualityReason[] = [
  QualityReason.STALE,
  QualityReason.NO_ANSWER,
  QualityReason.NO_CONNECTION,
];

/** "ROLLED_BACK" of 4, in lower case with blanks. */
function nameOf(table: Record<string, unknown>, value: unknown): string {
  const name = Object.entries(table).find(([, number]) => number === value)?.[0] ?? "unknown";
  return name.toLowerCase().replaceAll("_", " ");
}
