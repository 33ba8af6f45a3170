/** Learning a stage model from the site's own history. */

import { strict as assert } from "node:assert";
import { elementAt, f64, numberAt } from "@weir/contracts/elements.ts";
import { cholesky, invertCholesky } from "./cholesky.ts";
import { type HysteresisOptions, sustainedLevel } from "./hysteresis.ts";
import { scoreForestBatch, trainForest } from "./isolation-forest.ts";
import { ledoitWolf } from "./ledoit-wolf.ts";
import { median, quantileSorted, sortedFinite } from "./quantile.ts";
import type { RandomSource } from "./random-source.ts";
import { type BaselineTarget, fitTarget, inputScales, planTargets } from "./stage-baseline.ts";
import {
  type FeatureMaker,
  rawFeature,
  type StageFeature,
  tailSd,
  usualSpread,
  writeFeatures,
} from "./stage-features.ts";
import {
  readRow,
  rowBuffer,
  type StageHistory,
  stageHopMs,
  stageWindowMs,
} from "./stage-history.ts";
import { residualDistance, type StageModel, stageModelFormat } from "./stage-model.ts";

export interface StageTrainingOptions {
  stage: string;
  /** IANA zone of the site: its clock, summer and winter, is what a day's habits go by. */
  zone: string;
  /** Hourly rows of the same tags over a longer time: they teach the baseline rain and weekends. */
  hours?: StageHistory | undefined;
  treeCount?: number;
  hysteresis?: HysteresisOptions;
}

/** Ten of fifteen minutes: a probe's cleaning burst or a calibration visit passes below it. */
export const stageHysteresis: HysteresisOptions = { length: 15, onCount: 10, offCount: 3 };

/** Contiguous blocks of the history; each is judged by a baseline that has not seen it. */
const foldCount = 5;
/** Overlapping windows say the same thing: one in five teaches. */
const thinning = 5;
/** Fewest windows from which a model is made: half a day of minutes. */
export const stageRowCountMin = 720;

/** The lines stand this far above the highest level that held-out good data kept up. */
const distanceMargin = 1.5;
const scoreMargin = 1.8;
/** Below this distance the tags are, on the whole, within their tolerances, however still the history was. */
const distanceLineMin = 1.6;
/**
 * Residuals smaller than this share of a tag's level are within what its instrument promises, where
 * nobody has said better: a level means little where a unit's zero is arbitrary, as with °C or pH.
 */
const toleranceShare = 0.01;
/** Added to every variance, in standardised units: bounds what correlations can magnify. */
const narrowest = 0.1;
/** Residuals are held within this while their covariance is taken: one burst must not own it. */
const covarianceMax = 4;

/**
 * Learns from `history` (windows of good data, one a minute, at least {@link stageRowCountMin}).
 * A few seconds for a large stage. Shapes: see {@link StageHistory}.
 */
export function trainStageModel(
  history: StageHistory,
  options: StageTrainingOptions,
  random: RandomSource,
): StageModel {
  assert(history.rowCount >= stageRowCountMin, "too few windows to learn from");
  assert(
    history.tags.some((tag) => tag.own),
    "a stage has tags of its own",
  );
  const teaching = teachingRows(history, options.hours);
  const folded = foldTargets(history, teaching, options.zone);
  const features = planFeatures(history, folded);
  const maker = { ...folded.maker, features };
  const heldOut = heldOutFeatures(maker, folded);
  const residuals = features.flatMap((feature, f) => (feature.target >= 0 ? [f] : []));
  const precision = precisionOf(heldOut.all, { width: features.length, residuals });
  const rows = withBorrowedWindows(heldOut, { features, random });
  const forest = trainForest(
    rows,
    rows.length / features.length,
    features.length,
    options.treeCount === undefined ? {} : { treeCount: options.treeCount },
    random,
  );
  const hysteresis = options.hysteresis ?? stageHysteresis;
  const lines = setLines({ forest, residuals, precision, hysteresis, heldOut });
  const span = teaching.history.atMs;
  return {
    format: stageModelFormat,
    stage: options.stage,
    tags: history.tags.map(({ id, kind, stage, own }) => ({ id, kind, stage, own })),
    windowMs: stageWindowMs,
    hopMs: stageHopMs,
    ...maker,
    residuals,
    precision,
    forest,
    hysteresis,
    ...lines,
    trainedOn: {
      rowCount: history.rowCount + (options.hours?.rowCount ?? 0),
      fromMs: f64(span, 0),
      toMs: f64(span, span.length - 1),
      split: `baseline: all rows; scales, covariance and lines: ${foldCount} contiguous blocks, each judged by a baseline fitted on the others`,
    },
  };
}

/** Rows that fit the baseline, in order of time, and where each came from. */
interface Teaching {
  history: StageHistory;
  hourly: Uint8Array;
}

