/**
 * What is learned of a site without being asked, and in which order: every stage, the one with most
 * usable data first, and of equal ones the one that has gone furthest from its own past. What cannot
 * be learned is told with why and when it can. Pure: the same facts give the same plan.
 */

import {
  type LearningState,
  type ModelLearning,
  roughDuration,
  type StageLearning,
} from "@weir/contracts/api/learning.ts";
import { elementAt } from "@weir/contracts/elements.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import type { TagCoverage } from "../historian/tag-coverage.ts";
import { dayMs, hourMs, minuteMs, windowHours } from "../limits.ts";
import { recentDaysExcluded, trainShare } from "./hour-matrix.ts";
import { windowCountMin } from "./prepare-task.ts";
import type { TrainingKind } from "./training-book.ts";

/** Kinds of model that are learned of a stage, in the order in which they are worth most. */
export const stageKinds = ["autoencoder", "forest"] as const satisfies readonly TrainingKind[];
export type StageKind = (typeof stageKinds)[number];

/** History from which a model is made without being asked, milliseconds of readings. */
export const historyWantedMs: Readonly<Record<TrainingKind, number>> = {
  // As many windows before the held-out part as `prepareTask` asks for, and the days that never teach.
  autoencoder:
    Math.ceil((windowCountMin - 1 + windowHours) / trainShare) * hourMs +
    recentDaysExcluded * dayMs,
  // A day has its habits: half of one is too little.
  forest: dayMs,
  thresholds: dayMs,
};

/** A model with less than this left is learned again, on the newest history. */
const refreshBeforeMs = 30 * dayMs;
/** A try that failed is repeated after this long, then after twice as long, … */
const retryFirstMs = hourMs;
/** … and at most this long; a model that was kept back is tried again after that as well. */
const retryMsMax = 7 * dayMs;
/** What no reading has come of for this long counts as not coming in. */
const currentMs = 3 * hourMs;
/** An open incident makes a stage as urgent as a drift of this many spreads. */
const incidentDrift = 5;

export interface StageTagFacts {
  /** As people call it. */
  name: string;
  /** The site has told of it itself. */
  isAnnounced: boolean;
  coverage: TagCoverage;
}

/** The newest try to make a model. */
export interface LastTry {
  state: "queued" | "running" | "done" | "failed";
  /** Plant time. */
  atMs: number;
  error: string | null;
  /** Tries in a row that came to nothing, this one included. */
  failures: number;
}

export interface ModelFacts {
  /** The one that runs: undefined while none does. */
  champion: { version: number; createdAtMs: number; expiresAtMs: number } | undefined;
  last: LastTry | undefined;
}

export interface StageFacts {
  stage: string;
  name: string;
  /** False: the settings leave it out. */
  isWanted: boolean;
  tags: readonly StageTagFacts[];
  openIncidents: number;
  models: Readonly<Record<StageKind, ModelFacts>>;
}

export interface SiteFacts {
  /** End of the newest history of the site. */
  newestMs: number;
  /** Plant time now. */
  nowMs: number;
  /** IANA zone of the site. */
  zone: string;
  stages: readonly StageFacts[];
  /** Edges whose thresholds can be learned. */
  edges: readonly { edge: string; minutes: number; model: ModelFacts }[];
}

export interface PlannedTraining {
  stage: string;
  kind: TrainingKind;
}

export interface SitePlan {
  /** In the order of the site. */
  stages: StageLearning[];
  /** What can be trained now, what comes first first. */
  due: PlannedTraining[];
}

interface Judged {
  facts: StageFacts;
  kind: StageKind;
  model: ModelLearning;
  /** It can be trained now. */
  isDue: boolean;
}

