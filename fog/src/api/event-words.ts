/** One line of plain words for each event of an edge. */

import type { EventView } from "@weir/contracts/api/fog.ts";
import { labelOf, labelOr, qualityLabel } from "@weir/contracts/enum-labels.ts";
import { ArtifactOutcome } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  type Alert,
  AlertRule,
  type Bypass,
  type ConfigurationChange,
  ConfigurationOutcome,
  type Event,
  OutputOutcome,
  type ProofTest,
  type Waveform,
} from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { confirmedBy, unchecked } from "@weir/contracts/output-confirmation.ts";
import type { SiteTime } from "@weir/contracts/site-time.ts";
import type { EventCase } from "../ingest/stored-events.ts";

type Words = Pick<EventView, "kind" | "stage" | "text" | "details">;

const outcomeWords: Record<OutputOutcome, string> = {
  [OutputOutcome.UNSPECIFIED]: "changed",
  [OutputOutcome.WRITTEN]: "written",
  [OutputOutcome.VERIFIED]: "confirmed by feedback",
  [OutputOutcome.FAILED]: "NOT confirmed by feedback",
  [OutputOutcome.SECOND_PATH]: "driven by the second path",
};

/** What the detectors of an edge look for. */
const alertWords: Record<AlertRule, string> = {
  [AlertRule.UNSPECIFIED]: "Unusual",
  [AlertRule.DELTA]: "Sudden change",
  [AlertRule.ROBUST_Z]: "Far from its usual level",
  [AlertRule.STUCK]: "Stuck",
  [AlertRule.NOISE]: "Noisy",
  [AlertRule.SPIKE]: "Spike",
  [AlertRule.STREAM]: "Unlike its own past",
  [AlertRule.DEVIATION]: "Does not agree with the sensors beside it",
};

const kindsByCase: Record<EventCase, EventView["kind"]> = {
  trip: "trip",
  output: "output",
  tripReset: "reset",
  alert: "alert",
  deviceLink: "link",
  artifact: "artifact",
  bypass: "bypass",
  dropped: "dropped",
  quality: "quality",
  proofTest: "proof-test",
  configuration: "configuration",
  waveform: "waveform",
};

/** What the edges call the events that the dashboard knows as `kinds`; unknown kinds name none. */
export const casesOf = (kinds: readonly string[]): EventCase[] =>
  (Object.keys(kindsByCase) as EventCase[]).filter((one) => kinds.includes(kindsByCase[one]));

const bytesPerSample = 2;

/** `waveformBytes`: of the waveform that is kept with the event. `time`: the clock of the site. */
export function eventView(
  edge: string,
  event: Event,
  how: { backlog: boolean; waveformBytes: number; time: SiteTime },
): EventView {
  const view = { id: event.id, edge, atMs: event.atMs, backlog: how.backlog };
  if (event.body.case !== "waveform") return { ...view, ...wordsOf(edge, event, how.time) };
  const hasWaveform = how.waveformBytes > 0;
  return { ...view, ...waveformWords(event.body.value, how.waveformBytes), hasWaveform };
}

const stageOfTag = (tag: string): string => tag.split("/")[0] ?? "";

