/**
 * The model that the fog runs for one stage: a learned baseline turns a five-minute window into
 * features ({@link ./stage-features.ts}); an Isolation Forest and a Mahalanobis distance score
 * them side by side, because each is blind where the other sees.
 */

import { strict as assert } from "node:assert";
import { f64, numberAt } from "@weir/contracts/elements.ts";
import type { HysteresisOptions } from "./hysteresis.ts";
import { type IsolationForest, scoreForest } from "./isolation-forest.ts";
import { attribute, type StageContribution } from "./stage-attribution.ts";
import { type FeatureMaker, writeFeatures } from "./stage-features.ts";
import type { StageRow, StageTag } from "./stage-history.ts";

/** Format 1 counted the hours of the day in UTC and names no zone. */
export const stageModelFormat = "weir-stage-model-2";

/** What was learned, as a plain value. Arrays inside are never changed after training. */
export interface StageModel extends FeatureMaker {
  readonly format: typeof stageModelFormat;
  readonly stage: string;
  /** Columns of every row this model is given, in this order. */
  readonly tags: readonly StageTag[];
  readonly windowMs: number;
  readonly hopMs: number;
  /** Indices of the features whose covariance is known: the residuals. */
  readonly residuals: readonly number[];
  /** Inverse of the shrunk covariance of the residuals, row-major. */
  readonly precision: readonly number[];
  readonly forest: IsolationForest;
  /** Distance at which the decision stands. */
  readonly distanceLine: number;
  /** Forest score of usual windows, and the one at which the decision stands. */
  readonly scoreUsual: number;
  readonly scoreLine: number;
  /** How many windows over the line make a decision; the caller runs it. */
  readonly hysteresis: HysteresisOptions;
  readonly trainedOn: {
    rowCount: number;
    fromMs: number;
    toMs: number;
    /** Plain words: which rows taught and which set the lines. */
    split: string;
  };
}

export interface StageScore {
  /** Isolation Forest, 0…1. */
  score: number;
  /** Mahalanobis distance of the residuals, per square root of their number: about 1 when usual. */
  distance: number;
  /** 1 = the line; what the distance says, or the forest where the distance seconds it. */
  ratio: number;
  /** Largest share first; shares sum to 1. */
  contributions: StageContribution[];
  /** Share of the own tags that had a good reading in the window. */
  coverage: number;
}

/** A window with fewer of its own tags than this share is not judged: ratio 0. */
export const coverageMin = 0.5;

/** Judges one window. Changes nothing. */
export function scoreStage(model: StageModel, row: StageRow): StageScore {
  assert(row.mean.length === model.tags.length);
  const features = new Float32Array(model.features.length);
  writeFeatures(model, row, { out: features, offset: 0 });
  const score = scoreForest(model.forest, features);
  const distance = residualDistance(model, features);
  const coverage = coverageOf(model, row);
  const ratio = coverage < coverageMin ? 0 : decisionRatio(model, { score, distance });
  return { score, distance, ratio, coverage, contributions: attribute(model, row, features) };
}

/** Only the decision ratio, for long histories: no contributions are made. */
export function stageRatio(model: StageModel, row: StageRow): number {
  const features = new Float32Array(model.features.length);
  writeFeatures(model, row, { out: features, offset: 0 });
  const distance = residualDistance(model, features);
  if (coverageOf(model, row) < coverageMin) return 0;
  return decisionRatio(model, { score: scoreForest(model.forest, features), distance });
}

function coverageOf(model: StageModel, row: StageRow): number {
  let own = 0;
  let good = 0;
  for (const [t, tag] of model.tags.entries()) {
    if (!tag.own) continue;
    own++;
    if (Number.isFinite(row.mean[t])) good++;
  }
  return own === 0 ? 0 : good / own;
}

/**
 * The forest alone does not decide: a storm changes slopes and spreads as no dry week has shown
 * them, while the relations between the tags hold. It needs two thirds of a line of distance to second it.
 */
const secondedBy = 1.5;

export function decisionRatio(
  model: Pick<StageModel, "distanceLine" | "scoreLine" | "scoreUsual">,
  { score, distance }: { score: number; distance: number },
): number {
  const byDistance = distance / model.distanceLine;
  const byForest = (score - model.scoreUsual) / (model.scoreLine - model.scoreUsual);
  return Math.max(byDistance, Math.min(byForest, secondedBy * byDistance), 0);
}

/** √(zᵀ P z / n) over the residual features. */
export function residualDistance(
  model: Pick<StageModel, "residuals" | "precision">,
  features: ArrayLike<number>,
): number {
  const { residuals, precision } = model;
  const size = residuals.length;
  const z = Float64Array.from(residuals, (feature) => numberAt(features, feature));
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const zi = f64(z, i);
    for (let j = 0; j < size; j++) sum += zi * numberAt(precision, i * size + j) * f64(z, j);
  }
  return Math.sqrt(Math.max(0, sum) / size);
}
