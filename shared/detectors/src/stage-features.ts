/** The feature vector of one window: what the forest and the distance look at. */
import { elementAt, f64, numberAt } from "@weir/contracts/elements.ts";
import { quantileSorted, sortedFinite } from "./quantile.ts";
import {
  type BaselineTarget,
  expectedValue,
  type InputScale,
  targetValue,
} from "./stage-baseline.ts";
import { type StageHistory, type StageRow, stageWindowMs } from "./stage-history.ts";

/** Features are held within ± this many standard deviations. */
export const featureMax = 30;

export interface StageFeature {
  /**
   * "mean": against what the other kinds call for; "like": against its like sensors;
   * "spread": logarithm of the standard deviation about the window's own trend; "slope": rate of
   * change.
   */
  feature: "mean" | "like" | "spread" | "slope";
  tag: number;
  /** Subtracted before dividing by `sd`. For mean and like 0: the regression has an intercept. */
  centre: number;
  sd: number;
  /** Index in the model's targets; −1 for spread and slope. */
  target: number;
}

/** Smallest standard deviation in a logarithm, as a share of the usual one: keeps a stuck tag finite. */
const spreadFloorShare = 0.05;

/** What is left of a window's standard deviation when its straight trend is taken out. */
export function trendlessSd(sd: number, slope: number, windowMs: number): number {
  // A line of slope a over a time T has the variance (a·T)²/12.
  const trend = (slope * windowMs) / 1_000;
  return Math.sqrt(Math.max(0, sd * sd - (trend * trend) / 12));
}

/** Usual spread of a tag: median of the windows' standard deviation about their trend, never 0. */
export function usualSpread(history: StageHistory, tag: number): number {
  const sorted = sortedFinite(
    elementAt(history.sd, tag).map((sd, row) =>
      trendlessSd(sd, f64(elementAt(history.slope, tag), row), stageWindowMs),
    ),
  );
  const usual = sorted.length === 0 ? 0 : quantileSorted(sorted, 0.5);
  const upper = sorted.length === 0 ? 0 : quantileSorted(sorted, 0.9);
  return Math.max(usual, upper / 10, 1e-6);
}

/** ln of the window's spread, floored relative to the usual one. */
const logSpread = (sd: number, usual: number): number =>
  Math.log(Math.max(sd, 0) + spreadFloorShare * usual);

/** 95 % of the values lie within ±1.96 sd of a normal: less blind to tails than the MAD, still robust. */
export function tailSd(values: Float64Array, centre: number): number {
  const sorted = sortedFinite(values.map((value) => Math.abs(value - centre)));
  return sorted.length === 0 ? 0 : quantileSorted(sorted, 0.95) / 1.96;
}

/** The part of a model that makes features. */
export interface FeatureMaker {
  /** IANA zone whose clock tells the hour of the day; "UTC" in models older than this field. */
  zone: string;
  scales: readonly InputScale[];
  targets: readonly BaselineTarget[];
  features: readonly StageFeature[];
  /** By tag. */
  usualSpreads: readonly number[];
}

/** Writes the features of `row` at `offset`; a missing value becomes 0, the neutral one. */
export function writeFeatures(
  maker: FeatureMaker,
  row: StageRow,
  { out, offset }: { out: Float32Array | Float64Array; offset: number },
): void {
  for (let f = 0; f < maker.features.length; f++) {
    const feature = elementAt(maker.features, f);
    const z = (rawFeature(maker, feature, row) - feature.centre) / feature.sd;
    out[offset + f] = Number.isFinite(z) ? Math.min(featureMax, Math.max(-featureMax, z)) : 0;
  }
}

/** A feature before standardising; NaN when the window had no good reading. */
export function rawFeature(maker: FeatureMaker, feature: StageFeature, row: StageRow): number {
  const { tag } = feature;
  if (feature.feature === "slope") return numberAt(row.slope, tag);
  if (feature.feature === "spread") {
    const spread = trendlessSd(numberAt(row.sd, tag), numberAt(row.slope, tag), stageWindowMs);
    return logSpread(spread, numberAt(maker.usualSpreads, tag));
  }
  const target = elementAt(maker.targets, feature.target);
  return targetValue(target, row.mean) - expectedValue(target, maker, row);
}
