/** scikit-learn as the oracle: its trees, walked by our scorer, and its quality beside ours. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import { needs } from "@weir/testing/conditions.ts";
import { expect, test } from "vitest";
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
const rowCount = 1_500;

interface SklearnTree {
  left: number[];
  right: number[];
  feature: number[];
  threshold: number[];
  count: number[];
}

/** Every fiftieth row shifted by two deviations in a quarter of its features. */
function shiftedRows(seed: number, count: number): { rows: Float64Array; labels: number[] } {
  const random = seeded(seed);
  const labels = Array.from({ length: count }, (_, r) => (r % 50 === 0 ? 1 : 0));
  const rows = Float64Array.from({ length: count * width }, (_, i) => {
    const shifted = labels[Math.floor(i / width)] === 1 && i % width < 5;
    return random.gaussian() + (shifted ? 2 : 0);
  });
  return { rows, labels };
}

interface Answer {
  scores: number[];
  auc: number;
  trees: SklearnTree[];
}

/** One question for all sets: most of the time is Python's start. */
function askSklearn(seeds: number[]) {
  const sets = seeds.map((seed) => ({ seed, ...shiftedRows(seed, rowCount) }));
  const input = JSON.stringify(sets.map((set) => ({ ...set, rows: [...set.rows], width })));
  const script = fileURLToPath(new URL("../test/forest_oracle.py", import.meta.url));
  const { stdout, stderr, status } = spawnSync(sklearn.path, [script], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  expect(status, stderr).toBe(0);
  const answers = JSON.parse(stdout) as Answer[];
  return sets.map((set, i) => ({ ...set, ...elementAt(answers, i) }));
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
        pathLengths[t * (inner + 1) + slot] = level + meanPathLength(numberAt(tree.count, node));
        return;
      }
      features[t * inner + heap] = numberAt(tree.feature, node);
      thresholds[t * inner + heap] = floatBelow(numberAt(tree.threshold, node));
      visit(numberAt(tree.left, node), 2 * heap + 1, level + 1);
      visit(numberAt(tree.right, node), 2 * heap + 2, level + 1);
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
  const order = labels.map((_, i) => i).sort((a, b) => numberAt(scores, a) - numberAt(scores, b));
  let rankSum = 0;
  order.forEach((index, rank) => {
    if (labels[index] === 1) rankSum += rank + 1;
  });
  const positives = labels.filter((label) => label === 1).length;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (labels.length - positives));
}

test.runIf(sklearn.present)("its trees give its scores here, and our trees find as much", () => {
  let ours = 0;
  let theirs = 0;
  const answers = askSklearn([1, 2, 3]);
  for (const { seed, rows, labels, scores, auc, trees } of answers) {
    const adopted = adopt(trees);
    for (let r = 0; r < 300; r++) {
      const row = Float32Array.from(rows.subarray(r * width, (r + 1) * width));
      expect(Math.abs(scoreForest(adopted, row) - numberAt(scores, r))).toBeLessThan(1e-6);
    }
    const forest = trainForest(rows, rowCount, width, {}, seeded(seed));
    const batch = scoreForestBatch(forest, Float32Array.from(rows), rowCount);
    ours += areaUnderCurve(batch, labels) / answers.length;
    theirs += auc / answers.length;
  }
  expect(ours).toBeGreaterThan(theirs - 0.03);
  expect(ours).toBeGreaterThan(0.8);
});