export function planSite(facts: SiteFacts): SitePlan {
  const judged = facts.stages.map((stage) =>
    stageKinds.map((kind): Judged => ({ facts: stage, kind, ...judge(stage, kind, facts) })),
  );
  const best = Math.max(1, ...facts.stages.map(({ tags }) => usableMs(tags)));
  const due = judged
    .flat()
    .filter(({ isDue }) => isDue)
    .sort((a, b) => comparePriority(priorityOf(a, best), priorityOf(b, best)));
  return {
    stages: judged.map((models, i) => stageLearning(elementAt(facts.stages, i), models)),
    due: [
      ...facts.edges
        .filter(({ minutes, model }) => {
          const isEnough = minutes * minuteMs >= historyWantedMs.thresholds;
          return isEnough && model.champion === undefined && waitsUntil(model, facts) === undefined;
        })
        .map(({ edge }): PlannedTraining => ({ stage: edge, kind: "thresholds" })),
      ...due.map(({ facts: { stage }, kind }): PlannedTraining => ({ stage, kind })),
    ],
  };
}

/** Of two trainings the one whose first differing figure is lower comes first. */
type Priority = readonly [
  isRefresh: number,
  hasModel: number,
  kind: number,
  missingTenths: number,
  calm: number,
  stage: string,
];

function priorityOf({ facts, kind, model }: Judged, bestMs: number): Priority {
  const hasModel = stageKinds.some((one) => facts.models[one].champion !== undefined);
  const drift = Math.max(0, ...announced(facts.tags).map(({ coverage }) => coverage.drift));
  return [
    model.state === "learned" ? 1 : 0,
    hasModel ? 1 : 0,
    stageKinds.indexOf(kind),
    // In tenths: a day more or less of a month is no difference, a month against a week is.
    10 - Math.floor((10 * usableMs(facts.tags)) / bestMs),
    -(drift + (facts.openIncidents > 0 ? incidentDrift : 0)),
    facts.stage,
  ];
}

