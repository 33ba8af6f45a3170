/** One line of plain words for each event of an edge. */
import type { EventView } from "@weir/contracts/api/fog.ts";
import { ArtifactOutcome } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { type Event, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";

type Words = Pick<EventView, "kind" | "stage" | "text">;

const outcomeWords: Record<OutputOutcome, string> = {
  [OutputOutcome.UNSPECIFIED]: "changed",
  [OutputOutcome.WRITTEN]: "written",
  [OutputOutcome.VERIFIED]: "confirmed by feedback",
  [OutputOutcome.FAILED]: "NOT confirmed by feedback",
  [OutputOutcome.SECOND_PATH]: "driven by the second path",
};

const qualityWords: Record<Quality, string> = {
  [Quality.GOOD]: "good",
  [Quality.UNCERTAIN]: "uncertain",
  [Quality.BAD]: "bad",
  [Quality.STALE]: "stale",
};

export function eventView(edge: string, event: Event, backlog: boolean): EventView {
  return { id: event.id, edge, atMs: event.atMs, backlog, ...wordsOf(edge, event) };
}

const stageOfTag = (tag: string): string => tag.split("/")[0] ?? "";

function wordsOf(edge: string, { body }: Event): Words {
  switch (body.case) {
    case "trip":
      return {
        kind: "trip",
        stage: body.value.stage,
        text: `${body.value.rule}: ${body.value.cause}${body.value.simulated ? " (test)" : ""}`,
      };
    case "output": {
      const { output, state, outcome, afterMs } = body.value;
      const after =
        outcome === OutputOutcome.VERIFIED ? ` after ${(afterMs / 1000).toFixed(1)} s` : "";
      return {
        kind: "output",
        stage: "",
        text: `${output} to ${state} ${outcomeWords[outcome]}${after}`,
      };
    }
    case "tripReset":
      return {
        kind: "reset",
        stage: "",
        text: `${body.value.rule} reset by ${body.value.by} ${body.value.accepted ? "accepted" : `refused: ${body.value.reason}`}`,
      };
    case "alert":
      return {
        kind: "alert",
        stage: body.value.stage,
        text: `${body.value.text}${body.value.active ? "" : " (over)"}`,
      };
    case "deviceLink":
      return {
        kind: "link",
        stage: "",
        text: `${body.value.device || body.value.connection} ${body.value.up ? "answers again" : "does not answer"}${body.value.text ? `: ${body.value.text}` : ""}`,
      };
    case "artifact": {
      const { name, version, outcome, reason } = body.value;
      const became =
        outcome === ArtifactOutcome.ACTIVE
          ? "active"
          : outcome === ArtifactOutcome.REFUSED
            ? "refused"
            : outcome === ArtifactOutcome.ROLLED_BACK
              ? "rolled back"
              : "staged";
      return {
        kind: "artifact",
        stage: "",
        text: `${name} v${version} ${became} at ${edge}${reason ? `: ${reason}` : ""}`,
      };
    }
    case "bypass":
      return {
        kind: "bypass",
        stage: "",
        text: `${body.value.rule} ${body.value.active ? `bypassed by ${body.value.by}: ${body.value.reason}` : "no longer bypassed"}`,
      };
    case "dropped":
      return {
        kind: "dropped",
        stage: "",
        text: `${body.value.readings} readings evicted from a full outbox`,
      };
    case "quality":
      return {
        kind: "quality",
        stage: stageOfTag(body.value.tag),
        text: `${body.value.tag} is ${qualityWords[body.value.quality]}${body.value.reason ? `: ${body.value.reason}` : ""}`,
      };
    case "waveform": {
      const { device, stage, rule, axes, rateHz, samples } = body.value;
      const seconds = samples.length / (2 * Math.max(1, axes) * Math.max(1, rateHz));
      const text = `${device}: ${seconds.toFixed(1)} s of vibration kept from before ${rule} tripped`;
      return { kind: "waveform", stage, text };
    }
    default:
      return { kind: "alert", stage: "", text: "an event this fog does not know" };
  }
}
