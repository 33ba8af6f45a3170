/** scikit-learn as the oracle: its trees, walked by our scorer, and its quality beside ours. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { needs } from "@weir/testing/conditions.ts";
import { describe, expect, test } from "vitest";
import { seeded } from "../test/seeded.ts";
import {
  type IsolationForest,
  meanPathLength,
  scoreForest,
  scoreForestBatch,
  trainForest,
} from "./isolation-forest.ts";

const sklearn = needs("sklearn");
const width = 20;

interface SklearnTree {
  left: number[];
  right: number[];
  feature: number[];
  threshold: number[];
  count: number[];
}

/** Every fiftieth row shifted by two deviations in a quarter of its features. */
function shiftedRows(seed: number, rowCount: number): { rows: Float64Array; labels: number[] } {
  const random = seeded(seed);
  const labels = Array.from({ length: rowCount }, (_, r) => (r % 50 === 0 ? 1 : 0));
  const rows = Float64Array.from({ length: rowCount * width }, (_, i) => {
    const shifted = labels[Math.floor(i / width)] === 1 && i % width < 5;
    return random.gaussian() + (shifted ? 2 : 0);
  });
  return { rows, labels };
}

function askSklearn(seed: number) {
  const { rows, labels } = shiftedRows(seed, 2_000);
  const input = JSON.stringify({ train: [...rows], test: [...rows], labels, width, seed });
  const script = fileURLToPath(new URL("../test/forest_oracle.py", import.meta.url));
  const { stdout, stderr, status } = spawnSync(sklearn.path, [script], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  expect(status, stderr).toBe(0);
  const answer = JSON.parse(stdout) as { scores: number[]; auc: number; trees: SklearnTree[] };
  return { rows, labels, ...answer };
}

/** Their trees in our heaps. A threshold is rounded down: x ≤ t then holds for the same float32 x. */
function adopt(trees: SklearnTree[]): IsolationForest {
  const depth = 8;
  const inner = 2 ** depth - 1;
  const features = new Uint16Array(trees.length * inner);
  const thresholds = new Float32Array(trees.length * inner).fill(Infinity);
  const pathLengths = new Float32Array(trees.length * (inner + 1));
  trees.forEach((tree, t) => {
    const visit = (node: number, heap: number, level: number): void => {
      if (tree.left[node] === -1) {
        const slot = (heap + 1) * 2 ** (depth - level) - 2 ** depth;
        pathLengths[t * (inner + 1) + slot] = level + meanPathLength(tree.count[node]!);
        return;
      }
      features[t * inner + heap] = tree.feature[node]!;
      thresholds[t * inner + heap] = floatBelow(tree.threshold[node]!);
      visit(tree.left[node]!, 2 * heap + 1, level + 1);
      visit(tree.right[node]!, 2 * heap + 2, level + 1);
    };
    visit(0, 0, 0);
  });
  const shape = { featureCount: width, treeCount: trees.length, sampleCount: 256, depth };
  return { kind: "isolation-forest", version: 1, ...shape, features, thresholds, pathLengths };
}

function floatBelow(value: number): number {
  const rounded = Math.fround(value);
  if (rounded <= value) return rounded;
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, rounded);
  bits.setInt32(0, bits.getInt32(0) + (rounded > 0 ? -1 : 1));
  return bits.getFloat32(0);
}

function areaUnderCurve(scores: ArrayLike<number>, labels: number[]): number {
  const order = labels.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let rankSum = 0;
  order.forEach((index, rank) => {
    if (labels[index] === 1) rankSum += rank + 1;
  });
  const positives = labels.filter((label) => label === 1).length;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (labels.length - positives));
}

describe.runIf(sklearn.present)("beside scikit-learn", () => {
  test("its trees walked by our scorer give its scores", () => {
    const { rows, scores, trees } = askSklearn(1);
    const forest = adopt(trees);
    const row = (r: number) => Float32Array.from(rows.subarray(r * width, (r + 1) * width));
    for (let r = 0; r < 500; r++)
      expect(Math.abs(scoreForest(forest, row(r)) - scores[r]!)).toBeLessThan(1e-6);
  });

  test("our forest finds as much as its: area under the curve over three seeds", () => {
    let ours = 0;
    let theirs = 0;
    for (const seed of [1, 2, 3]) {
      const { rows, labels, auc } = askSklearn(seed);
      const forest = trainForest(rows, 2_000, width, {}, seeded(seed));
      ours += areaUnderCurve(scoreForestBatch(forest, Float32Array.from(rows), 2_000), labels) / 3;
      theirs += auc / 3;
    }
    expect(ours).toBeGreaterThan(theirs - 0.03);
    expect(ours).toBeGreaterThan(0.8);
  });
});
