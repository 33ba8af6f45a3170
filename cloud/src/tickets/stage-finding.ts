/** From a stage's health to a finding: is it worth a ticket, and what does it say. */

import type { TicketView } from "@weir/contracts/api/cloud.ts";
import { numberAt } from "@weir/contracts/elements.ts";
import type { FailureMode } from "@weir/contracts/plant-pack.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { catalogueOf } from "@weir/plants/catalogue.ts";
import { unitKey } from "@weir/plants/infer-kind.ts";
import type { HealthPoint } from "../evaluation/health-book.ts";
import { hoursAbove, trendWord } from "../evaluation/residual-trend.ts";
import type { Summary } from "../historian/bucket-summary.ts";
import type { Historian } from "../historian/historian.ts";
import { dayMs, hourMs } from "../limits.ts";
import type { Finding } from "./finding.ts";
import { changeWords, durationWords, tagWords } from "./plant-words.ts";
import { type ChannelChange, failureModeFor, urgencyOf } from "./ticket-rules.ts";
import { timeToLimit } from "./time-to-limit.ts";

/**
 * A ticket's line, in lines of the model. The model's own line is the 99th percentile of weeks close to
 * those it learned, and later weeks of a healthy plant go past it: up to 1.5 times in five stages over
 * twelve days of a simulated plant (seeds 21 and 22, on which this was set).
 */
export const ticketLine = 2;
/** Hours in a row above the ticket's line, with a rising trend, that open a ticket. */
export const risingHoursMin = 6;
/** Hours in a row above it that open one whatever the trend. */
export const steadyHoursMin = 36;
/** Now is the mean of the newest hours; usual is the median of what lay before the newest days. */
const nowHours = 24;
const usualDays = { from: 28, to: 8 };
/** Hours from which the course to the limit is fitted. */
const courseHours = 96;
/** Channels named in a summary. */
const namedCount = 3;
const namedShareMin = 0.08;
const namedDistanceMin = 3;
const movedDistanceMin = 1.5;
/** Median absolute deviation of a standard normal. */
const madOfNormal = 0.6745;

/** Since when a stage is over its model's line, or `undefined` while that is no reason for a ticket. */
export function overSinceMs(points: readonly HealthPoint[]): number | undefined {
  const newest = points.at(-1);
  if (!newest) return undefined;
  const isRising = trendWord(points, newest.threshold) === "rising";
  const hours = hoursAbove(points, ticketLine * newest.threshold);
  if (hours < (isRising ? risingHoursMin : steadyHoursMin)) return undefined;
  return points[points.length - hoursAbove(points, newest.threshold)]?.atMs;
}

/** What each channel read before and reads now, largest share first. */
export async function channelChanges(
  historian: Historian,
  { site, stage, point }: { site: string; stage: string; point: HealthPoint },
): Promise<{ changes: ChannelChange[]; summaries: ReadonlyMap<string, Summary[]> }> {
  const tags = historian.tags.stageTags(site, stage).filter((tag) => tag.id in point.shares);
  const summaries = await historian.hourly(
    site,
    tags.map((tag) => tag.id),
    { fromMs: point.atMs - usualDays.from * dayMs, toMs: point.atMs },
  );
  const changes = tags.map((tag): ChannelChange => {
    const hours = summaries.get(tag.id) ?? [];
    const before = hours.filter((hour) => hour.atMs < point.atMs - usualDays.to * dayMs);
    const recent = hours.filter((hour) => hour.atMs >= point.atMs - nowHours * hourMs);
    const means = (before.length > 0 ? before : hours).map((hour) => hour.mean);
    const usual = medianOf(means);
    const spread = medianOf(means.map((mean) => Math.abs(mean - usual))) / madOfNormal;
    const now = recent.reduce((sum, hour) => sum + hour.mean, 0) / recent.length;
    const distance = spread > 0 ? Math.abs(now - usual) / spread : 0;
    return { tag, share: point.shares[tag.id] ?? 0, usual, now, distance };
  });
  return { changes: changes.sort((a, b) => b.share - a.share), summaries };
}

export const changeText = ({ tag, usual, now }: ChannelChange): string =>
  Number.isFinite(usual) && Number.isFinite(now)
    ? `${tagWords(tag)} ${changeWords(usual, now, tag.unit)}`
    : tagWords(tag);

export interface StageFindingInput {
  site: string;
  stage: string;
  /** In order of time; the newest is the one that speaks. */
  points: readonly HealthPoint[];
  sinceMs: number;
  model: SiteModel | undefined;
  historian: Historian;
}