function comparePriority(a: Priority, b: Priority): number {
  for (const [i, value] of a.entries()) {
    const other = elementAt(b, i);
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

/** Tags that count: those the site has told of, or all while it has told of none. */
function announced<T extends { isAnnounced: boolean }>(tags: readonly T[]): readonly T[] {
  const told = tags.filter(({ isAnnounced }) => isAnnounced);
  return told.length > 0 ? told : tags;
}

/** History that a model of these tags can learn from: of those with at least half of what the best one has. */
function usableMs(tags: readonly StageTagFacts[]): number {
  const hours = announced(tags).map(({ coverage }) => coverage.hours);
  const most = Math.max(0, ...hours);
  return most === 0 ? 0 : Math.min(...hours.filter((count) => 2 * count >= most)) * hourMs;
}

function usableOf(kind: StageKind, tags: readonly StageTagFacts[]): number {
  if (kind === "autoencoder") return usableMs(tags);
  return Math.max(0, ...announced(tags).map(({ coverage }) => coverage.minutes)) * minuteMs;
}

/** Until when a model that was tried in vain is left alone; undefined: it may be tried now. */
function waitsUntil({ last }: ModelFacts, { nowMs }: SiteFacts): number | undefined {
  if (!last || last.failures === 0) return undefined;
  const pauseMs =
    last.state === "failed" ? retryFirstMs * 2 ** Math.min(10, last.failures - 1) : retryMsMax;
  const untilMs = last.atMs + Math.min(retryMsMax, pauseMs);
  return untilMs > nowMs ? untilMs : undefined;
}

function judge(
  stage: StageFacts,
  kind: StageKind,
  site: SiteFacts,
): { model: ModelLearning; isDue: boolean } {
  const { tags } = stage;
  const model = stage.models[kind];
  const { champion, last } = model;
  const as = (
    state: LearningState,
    reason: string,
    more: { sinceMs?: number; whenMs?: number; isDue?: boolean } = {},
  ) => ({
    model: { kind, state, reason, sinceMs: more.sinceMs ?? null, whenMs: more.whenMs ?? null },
    isDue: more.isDue ?? false,
  });
  if (last?.state === "running") return as("learning", "being learned", { sinceMs: last.atMs });
  const untilMs = waitsUntil(model, site);
  if (champion) {
    const isOld = champion.expiresAtMs - site.nowMs < refreshBeforeMs;
    const isDue = isOld && stage.isWanted && untilMs === undefined;
    const reason = `version ${champion.version} runs`;
    return as("learned", reason, { sinceMs: champion.createdAtMs, isDue });
  }
  if (!stage.isWanted) return as("cannot", "the settings leave it out (training.exclude)");
  if (tags.length === 0) return as("cannot", "no tag belongs to it; give its tags this stage");
  if (!tags.some(({ isAnnounced }) => isAnnounced)) {
    return as("waiting", "its edge has not told of its tags yet");
  }
  const haveMs = usableOf(kind, tags);
  const wantedMs = historyWantedMs[kind];
  if (haveMs < wantedMs) return as("waiting", ...missing({ tags, haveMs, wantedMs }, site));
  if (untilMs !== undefined) {
    const what = last?.state === "failed" ? "the last try failed" : "the last one was kept back";
    return as("waiting", `${what}: ${last?.error ?? "no reason given"}`, { whenMs: untilMs });
  }
  return as("waiting", "in its turn", { whenMs: site.nowMs, isDue: true });
}

/** Why there is too little, and when there will be enough if readings go on as they do. */
function missing(
  of: { tags: readonly StageTagFacts[]; haveMs: number; wantedMs: number },
  { newestMs, nowMs, zone }: SiteFacts,
): [reason: string, more: { whenMs?: number }] {
  const { tags, haveMs, wantedMs } = of;
  const own = announced(tags);
  const times = own.flatMap(({ coverage }) => coverage.newestMs ?? []);
  if (times.length === 0) {
    const names = own.map(({ name }) => name);
    const some = names.slice(0, 3).join(", ");
    const rest = names.length > 3 ? ` and ${names.length - 3} more` : "";
    return [`no reading has come of ${some}${rest}`, {}];
  }
  const reason = `${roughDuration(haveMs)} of history, ${roughDuration(wantedMs)} wanted`;
  const lastMs = Math.max(...times);
  if (lastMs < newestMs - currentMs) {
    return [`${reason}; no reading of it since ${siteTimeOf(zone).stamp(lastMs)}`, {}];
  }
  return [reason, { whenMs: nowMs + wantedMs - haveMs }];
}

const wantedOf = ({ kind }: ModelLearning): number => historyWantedMs[kind as StageKind];

/** Times in order, unknown ones last. */
function sooner(a: number | null, b: number | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  return b === null ? -1 : a - b;
}

/** A stage is learned when a model of it runs; what is still to come is told with it. */
function stageLearning(facts: StageFacts, judged: readonly Judged[]): StageLearning {
  const models = judged.map(({ model }) => model);
  const order: LearningState[] = ["learning", "waiting", "cannot"];
  const learned = models.filter(({ state }) => state === "learned");
  const others = models.filter(({ state }) => state !== "learned");
  const { stage, name } = facts;
  const shown = others.toSorted(
    (a, b) =>
      order.indexOf(a.state) - order.indexOf(b.state) ||
      sooner(a.whenMs, b.whenMs) ||
      wantedOf(a) - wantedOf(b),
  )[0];
  if (learned.length > 0) {
    const rest = others.map(({ kind, reason }) => `; ${kind}: ${reason}`).join("");
    const sinceMs = Math.min(...learned.flatMap((model) => model.sinceMs ?? []));
    const reason = `${learned.map(({ kind }) => kind).join(" and ")} learned${rest}`;
    return { stage, name, state: "learned", reason, sinceMs, whenMs: null, models };
  }
  const { state, reason, sinceMs, whenMs } = shown as ModelLearning;
  return { stage, name, state, reason, sinceMs, whenMs, models };
}
