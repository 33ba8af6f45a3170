/** From history to a training task, with its split in words. */
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import {
  historyOfBuckets,
  type StageTag,
  stageHopMs,
  stageWindowMs,
} from "@weir/detectors/stage-history.ts";
import { stageRowCountMin } from "@weir/detectors/stage-training.ts";
import { CloudFault } from "../faults.ts";
import type { Summary } from "../historian/bucket-summary.ts";
import type { Historian } from "../historian/historian.ts";
import type { SiteTagInfo } from "../historian/tag-table.ts";
import { dayMs, hourlyDaysMax, hourMs, minutelyDaysMax, minuteMs } from "../limits.ts";
import { hourMatrix, type Span, splitWindows, withoutEmptyChannels } from "./hour-matrix.ts";
import type { TrainingRequest } from "./training-book.ts";
import type { TagMinutes, TrainingTask } from "./training-task.ts";

export interface PreparedTask {
  task: TrainingTask;
  /** Name of the artifact that comes out, and where it goes. */
  name: string;
  target: string;
  trainedOn: string;
  windows: number;
}

export interface PrepareOptions {
  historian: Historian;
  /** Labelled or ticketed times of a stage: they never teach. */
  excluded: (site: string, stage: string) => readonly Span[];
  /** Stages whose outflow enters this one; empty when the site's model is not known yet. */
  upstream: (site: string, stage: string) => readonly string[];
  /** IANA zone of a site: its clock makes hours and days. */
  zone: (site: string) => string;
  seed: number;
  epochCount: number;
}

/** Fewest windows an autoencoder learns from: one week of starts. */
export const windowCountMin = 96;
/** Fewest windows that set a threshold. */
const heldOutCountMin = 24;
/** Upstream tags that explain what a stage does; more only make the regression wander. */
const explainingCountMax = 8;

/** @throws Fault CLOUD_NO_HISTORY */
export async function prepareTask(
  request: TrainingRequest,
  options: PrepareOptions,
): Promise<PreparedTask> {
  switch (request.kind) {
    case "autoencoder":
      return prepareAutoencoder(request, options);
    case "forest":
      return prepareForest(request, options);
    case "thresholds":
      return prepareThresholds(request, options);
  }
}

function rangeOf({ site, stage }: TrainingRequest, historian: Historian, days: number) {
  const toMs = historian.newestMs(site);
  const oldest = historian.oldestMs(site);
  if (toMs === undefined || oldest === undefined) {
    throw new CloudFault("CLOUD_NO_HISTORY", { subject: stage, found: 0, needed: 8, unit: "days" });
  }
  return { fromMs: Math.max(oldest, toMs - days * dayMs), toMs };
}

async function prepareAutoencoder(
  request: TrainingRequest,
  { historian, excluded, zone: zoneOf, seed, epochCount }: PrepareOptions,
): Promise<PreparedTask> {
  const { site, stage } = request;
  const zone = zoneOf(site);
  const tags = told(historian.tags.stageTags(site, stage));
  const range = rangeOf(request, historian, hourlyDaysMax);
  const fromMs = Math.ceil(range.fromMs / hourMs) * hourMs;
  const summaries = await historian.hourly(
    site,
    tags.map((tag) => tag.id),
    { ...range, fromMs },
  );
  const matrix = withoutEmptyChannels(hourMatrix(summaries, { ...range, fromMs, zone }));
  const split = splitWindows(matrix, { nowMs: range.toMs, excluded: excluded(site, stage) });
  const found = Math.min(split.trainStarts.length, matrix.channels.length * windowCountMin);
  if (found < windowCountMin || split.heldOutStarts.length < heldOutCountMin) {
    throw new CloudFault("CLOUD_NO_HISTORY", {
      subject: `autoencoder of ${stage}`,
      found,
      needed: windowCountMin,
      unit: "usable weekly windows",
    });
  }
  return {
    task: {
      kind: "autoencoder",
      ...{ site, stage, zone, seed, epochCount },
      channels: matrix.channels,
      hours: matrix.values,
      hourCount: matrix.hourCount,
      trainStarts: Int32Array.from(split.trainStarts),
      heldOutStarts: Int32Array.from(split.heldOutStarts),
    },
    name: `autoencoder/${stage}`,
    target: "fog",
    trainedOn: split.words,
    windows: split.trainStarts.length,
  };
}

