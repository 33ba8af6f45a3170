/**
 * Isolation Forest: points that random cuts isolate early are unlike the rest.
 *
 * Trees are complete binary heaps of depth ⌈log2 ψ⌉ in flat arrays: node i goes on to
 * 2i + 1 + (x[feature[i]] > threshold[i]); a branch that ended early is padded with thresholds of
 * +∞, so scoring has no data-dependent branch. Everything is float32, features included, so that
 * the ONNX export decides every cut the same way.
 *
 * @see Liu, Ting, Zhou, "Isolation Forest", ICDM 2008: ψ = 256, t = 100, s = 2^(−E(h)/c(ψ)).
 */

import { strict as assert } from "node:assert";
import { f32, f64, u16, u32 } from "@weir/contracts/elements.ts";
import type { RandomSource } from "./random-source.ts";

export const forestDefaults = { treeCount: 100, sampleCount: 256 } as const;

/** Deepest tree that can be kept: 2^12 rows a tree. */
export const forestDepthMax = 12;
export const forestTreeCountMax = 1_000;
export const forestFeatureCountMax = 512;

export interface IsolationForest {
  readonly kind: "isolation-forest";
  readonly version: 1;
  readonly featureCount: number;
  readonly treeCount: number;
  /** ψ: rows that each tree was grown from. */
  readonly sampleCount: number;
  /** Edges from the root to the deepest leaf. */
  readonly depth: number;
  /** Cut feature of every inner node, `treeCount` × (2^depth − 1). */
  readonly features: Uint16Array;
  /** Cut value of every inner node; +∞ where the branch has already ended. */
  readonly thresholds: Float32Array;
  /** Path length depth + c(n) of every leaf, `treeCount` × 2^depth. */
  readonly pathLengths: Float32Array;
}

const eulerGamma = 0.5772156649015329;

/** c(n): mean path length of an unsuccessful search in a binary search tree of n rows (Liu 2008, eq. 1). */
export function meanPathLength(count: number): number {
  if (count <= 1) return 0;
  if (count === 2) return 1;
  return 2 * (Math.log(count - 1) + eulerGamma) - (2 * (count - 1)) / count;
}

interface Growth {
  /** Sampled rows, row-major float32. */
  rows: Float32Array;
  featureCount: number;
  depth: number;
  random: RandomSource;
  features: Uint16Array;
  thresholds: Float32Array;
  pathLengths: Float32Array;
  /** Feature numbers in random order; constant ones of a node are passed over. */
  order: Uint16Array;
}

/**
 * Grows `treeCount` trees on `rowCount` rows of `featureCount` values, row-major. Values are
 * rounded to float32; they must be finite.
 */
export function trainForest(
  rows: Float64Array,
  rowCount: number,
  featureCount: number,
  options: { treeCount?: number; sampleCount?: number },
  random: RandomSource,
): IsolationForest {
  const treeCount = options.treeCount ?? forestDefaults.treeCount;
  const sampleCount = Math.min(options.sampleCount ?? forestDefaults.sampleCount, rowCount);
  assert(rowCount >= 2 && rows.length >= rowCount * featureCount);
  assert(featureCount >= 1 && featureCount <= forestFeatureCountMax);
  assert(treeCount >= 1 && treeCount <= forestTreeCountMax && sampleCount >= 2);
  const depth = Math.max(1, Math.ceil(Math.log2(sampleCount)));
  assert(depth <= forestDepthMax);
  const inner = 2 ** depth - 1;
  const features = new Uint16Array(treeCount * inner);
  const thresholds = new Float32Array(treeCount * inner).fill(Number.POSITIVE_INFINITY);
  const pathLengths = new Float32Array(treeCount * (inner + 1));
  const sample = new Float32Array(sampleCount * featureCount);
  const picked = Uint32Array.from({ length: rowCount }, (_, i) => i);
  const indices = new Uint32Array(sampleCount);
  const order = Uint16Array.from({ length: featureCount }, (_, i) => i);
  for (let tree = 0; tree < treeCount; tree++) {
    // Fisher–Yates as far as needed: ψ rows without replacement.
    for (let i = 0; i < sampleCount; i++) {
      const j = i + random.integer(rowCount - i);
      const row = u32(picked, j);
      picked[j] = u32(picked, i);
      picked[i] = row;
      indices[i] = i;
      for (let f = 0; f < featureCount; f++) {
        sample[i * featureCount + f] = f64(rows, row * featureCount + f);
      }
    }
    grow(
      {
        rows: sample,
        featureCount,
        depth,
        random,
        features: features.subarray(tree * inner, (tree + 1) * inner),
        thresholds: thresholds.subarray(tree * inner, (tree + 1) * inner),
        pathLengths: pathLengths.subarray(tree * (inner + 1), (tree + 1) * (inner + 1)),
        order,
      },
      indices,
      { node: 0, level: 0 },
    );
  }
  return {
    kind: "isolation-forest",
    version: 1,
    featureCount,
    treeCount,
    sampleCount,
    depth,
    features,
    thresholds,
    pathLengths,
  };
}

