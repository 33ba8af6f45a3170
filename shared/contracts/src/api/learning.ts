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