async function prepareForest(
  request: TrainingRequest,
  { historian, excluded, upstream, zone: zoneOf, seed }: PrepareOptions,
): Promise<PreparedTask> {
  const { site, stage } = request;
  const zone = zoneOf(site);
  const own = told(historian.tags.stageTags(site, stage));
  const explaining = upstream(site, stage)
    .flatMap((id) => told(historian.tags.stageTags(site, id)))
    .filter((tag) => tag.measures.load)
    .slice(0, explainingCountMax);
  const tags = [
    ...own.map((tag) => stageTag(tag, true)),
    ...explaining.map((tag) => stageTag(tag, false)),
  ];
  const ids = tags.map((tag) => tag.id);
  const spans = excluded(site, stage);
  const range = rangeOf(request, historian, minutelyDaysMax);
  const minutes = await historian.minutely(site, ids, range);
  const hours = await historian.hourly(site, ids, rangeOf(request, historian, hourlyDaysMax));
  const bucketsOf = (of: ReadonlyMap<string, Summary[]>, lengthMs: number) =>
    ids.map((id) =>
      (of.get(id) ?? [])
        .filter((summary) => !spans.some((s) => summary.atMs < s.toMs && summary.atMs >= s.fromMs))
        .map((summary) => ({ ...summary, lengthMs, count: summary.n, slope: summary.slopePerS })),
    );
  const minuteHistory = historyOfBuckets(tags, bucketsOf(minutes, minuteMs), {
    bucketMs: stageHopMs,
    windowMs: stageWindowMs,
  });
  if (own.length === 0 || minuteHistory.rowCount < stageRowCountMin) {
    throw new CloudFault("CLOUD_NO_HISTORY", {
      subject: `forest of ${stage}`,
      found: minuteHistory.rowCount,
      needed: stageRowCountMin,
      unit: "minutes",
    });
  }
  const hourHistory = historyOfBuckets(tags, bucketsOf(hours, hourMs), {
    bucketMs: hourMs,
    windowMs: hourMs,
  });
  const stamp = (atMs: number) => siteTimeOf(zone).stamp(atMs);
  return {
    task: {
      kind: "forest",
      ...{ site, stage, zone, seed, minutes: minuteHistory },
      hours: hourHistory.rowCount > 0 ? hourHistory : undefined,
    },
    name: `forest/${stage}`,
    target: "fog",
    trainedOn:
      `${minuteHistory.rowCount} five-minute windows from ${stamp(range.fromMs)} to ${stamp(range.toMs)}` +
      `${hourHistory.rowCount > 0 ? `, ${hourHistory.rowCount} hours for weather and weekends` : ""}; ` +
      `${spans.length} labelled or ticketed times are left out; lines set on blocks held out of the baseline`,
    windows: minuteHistory.rowCount,
  };
}

/** A fog refuses a model of tags that it has not met; where it has told of none yet, all of the history. */
function told(tags: SiteTagInfo[]): SiteTagInfo[] {
  const announced = tags.filter((tag) => tag.announced === 1);
  return announced.length > 0 ? announced : tags;
}

const stageTag = (tag: SiteTagInfo, own: boolean): StageTag => ({
  id: tag.id,
  kind: tag.kind,
  tolerance: tag.measures.tolerance,
  stage: tag.stage,
  own,
});

async function prepareThresholds(
  request: TrainingRequest,
  { historian }: PrepareOptions,
): Promise<PreparedTask> {
  const { site, stage: edge } = request;
  const tags = historian.tags.tags(site).filter((tag) => tag.edge === edge);
  const range = rangeOf(request, historian, minutelyDaysMax);
  const minutes = await historian.minutely(
    site,
    tags.map((tag) => tag.id),
    range,
  );
  const columns = tags.map((tag): TagMinutes => {
    const list = minutes.get(tag.id) ?? [];
    return {
      id: tag.id.slice(edge.length + 1),
      learns: tag.measures.learns,
      floor: tag.measures.floor,
      resolution: tag.resolution,
      range: Float64Array.from(list, (summary) => summary.max - summary.min),
      sd: Float64Array.from(list, (summary) => summary.sd),
    };
  });
  const minuteCount = Math.max(0, ...columns.map((column) => column.sd.length));
  if (minuteCount === 0) {
    throw new CloudFault("CLOUD_NO_HISTORY", {
      subject: edge,
      found: 0,
      needed: 1_440,
      unit: "minutes",
    });
  }
  return {
    task: { kind: "thresholds", site, edge, tags: columns },
    name: `thresholds/${edge}`,
    target: edge,
    trainedOn: `${minuteCount} minutes of ${columns.length} tags; each parameter lies above 99.9 % of quiet minutes, within fixed bounds`,
    windows: minuteCount,
  };
}