function teachingRows(history: StageHistory, hours: StageHistory | undefined): Teaching {
  assert(hours === undefined || hours.tags.length === history.tags.length);
  const picks: { from: StageHistory; row: number; hourly: number }[] = [];
  for (let row = 0; row < history.rowCount; row += thinning)
    picks.push({ from: history, row, hourly: 0 });
  if (hours) {
    for (let row = 0; row < hours.rowCount; row++) picks.push({ from: hours, row, hourly: 1 });
  }
  picks.sort((a, b) => f64(a.from.atMs, a.row) - f64(b.from.atMs, b.row));
  const column = (of: "mean" | "sd" | "slope", tag: number): Float64Array =>
    Float64Array.from(picks, ({ from, row }) => f64(elementAt(from[of], tag), row));
  return {
    history: {
      tags: history.tags,
      rowCount: picks.length,
      atMs: Float64Array.from(picks, ({ from, row }) => f64(from.atMs, row)),
      mean: history.tags.map((_, tag) => column("mean", tag)),
      sd: history.tags.map((_, tag) => column("sd", tag)),
      slope: history.tags.map((_, tag) => column("slope", tag)),
    },
    hourly: Uint8Array.from(picks, ({ hourly }) => hourly),
  };
}

interface Folded {
  /** Without features yet; its targets are fitted on everything. */
  maker: FeatureMaker;
  teaching: Teaching;
  minutes: StageHistory;
  /** By fold: the targets fitted without it. */
  without: BaselineTarget[][];
  foldAt(atMs: number): number;
}

function foldTargets(minutes: StageHistory, teaching: Teaching, zone: string): Folded {
  const { history } = teaching;
  const scales = inputScales(history);
  const plans = planTargets(history);
  const borders = Float64Array.from({ length: foldCount - 1 }, (_, k) =>
    f64(history.atMs, Math.floor(((k + 1) * history.rowCount) / foldCount)),
  );
  const foldAt = (atMs: number): number =>
    borders.reduce((fold, at) => (atMs >= at ? fold + 1 : fold), 0);
  const folds = Array.from(history.atMs, foldAt);
  const fitAll = (use: Uint8Array): BaselineTarget[] =>
    plans.map((plan) => fitTarget(plan, { history, scales, zone, use }));
  const without = Array.from({ length: foldCount }, (_, fold) =>
    fitAll(Uint8Array.from(folds, (of) => (of === fold ? 0 : 1))),
  );
  const targets = fitAll(new Uint8Array(history.rowCount).fill(1));
  const usualSpreads = minutes.tags.map((_, tag) => usualSpread(minutes, tag));
  return {
    maker: { zone, scales, targets, features: [], usualSpreads },
    teaching,
    minutes,
    without,
    foldAt,
  };
}

/** Centre and scale of every feature: residuals from rows held out of their baseline, the rest from the minutes. */
function planFeatures(minutes: StageHistory, folded: Folded): StageFeature[] {
  const { maker, teaching, without, foldAt } = folded;
  const features: StageFeature[] = [];
  const buffer = rowBuffer(minutes.tags.length);
  maker.targets.forEach((target, index) => {
    const plain = { feature: target.feature, tag: target.tag, centre: 0, sd: 1, target: index };
    const byFold = without.map((targets) => ({ ...maker, targets }));
    const residuals = teaching.history.atMs.map((atMs, row) =>
      rawFeature(elementAt(byFold, foldAt(atMs)), plain, readRow(teaching.history, row, buffer)),
    );
    // A minute's window may hold a probe's cleaning; an hour with such a residual was weather.
    const weather = upperEnd(residuals.filter((_, row) => teaching.hourly[row] === 1)) / 3.5;
    const level = Math.abs(elementAt(maker.scales, target.tag).centre);
    const tolerance = elementAt(minutes.tags, target.tag).tolerance ?? toleranceShare * level;
    features.push({ ...plain, sd: Math.max(tailSd(residuals, 0), weather, tolerance, 1e-6) });
  });
  minutes.tags.forEach((tag, index) => {
    if (!tag.own) return;
    for (const feature of ["spread", "slope"] as const) {
      const plain = { feature, tag: index, centre: 0, sd: 1, target: -1 };
      const values = Float64Array.from({ length: minutes.rowCount }, (_, row) =>
        rawFeature(maker, plain, readRow(minutes, row, buffer)),
      );
      const centre = median(values) || 0;
      const floor =
        feature === "spread"
          ? 0.1
          : Math.max(1e-4 * numberAt(maker.usualSpreads, index), steepestHour(teaching, index) / 4);
      features.push({ ...plain, centre, sd: Math.max(tailSd(values, centre), floor) });
    }
  });
  return features;
}

/** 99th percentile of the sizes; 0 when there are none. */
function upperEnd(values: Float64Array): number {
  const sorted = sortedFinite(values.map(Math.abs));
  return sorted.length === 0 ? 0 : quantileSorted(sorted, 0.99);
}

