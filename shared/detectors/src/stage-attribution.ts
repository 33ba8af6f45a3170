/** Why a window stands out: which tags, in which way, by how much, for the operator's card. */
import { elementAt, f32, f64, numberAt } from "@weir/contracts/elements.ts";
import { forestContributions } from "./isolation-forest.ts";
import { expectedValue, targetValue } from "./stage-baseline.ts";
import { type StageFeature, trendlessSd } from "./stage-features.ts";
import type { StageRow } from "./stage-history.ts";
import type { StageModel } from "./stage-model.ts";

export interface StageContribution {
  /** Tag id as in the model's tags. */
  tag: string;
  feature: StageFeature["feature"];
  /** Of the whole, 0…1. */
  share: number;
  /** What was measured: mean in the tag's unit, standard deviation for "spread", units/s for "slope". */
  value: number;
  /** What would have been usual, same unit. */
  expected: number;
  direction: "high" | "low" | "steady" | "unsteady";
  /** Distance from usual, standard deviations. */
  deviation: number;
}

/** Contributions below this share are noise to a reader. */
const shareMin = 0.01;

export function attribute(
  model: StageModel,
  row: StageRow,
  features: Float32Array,
): StageContribution[] {
  const shares = featureShares(model, features);
  blameOddOneOut(model, row, { features, shares });
  return model.features
    .map((feature, index) =>
      describe(model, row, { feature, z: f32(features, index), share: f64(shares, index) }),
    )
    .filter((contribution) => contribution.share >= shareMin && Number.isFinite(contribution.value))
    .sort((a, b) => b.share - a.share);
}

/**
 * Share of each feature: its part of the squared distance (z_i·(Pz)_i, the negative ones nought)
 * averaged with its plain square, which correlations cannot hide, for the residuals; local DIFFI
 * of the forest for what the distance does not look at.
 */
function featureShares(model: StageModel, features: Float32Array): Float64Array {
  const shares = new Float64Array(features.length);
  const { residuals, precision } = model;
  const size = residuals.length;
  let joint = 0;
  let plain = 0;
  const parts = new Float64Array(size);
  const z = Float64Array.from(residuals, (feature) => f32(features, feature));
  for (let i = 0; i < size; i++) {
    const zi = f64(z, i);
    let sum = 0;
    for (let j = 0; j < size; j++) sum += numberAt(precision, i * size + j) * f64(z, j);
    parts[i] = Math.max(0, zi * sum);
    joint += f64(parts, i);
    plain += zi * zi;
  }
  const diffi = forestContributions(model.forest, features);
  let all = 0;
  let squares = 0;
  for (const feature of features) squares += feature ** 2;
  for (const [i, feature] of residuals.entries()) {
    const square = f64(z, i) ** 2;
    shares[feature] =
      (plain / (squares || 1)) * ((f64(parts, i) / (joint || 1) + square / (plain || 1)) / 2);
  }
  model.features.forEach((feature, f) => {
    if (feature.target < 0)
      shares[f] = (f32(features, f) ** 2 / (squares || 1)) * (0.5 + f64(diffi, f));
    all += f64(shares, f);
  });
  if (all > 0) for (let f = 0; f < shares.length; f++) shares[f] = f64(shares, f) / all;
  return shares;
}

/** A like sensor is odd when it is this many standard deviations from the others. */
const oddDeviationMin = 4;
/** … while those agree among themselves to this share of its difference. */
const agreeShareMax = 0.5;
/** Share of the others' own deviation that is the odd one's doing: the loop followed it. */
const followShare = 0.6;

/**
 * Of three or more like sensors, one disagrees and the others agree: the odd one is the suspect
 * even if it reads its usual value, for a controller that trusts it drives the process, and the
 * others with it, to where it should not be.
 */
function blameOddOneOut(
  model: StageModel,
  row: StageRow,
  { features, shares }: { features: Float32Array; shares: Float64Array },
): void {
  const likes = model.features.flatMap((feature, index) =>
    feature.feature === "like" ? [index] : [],
  );
  for (const odd of likes) {
    const target = elementAt(model.targets, elementAt(model.features, odd).target);
    const group = likes.filter((index) =>
      target.peers.includes(elementAt(model.features, index).tag),
    );
    if (group.length < 2 || Math.abs(f32(features, odd)) < oddDeviationMin) continue;
    const departure = residualOf(model, row, odd);
    const others = group.map((index) => residualOf(model, row, index));
    if (!others.every((other) => Math.abs(other) < Math.abs(departure))) continue;
    // Like sensors may stand at different levels for good: an inlet's end, an outlet's.
    const levels = target.peers
      .map((peer) => numberAt(row.mean, peer) - elementAt(model.scales, peer).centre)
      .filter(Number.isFinite);
    const disagreement = Math.max(...levels) - Math.min(...levels);
    if (disagreement > agreeShareMax * Math.abs(departure)) continue;
    for (const index of group) {
      shares[odd] = f64(shares, odd) + f64(shares, index);
      shares[index] = 0;
    }
    model.features.forEach((feature, index) => {
      if (feature.feature !== "mean" || !target.peers.includes(feature.tag)) return;
      if (Math.sign(f32(features, index)) === Math.sign(f32(features, odd))) return;
      shares[odd] = f64(shares, odd) + followShare * f64(shares, index);
      shares[index] = (1 - followShare) * f64(shares, index);
    });
  }
}

function residualOf(model: StageModel, row: StageRow, index: number): number {
  const target = elementAt(model.targets, elementAt(model.features, index).target);
  return targetValue(target, row.mean) - expectedValue(target, model, row);
}

function describe(
  model: StageModel,
  row: StageRow,
  { feature, z, share }: { feature: StageFeature; z: number; share: number },
): StageContribution {
  const tag = elementAt(model.tags, feature.tag).id;
  const base = { tag, feature: feature.feature, share, deviation: z };
  if (feature.feature === "slope") {
    const value = numberAt(row.slope, feature.tag);
    return { ...base, value, expected: feature.centre, direction: z >= 0 ? "high" : "low" };
  }
  if (feature.feature === "spread") {
    const value = trendlessSd(
      numberAt(row.sd, feature.tag),
      numberAt(row.slope, feature.tag),
      model.windowMs,
    );
    const expected = numberAt(model.usualSpreads, feature.tag);
    return { ...base, value, expected, direction: z >= 0 ? "unsteady" : "steady" };
  }
  const value = numberAt(row.mean, feature.tag);
  const target = elementAt(model.targets, feature.target);
  const residual = targetValue(target, row.mean) - expectedValue(target, model, row);
  return { ...base, value, expected: value - residual, direction: z >= 0 ? "high" : "low" };
}
