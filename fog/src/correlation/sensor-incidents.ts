/** Tags that their edge cannot use, one incident for each device: it ends when the edge says that all are good. */
import { qualityLabel } from "@weir/contracts/enum-labels.ts";
import type { EdgeStatus, TagCondition } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { Event, QualityChange } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import {
  type Contribution,
  type Incident,
  Severity,
} from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { conditionWords } from "../api/condition-words.ts";
import type { SignFacts } from "./edge-signs.ts";
import { causes } from "./incident-cause.ts";
import { asContribution } from "./incident-store.ts";
import type { OpenIncidents, Sign } from "./open-incidents.ts";

/** A condition younger than this may be a single bad answer, plant milliseconds. */
const lastingMs = 10_000;

interface Said {
  tag: string;
  quality: Quality;
  why: string;
}

/** One event: this tag has become bad, or good again. */
export function onQuality(
  open: OpenIncidents,
  { event, change, facts }: { event: Event; change: QualityChange; facts: SignFacts },
): void {
  const { tag, quality, reason, detail } = change;
  // What an edge says of the reason ends with its detail already.
  const why = detail && !reason.includes(detail) ? `${reason}: ${detail}` : reason;
  const at = { atMs: event.atMs, eventId: event.id };
  tell(open, { device: deviceOf(tag), said: [{ tag, quality, why }], gone: [], at, facts });
}

/** The edge's list of what is not good has the last word on all its tags. */
export function onConditions(open: OpenIncidents, status: EdgeStatus, facts: SignFacts): void {
  if (status.moreConditions > 0 || status.incarnation === "0") return;
  const { edge } = facts;
  const bad = new Map(status.conditions.map((condition) => [condition.tag, condition]));
  const lasting = status.conditions.filter(({ sinceMs }) => status.atMs - sinceMs >= lastingMs);
  const devices = new Set([
    ...lasting.map(({ tag }) => deviceOf(tag)),
    ...open.all().flatMap(({ cause }) => {
      const [, of, device = ""] = cause.split("/");
      return of === edge && cause === causes.badSensor(edge, device) ? [device] : [];
    }),
  ]);
  for (const device of devices) {
    const known = tagsOf(open.of(causes.badSensor(edge, device)), edge);
    tell(open, {
      ...{ device, facts, at: { atMs: status.atMs } },
      said: lasting.filter(({ tag }) => deviceOf(tag) === device).map(saidOf),
      gone: known.filter((tag) => !bad.has(tag)),
    });
  }
}

const saidOf = (condition: TagCondition): Said => ({
  tag: condition.tag,
  quality: condition.quality,
  why: conditionWords(condition),
});

interface Telling {
  device: string;
  said: readonly Said[];
  /** Tags that the edge no longer lists. */
  gone: readonly string[];
  at: { atMs: number; eventId?: string };
  facts: SignFacts;
}

function tell(open: OpenIncidents, { device, said, gone, at, facts }: Telling): void {
  const { edge } = facts;
  const cause = causes.badSensor(edge, device);
  const incident = open.of(cause);
  const over = new Set([
    ...gone,
    ...said.filter(({ quality }) => quality === Quality.GOOD).map(({ tag }) => tag),
  ]);
  const before = incident?.contributions ?? [];
  const byTag = new Map(before.map((one) => [one.tag, one]));
  for (const tag of over) byTag.delete(`${edge}/${tag}`);
  for (const one of said) {
    if (one.quality !== Quality.GOOD) byTag.set(`${edge}/${one.tag}`, contributionOf(edge, one));
  }
  const contributions = [...byTag.values()];
  if (contributions.length === 0) {
    const names = before.map(({ tag }) => tag.slice(edge.length + 1)).join(", ");
    open.close(cause, { atMs: at.atMs, evidence: `${edge} says that it is good again: ${names}` });
    return;
  }
  const words = (list: readonly Contribution[]) => list.map(({ text }) => text).join("; ");
  if (incident && words(before) === words(contributions)) return;
  open.raise({ ...at, ...sensorSign(cause, contributions, facts) });
}

function sensorSign(
  cause: string,
  contributions: Contribution[],
  { edge, tags, stageName }: SignFacts,
): Omit<Sign, "atMs"> {
  const rows = contributions.flatMap(({ tag }) => tags.find(tag) ?? []);
  const stage = rows[0]?.tag.stage ?? "";
  const first = contributions[0]?.text ?? "";
  const more = contributions.length > 1 ? ` and ${contributions.length - 1} more` : "";
  const protecting = rows.some(
    ({ tag }) => tag.hardLow !== undefined || tag.hardHigh !== undefined,
  );
  const usable = contributions.every(({ direction }) => direction === "uncertain");
  const where = stage ? `${stageName(stage)}: ` : `${edge}: `;
  return {
    ...{ cause, edge, stage, contributions, detector: "edge signal quality" },
    severity: usable ? Severity.ADVISORY : protecting ? Severity.MEDIUM : Severity.LOW,
    headline: `${where}${first}${more}`,
    story: `${edge} cannot use ${contributions.length === 1 ? "a sensor" : `${contributions.length} sensors`}: ${contributions.map(({ text }) => text).join("; ")}. A bad sensor is no bad plant, but what it would see is not seen.`,
    suggestedChecks: ["Look at the sensor and its wiring", "Compare with a hand-held meter"],
  };
}

function contributionOf(edge: string, { tag, quality, why }: Said): Contribution {
  const word = qualityLabel(quality);
  return asContribution({
    ...{ tag: `${edge}/${tag}`, feature: "quality", share: 1 },
    ...{ value: Number.NaN, expected: Number.NaN },
    ...{ direction: word, text: `${tag} is ${word}${why ? `: ${why}` : ""}` },
  });
}

const tagsOf = (incident: Incident | undefined, edge: string): string[] =>
  (incident?.contributions ?? []).map(({ tag }) => tag.slice(edge.length + 1));

const deviceOf = (tag: string): string => tag.slice(0, Math.max(0, tag.lastIndexOf("/")));