function wordsOf(edge: string, { body, atMs }: Event, time: SiteTime): Words {
  switch (body.case) {
    case "trip":
      return {
        kind: "trip",
        stage: body.value.stage,
        text: `${body.value.rule}: ${body.value.cause}${body.value.simulated ? " (test)" : ""}`,
      };
    case "output": {
      const { output, state, outcome, afterMs, detail, again } = body.value;
      const seconds = (afterMs / 1000).toFixed(1);
      const since = again ? " again, after it was lost for" : " after";
      const isConfirmed = outcome === OutputOutcome.VERIFIED;
      const after = isConfirmed
        ? `${since} ${seconds} s`
        : detail === unchecked
          ? `; ${detail}`
          : "";
      return {
        kind: "output",
        stage: "",
        text: `${output} to ${state} ${isConfirmed ? `confirmed by ${confirmedBy(detail)}` : labelOf(outcomeWords, outcome)}${after}`,
      };
    }
    case "tripReset":
      return {
        kind: "reset",
        stage: "",
        text: `${body.value.rule} reset by ${body.value.by} ${body.value.accepted ? "accepted" : `refused: ${body.value.reason}`}`,
      };
    case "alert":
      return { kind: "alert", stage: body.value.stage, text: alertText(body.value) };
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
      return { kind: "bypass", stage: "", text: bypassText(body.value, atMs) };
    case "dropped":
      return {
        kind: "dropped",
        stage: "",
        text: `${body.value.readings > 0 ? `${body.value.readings} readings` : "panes"} evicted from a full outbox`,
      };
    case "quality":
      return {
        kind: "quality",
        stage: stageOfTag(body.value.tag),
        text: `${body.value.tag} is ${qualityLabel(body.value.quality)}${body.value.reason ? `: ${body.value.reason}` : ""}`,
      };
    case "proofTest":
      return { kind: "proof-test", stage: "", text: proofTestText(body.value, time) };
    case "configuration": {
      const { changes } = body.value;
      const text = configurationText(edge, body.value);
      return {
        kind: "configuration",
        stage: "",
        text,
        ...(changes.length > 0 && { details: changes }),
      };
    }
    case "waveform":
      return waveformWords(body.value, 0);
    default:
      return { kind: "alert", stage: "", text: "an event this fog does not know" };
  }
}

function alertText({ rule, tag, text, active }: Alert): string {
  const what = text || `${tag}: ${labelOr(alertWords, rule, alertWords[AlertRule.UNSPECIFIED])}`;
  return active ? what : `${what} (over)`;
}

function bypassText({ rule, active, by, reason, expiresAtMs }: Bypass, atMs: number): string {
  if (!active) return `${rule} protects again${reason ? `: ${reason}` : ""}`;
  const spell = expiresAtMs > atMs ? ` for ${spanWords(expiresAtMs - atMs)}` : "";
  return `${rule} bypassed by ${by}${spell}: ${reason}`;
}

function proofTestText(test: ProofTest, time: SiteTime): string {
  const { rule, by, passed, note, writtenAfterMs, verifiedAfterMs, dueAtMs } = test;
  const chain = [
    ...(writtenAfterMs > 0 ? [`commanded after ${writtenAfterMs.toFixed(1)} ms`] : []),
    verifiedAfterMs > 0
      ? `confirmed by feedback after ${(verifiedAfterMs / 1000).toFixed(1)} s`
      : "no feedback seen",
  ];
  const next = passed && dueAtMs > 0 ? `; next due ${time.day(dueAtMs)}` : "";
  const said = note ? `: ${note}` : "";
  return `proof test of ${rule} ${passed ? "passed" : "FAILED"}, watched by ${by}${said} (${chain.join(", ")}${next})`;
}

function configurationText(edge: string, change: ConfigurationChange): string {
  const { outcome, by, reason, sha256 } = change;
  const from = by === "file" ? "from its file" : by ? `from ${by}` : "";
  const offered = [`configuration ${sha256.slice(0, 8)}`, from].filter(Boolean).join(" ");
  const why = reason ? `: ${reason}` : "";
  switch (outcome) {
    case ConfigurationOutcome.ACTIVE:
      return `${edge} runs ${offered}${why}`;
    case ConfigurationOutcome.ROLLED_BACK:
      return `${edge} took back ${offered} and runs the last good one again${why}`;
    case ConfigurationOutcome.REFUSED:
      return `${edge} refused ${offered}; the running one stays${why}`;
    default:
      return `${edge} was offered ${offered}; what became of it is unknown (${outcome})${why}`;
  }
}

function waveformWords(waveform: Waveform, keptBytes: number): Words {
  const { device, stage, rule, axes, rateHz } = waveform;
  const size = Math.max(keptBytes, waveform.samples.length);
  const seconds = size / (bytesPerSample * Math.max(1, axes) * Math.max(1, rateHz));
  const what = size > 0 ? `${seconds.toFixed(1)} s of vibration` : "vibration";
  return { kind: "waveform", stage, text: `${device}: ${what} kept from before ${rule} tripped` };
}

function spanWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Number((minutes / 60).toFixed(1))} h`;
}