/** The finding of a stage whose health is over its line. */
export async function stageFinding(input: StageFindingInput): Promise<Finding> {
  const { site, stage, points, sinceMs } = input;
  const point = points.at(-1) as HealthPoint;
  const { changes, summaries } = await channelChanges(input.historian, { site, stage, point });
  const described = input.model?.stages.find(({ id }) => id === stage);
  const equipment = described?.equipment ?? "";
  const facts = { equipment, channels: changes };
  const mode = failureModeFor(facts, catalogueOf(input.model));
  const name = described ? `${described.name} (${stage})` : stage;
  const predictedFailure = predict(mode, { changes, summaries, nowMs: point.atMs });
  const named = namedChanges(changes, mode);
  const ratio = point.score / point.threshold;
  const forWords = durationWords(point.atMs - sinceMs);
  return {
    ...{ site, stage },
    assetPath: [site, described?.line, stage, equipment].filter(Boolean).join("/"),
    equipmentClass: equipment || "stage",
    failureMode: mode.code,
    mechanism: mode.mechanism,
    family: "autoencoder",
    title: `${name}: ${mode.headline}`,
    summary: summaryOf({ name, mode, named, forWords, ratio, predictedFailure, nowMs: point.atMs }),
    ...urgencyOf(mode, facts),
    detector: {
      model: `autoencoder/${stage}`,
      version: point.version,
      score: point.score,
      threshold: point.threshold,
    },
    confidence: Math.min(
      0.95,
      0.5 + 0.15 * (ratio - 1) + 0.005 * hoursAbove(points, point.threshold),
    ),
    evidence: evidenceOf({ named, sinceMs, nowMs: point.atMs, ratio }),
    firstSeenMs: sinceMs,
    seenMs: point.atMs,
    predictedFailure,
    recommendedActions: [...mode.actions],
    partsHint: [...mode.parts],
    safetyNotes: mode.safety,
    isSafetyRelated: false,
  };
}

/** What explains the score first, then the tag that tells when it fails, then what else has moved. */
function namedChanges(changes: readonly ChannelChange[], { limit }: FailureMode): ChannelChange[] {
  const causes = changes.filter(({ share }) => share >= namedShareMin);
  const failing = changes.filter(
    ({ tag, distance }) => limit?.kinds.includes(tag.kind) && distance >= movedDistanceMin,
  );
  const moved = changes
    .filter(({ distance }) => distance >= namedDistanceMin)
    .sort((a, b) => b.distance - a.distance);
  return [...new Set([...causes, ...failing, ...moved])].slice(0, namedCount);
}

function predict(
  { limit }: FailureMode,
  {
    changes,
    summaries,
    nowMs,
  }: {
    changes: readonly ChannelChange[];
    summaries: ReadonlyMap<string, Summary[]>;
    nowMs: number;
  },
): TicketView["predictedFailure"] {
  const change = changes.find(({ tag }) => limit?.kinds.includes(tag.kind));
  if (!limit || !change) return null;
  const { tag } = change;
  // A limit in another unit says nothing of this tag; its edge's own may.
  const isOfUnit = tag.unit === "" || unitKey(tag.unit) === unitKey(limit.unit);
  const way = limit.high === undefined ? -1 : 1;
  const hard = way > 0 ? tag.hardHigh : tag.hardLow;
  const usual = isOfUnit ? (limit.high ?? limit.low) : undefined;
  const ends = [hard, usual].flatMap((end) => (end == null ? [] : [way * end]));
  if (ends.length === 0) return null;
  const course = (summaries.get(tag.id) ?? [])
    .filter((hour) => hour.atMs >= nowMs - courseHours * hourMs)
    .map((hour) => ({ atMs: hour.atMs + hourMs / 2, value: way * hour.mean }));
  return timeToLimit(course, Math.min(...ends));
}

function summaryOf(facts: {
  name: string;
  mode: FailureMode;
  named: readonly ChannelChange[];
  forWords: string;
  ratio: number;
  predictedFailure: TicketView["predictedFailure"];
  nowMs: number;
}): string {
  const { name, mode, named, forWords, ratio, predictedFailure, nowMs } = facts;
  const changed = named.map(changeText).join("; ");
  const when = predictedFailure
    ? ` If it goes on like this, the limit is reached in about ${durationWords(predictedFailure.p50Ms - nowMs)}` +
      ` (between ${durationWords(predictedFailure.p10Ms - nowMs)} and ${durationWords(predictedFailure.p90Ms - nowMs)}).`
    : "";
  return (
    `For ${forWords}, ${name} has behaved unlike the weeks it was learned from (${ratio.toFixed(1)} times the line). ` +
    `${changed === "" ? "" : `What changed: ${changed}. `}${mode.because}${when}`
  );
}

function evidenceOf(facts: {
  named: readonly ChannelChange[];
  sinceMs: number;
  nowMs: number;
  ratio: number;
}): Finding["evidence"] {
  const { named, sinceMs, nowMs, ratio } = facts;
  const tags = named.map(({ tag }) => tag.id);
  const range = { fromMs: sinceMs - 5 * dayMs, toMs: nowMs };
  return [
    { kind: "trend", tags, ...range, text: named.map(changeText).join("; ") },
    {
      kind: "features",
      tags,
      ...range,
      text:
        `Reconstruction error ${ratio.toFixed(2)} times the threshold; ` +
        named.map(({ tag, share }) => `${tagWords(tag)} ${(100 * share).toFixed(0)} %`).join(", "),
    },
  ];
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? numberAt(sorted, middle)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
