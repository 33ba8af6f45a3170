/**
 * How far a tier has learned what a site has: which stages, which is next, and for each that is not
 * learned yet why, and when it can be. The same shape at the fog (its own models of the site's past)
 * and in the cloud (autoencoders and forests of every site).
 */

/**
 * learned: a model of it runs. learning: it is being learned now. waiting: it can be learned, now in its
 * turn or at `whenMs`. cannot: nothing that passes by itself changes it; `reason` says what would.
 */
export type LearningState = "learned" | "learning" | "waiting" | "cannot";

export interface LearningView {
  /** Stages of which a model runs, of all that the site has. */
  learned: number;
  total: number;
  /** Stage being learned now. */
  current: string | null;
  /** The stage after it. */
  next: string | null;
  /** Until `next` is begun, milliseconds of real time, by what the last ones took; null while that is unknown. */
  nextInMs: number | null;
  /** One sentence: "31 of 45 stages learned, next P3 in 4 min". */
  text: string;
  learner: LearnerView;
  /** Plant time at which this was looked at, and the site's zone, in which its times are told. */
  atMs: number;
  tz: string;
  /** Every stage of the site, those that are not learned first. */
  stages: StageLearning[];
}

/** The worker that learns. */
export interface LearnerView {
  /** stopped: it ended without being asked; it is started again with the next stage. off: by configuration. */
  state: "working" | "idle" | "stopped" | "off";
  /** Since when, plant time. */
  sinceMs: number;
  /** Why it stopped, or what it waits for. */
  reason: string;
}

export interface StageLearning {
  stage: string;
  /** As people call it; the id where the site has not described itself. */
  name: string;
  state: LearningState;
  /** What of, or why not: "learned from 28 d of history", "9 h of history, 24 h wanted". Never empty. */
  reason: string;
  /** When it came into this state, plant time; null: before the tier kept count. */
  sinceMs: number | null;
  /** waiting: about when it can be learned, plant time, if what comes in goes on; null: unknown. */
  whenMs: number | null;
  /** Where several kinds of model are learned of one stage: each of them. */
  models: ModelLearning[];
}

export interface ModelLearning {
  kind: string;
  state: LearningState;
  reason: string;
  sinceMs: number | null;
  whenMs: number | null;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** "31 of 45 stages learned, next P3 in 4 min" */
export function learningText(
  view: Pick<LearningView, "learned" | "total" | "current" | "next" | "nextInMs">,
): string {
  const { learned, total, current, next, nextInMs } = view;
  if (total === 0) return "no stage is known yet";
  const stages = total === 1 ? "stage" : "stages";
  const now = current === null ? "" : `, learning ${current}`;
  const within = nextInMs === null ? "" : ` in ${roughDuration(nextInMs)}`;
  const then = next === null ? "" : `, next ${next}${within}`;
  return `${learned} of ${total} ${stages} learned${now}${then}`;
}

/** "40 s", "4 min", "9 h", "3 d": one figure, for people. */
export function roughDuration(ms: number): string {
  if (ms < minuteMs) return `${Math.max(1, Math.round(ms / 1_000))} s`;
  if (ms < hourMs) return `${Math.round(ms / minuteMs)} min`;
  if (ms < 48 * hourMs) return `${Math.round(ms / hourMs)} h`;
  return `${Math.round(ms / (24 * hourMs))} d`;
}

/** "about 03:00 tomorrow", "about 14 Jun": a time to come, on the wall clock of `tz`. */
export function aboutWhen(whenMs: number, { nowMs, tz }: { nowMs: number; tz: string }): string {
  const day = (ms: number) =>
    new Intl.DateTimeFormat("en-CA", { timeZone: tz, dateStyle: "short" }).format(ms);
  const hour = new Intl.DateTimeFormat("en-GB", {
    timeZone: tz,
    hour: "2-digit",
    minute: "2-digit",
  });
  const rounded = Math.ceil(whenMs / hourMs) * hourMs;
  if (whenMs - nowMs < hourMs) return `in about ${roughDuration(Math.max(0, whenMs - nowMs))}`;
  if (day(rounded) === day(nowMs)) return `about ${hour.format(rounded)} today`;
  if (day(rounded) === day(nowMs + 24 * hourMs)) return `about ${hour.format(rounded)} tomorrow`;
  const date = new Intl.DateTimeFormat("en-GB", { timeZone: tz, day: "numeric", month: "short" });
  return `about ${date.format(rounded)}`;
}

/** "P7: 9 h of history, 24 h wanted: about 03:00 tomorrow" */
export function stageLearningText(
  { stage, reason, whenMs }: Pick<StageLearning, "stage" | "reason" | "whenMs">,
  at: { nowMs: number; tz: string },
): string {
  return whenMs === null ? `${stage}: ${reason}` : `${stage}: ${reason}: ${aboutWhen(whenMs, at)}`;
}