/** Cuts the rows named by `indices` at heap place `at`, then both sides. */
function grow(growth: Growth, indices: Uint32Array, at: { node: number; level: number }): void {
  const { node, level } = at;
  const { depth, rows, featureCount } = growth;
  const cut = level < depth && indices.length > 1 ? chooseCut(growth, indices) : undefined;
  if (cut === undefined) {
    // The padding sends every row left, so the leftmost leaf below stands for this node.
    const leaf = (node + 1) * 2 ** (depth - level) - 2 ** depth;
    growth.pathLengths[leaf] = level + meanPathLength(indices.length);
    return;
  }
  growth.features[node] = cut.feature;
  growth.thresholds[node] = cut.threshold;
  const threshold = f32(growth.thresholds, node);
  let left = 0;
  for (let i = 0; i < indices.length; i++) {
    const row = u32(indices, i);
    if (f32(rows, row * featureCount + cut.feature) <= threshold) {
      indices[i] = u32(indices, left);
      indices[left++] = row;
    }
  }
  grow(growth, indices.subarray(0, left), { node: 2 * node + 1, level: level + 1 });
  grow(growth, indices.subarray(left), { node: 2 * node + 2, level: level + 1 });
}

/** A uniform cut between min and max of a random feature that differs in these rows; none if all agree. */
function chooseCut(
  { rows, featureCount, order, random }: Growth,
  indices: Uint32Array,
): { feature: number; threshold: number } | undefined {
  for (let tried = 0; tried < featureCount; tried++) {
    const pick = tried + random.integer(featureCount - tried);
    const feature = u16(order, pick);
    order[pick] = u16(order, tried);
    order[tried] = feature;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < indices.length; i++) {
      const value = f32(rows, u32(indices, i) * featureCount + feature);
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (!(max > min)) continue;
    let threshold = Math.fround(min + random.uniform() * (max - min));
    // Rounding may reach the maximum, and a cut that leaves one side empty is none.
    if (threshold >= max) threshold = min;
    return { feature, threshold };
  }
  return undefined;
}

/** Score in (0, 1] of one row of float32 values: above 0.5 unlike, towards 0 alike. */
export function scoreForest(forest: IsolationForest, row: Float32Array): number {
  assert(row.length === forest.featureCount);
  return 2 ** (-totalPathLength(forest, row, 0) / normaliser(forest));
}

const normaliser = (forest: IsolationForest): number =>
  forest.treeCount * Math.max(meanPathLength(forest.sampleCount), Number.MIN_VALUE);

function totalPathLength(forest: IsolationForest, rows: Float32Array, offset: number): number {
  const { features, thresholds, pathLengths, depth, treeCount } = forest;
  const inner = 2 ** depth - 1;
  let total = 0;
  for (let tree = 0; tree < treeCount; tree++) {
    const base = tree * inner;
    let node = 0;
    for (let level = 0; level < depth; level++) {
      const at = base + node;
      node = 2 * node + 1 + Number(f32(rows, offset + u16(features, at)) > f32(thresholds, at));
    }
    // node − inner is the leaf; leaves of tree k start at k·(inner + 1) = base + k.
    total += f32(pathLengths, base + tree + node - inner);
  }
  return total;
}

/** Rows scored together: they stay in the first-level cache while all trees pass over them. */
const blockRowCount = 256;