/** Steepest hourly rise or fall of a tag, units per second: what storms do. */
function steepestHour({ history, hourly }: Teaching, tag: number): number {
  let steepest = 0;
  elementAt(history.slope, tag).forEach((slope, row) => {
    if (hourly[row] === 1 && Math.abs(slope) > steepest) steepest = Math.abs(slope);
  });
  return steepest;
}

interface HeldOut {
  /** Row-major feature rows of the teaching history. */
  all: Float64Array;
  hourly: Uint8Array;
  /** Every window of the minutes, in order. */
  minutes: Float64Array;
}

function heldOutFeatures(maker: FeatureMaker, folded: Folded): HeldOut {
  const byFold = folded.without.map((targets) => ({ ...maker, targets }));
  const rowsOf = (history: StageHistory): Float64Array => {
    const out = new Float64Array(history.rowCount * maker.features.length);
    const buffer = rowBuffer(history.tags.length);
    for (let row = 0; row < history.rowCount; row++) {
      const fold = elementAt(byFold, folded.foldAt(f64(history.atMs, row)));
      writeFeatures(fold, readRow(history, row, buffer), {
        out,
        offset: row * maker.features.length,
      });
    }
    return out;
  };
  return {
    all: rowsOf(folded.teaching.history),
    hourly: folded.teaching.hourly,
    minutes: rowsOf(folded.minutes),
  };
}

function precisionOf(
  rows: Float64Array,
  { width, residuals }: { width: number; residuals: readonly number[] },
): number[] {
  const rowCount = rows.length / width;
  const size = residuals.length;
  const z = new Float64Array(rowCount * size);
  for (let r = 0; r < rowCount; r++) {
    for (let i = 0; i < size; i++) {
      const value = f64(rows, r * width + numberAt(residuals, i));
      z[r * size + i] = Math.min(covarianceMax, Math.max(-covarianceMax, value));
    }
  }
  const { covariance } = ledoitWolf(z, rowCount, size);
  // A deviation within a tag's tolerance must not be made much of because the history happened to
  // hold it tighter: every variance is at least 1, and no direction is much narrower than that.
  for (let i = 0; i < size; i++) {
    const variance = f64(covariance, i * size + i);
    covariance[i * size + i] = Math.max(variance, 1) + narrowest;
  }
  const lower = cholesky(covariance, size);
  assert(lower !== undefined, "a shrunk covariance is positive definite");
  return Array.from(invertCholesky(lower, size));
}

/** Hourly rows have no five-minute spread, and only the calm part of its slope: they borrow from a random minute. */
function withBorrowedWindows(
  heldOut: HeldOut,
  { features, random }: { features: readonly StageFeature[]; random: RandomSource },
): Float64Array {
  const width = features.length;
  const rows = heldOut.all.slice();
  const minuteCount = heldOut.minutes.length / width;
  heldOut.hourly.forEach((hourly, r) => {
    if (hourly === 0) return;
    const lender = random.integer(minuteCount);
    features.forEach((feature, f) => {
      if (feature.target >= 0) return;
      const borrowed = f64(heldOut.minutes, lender * width + f);
      const own = feature.feature === "slope" ? f64(rows, r * width + f) : 0;
      rows[r * width + f] = borrowed + own;
    });
  });
  return rows;
}

function setLines({
  forest,
  residuals,
  precision,
  hysteresis,
  heldOut,
}: Pick<StageModel, "forest" | "residuals" | "precision" | "hysteresis"> & {
  heldOut: HeldOut;
}): Pick<StageModel, "distanceLine" | "scoreLine" | "scoreUsual"> {
  const width = forest.featureCount;
  const distances = (rows: Float64Array): Float64Array =>
    Float64Array.from({ length: rows.length / width }, (_, r) =>
      residualDistance({ residuals, precision }, rows.subarray(r * width, (r + 1) * width)),
    );
  const minutes = sustainedLevel(distances(heldOut.minutes), hysteresis);
  const hours = distances(heldOut.all).filter((_, r) => heldOut.hourly[r] === 1);
  const highest = Math.max(...minutes, ...hours);
  const scores = scoreForestBatch(
    forest,
    Float32Array.from(heldOut.minutes),
    heldOut.minutes.length / width,
  );
  const scoreUsual = quantileSorted(sortedFinite(scores), 0.5);
  const scoreHigh = Math.max(...sustainedLevel(scores, hysteresis));
  return {
    distanceLine: Math.max(distanceLineMin, distanceMargin * highest),
    scoreUsual,
    scoreLine: Math.min(
      0.98,
      Math.max(scoreUsual + 0.1, scoreUsual + scoreMargin * (scoreHigh - scoreUsual)),
    ),
  };
}