/** Scores of `rowCount` rows, row-major float32. */
export function scoreForestBatch(
  forest: IsolationForest,
  rows: Float32Array,
  rowCount: number,
): Float64Array {
  const width = forest.featureCount;
  assert(rows.length >= rowCount * width);
  const scores = new Float64Array(rowCount);
  const scale = -1 / normaliser(forest);
  const whole = rowCount - (rowCount % 4);
  for (let first = 0; first < whole; first += blockRowCount) {
    addPathLengths(forest, rows, { scores, first, end: Math.min(whole, first + blockRowCount) });
  }
  for (let r = 0; r < whole; r++) scores[r] = 2 ** (f64(scores, r) * scale);
  for (let r = whole; r < rowCount; r++) {
    scores[r] = 2 ** (totalPathLength(forest, rows, r * width) * scale);
  }
  return scores;
}

/**
 * Adds every tree's path length to the scores of a block; four rows walk together to hide latency.
 * Number(…) of a comparison compiles to no branch, where `? 1 : 0` does and is guessed wrong half the time.
 */
function addPathLengths(
  forest: IsolationForest,
  rows: Float32Array,
  block: { scores: Float64Array; first: number; end: number },
): void {
  const { features, thresholds, pathLengths, depth, treeCount, featureCount: width } = forest;
  const { scores, first, end } = block;
  const inner = 2 ** depth - 1;
  for (let tree = 0; tree < treeCount; tree++) {
    const base = tree * inner;
    const leaves = base + tree - inner;
    for (let r = first; r < end; r += 4) {
      const o0 = r * width;
      const o1 = o0 + width;
      const o2 = o1 + width;
      const o3 = o2 + width;
      let n0 = 0;
      let n1 = 0;
      let n2 = 0;
      let n3 = 0;
      for (let level = 0; level < depth; level++) {
        const a0 = base + n0;
        const a1 = base + n1;
        const a2 = base + n2;
        const a3 = base + n3;
        n0 = 2 * n0 + 1 + Number(f32(rows, o0 + u16(features, a0)) > f32(thresholds, a0));
        n1 = 2 * n1 + 1 + Number(f32(rows, o1 + u16(features, a1)) > f32(thresholds, a1));
        n2 = 2 * n2 + 1 + Number(f32(rows, o2 + u16(features, a2)) > f32(thresholds, a2));
        n3 = 2 * n3 + 1 + Number(f32(rows, o3 + u16(features, a3)) > f32(thresholds, a3));
      }
      scores[r] = f64(scores, r) + f32(pathLengths, leaves + n0);
      scores[r + 1] = f64(scores, r + 1) + f32(pathLengths, leaves + n1);
      scores[r + 2] = f64(scores, r + 2) + f32(pathLengths, leaves + n2);
      scores[r + 3] = f64(scores, r + 3) + f32(pathLengths, leaves + n3);
    }
  }
}

/**
 * How much each feature had to do with isolating `row`, shares summing to 1 (all 0 when no cut
 * isolated it early). Local DIFFI: every cut on a path earns 1/(its length) − 1/(greatest depth).
 *
 * @see Carletti, Terzi, Susto, "Interpretable Anomaly Detection with DIFFI", 2020.
 */
export function forestContributions(forest: IsolationForest, row: Float32Array): Float64Array {
  const { features, thresholds, depth, treeCount, featureCount } = forest;
  const inner = 2 ** depth - 1;
  const earned = new Float64Array(featureCount);
  const seen = new Float64Array(featureCount);
  const path = new Uint16Array(depth);
  for (let tree = 0; tree < treeCount; tree++) {
    const base = tree * inner;
    let node = 0;
    let length = 0;
    for (let level = 0; level < depth; level++) {
      const feature = u16(features, base + node);
      const threshold = f32(thresholds, base + node);
      if (threshold === Number.POSITIVE_INFINITY) break;
      path[length++] = feature;
      node = 2 * node + 1 + (f32(row, feature) > threshold ? 1 : 0);
    }
    const weight = length > 0 ? 1 / length - 1 / depth : 0;
    for (let i = 0; i < length; i++) {
      const feature = u16(path, i);
      earned[feature] = f64(earned, feature) + weight;
      seen[feature] = f64(seen, feature) + 1;
    }
  }
  let total = 0;
  for (let f = 0; f < featureCount; f++) {
    if (f64(seen, f) > 0) earned[f] = f64(earned, f) / f64(seen, f);
    total += f64(earned, f);
  }
  if (total > 0) for (let f = 0; f < featureCount; f++) earned[f] = f64(earned, f) / total;
  return earned;
}
