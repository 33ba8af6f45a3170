import { f32 } from "@weir/contracts/elements.ts";
import { describe, expect, test } from "vitest";
import { seeded } from "../test/seeded.ts";
import {
  forestContributions,
  type IsolationForest,
  meanPathLength,
  scoreForest,
  scoreForestBatch,
  trainForest,
} from "./isolation-forest.ts";

function cloud(seed: number, rowCount: number, featureCount: number): Float64Array {
  const random = seeded(seed);
  return Float64Array.from({ length: rowCount * featureCount }, () => random.gaussian());
}

const forest = trainForest(cloud(1, 2_000, 5), 2_000, 5, {}, seeded(2));

describe("an isolation forest", () => {
  test("c(n) is the published one", () => {
    // Liu, Ting, Zhou 2008, eq. 1, and scikit-learn's _average_path_length.
    expect([0, 1, 2].map(meanPathLength)).toEqual([0, 0, 1]);
    expect(meanPathLength(5)).toBeCloseTo(2.327020052042847, 12);
    expect(meanPathLength(256)).toBeCloseTo(10.24477092012, 9);
  });

  test("finds what lies apart and leaves the middle alone", () => {
    const middle = scoreForest(forest, Float32Array.of(0, 0, 0, 0, 0));
    const apart = scoreForest(forest, Float32Array.of(4, -4, 4, 4, -4));
    expect(middle).toBeLessThan(0.45);
    expect(apart).toBeGreaterThan(0.65);
  });

  test("names the feature that sets a row apart", () => {
    const shares = forestContributions(forest, Float32Array.of(0, 0, 9, 0, 0));
    expect(shares.indexOf(Math.max(...shares))).toBe(2);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  test("a batch scores as its rows do, whatever its length", () => {
    const rows = Float32Array.from(cloud(3, 11, 5));
    for (let count = 0; count <= 11; count++) {
      const scores = scoreForestBatch(forest, rows, count);
      for (let r = 0; r < count; r++) {
        expect(scores[r]).toBeCloseTo(scoreForest(forest, rows.subarray(5 * r, 5 * r + 5)), 12);
      }
    }
  });

  test("every path length is depth + c(rows in the leaf): the sample's mean path is near c(ψ)", () => {
    for (let tree = 0; tree < 5; tree++) {
      let rows = 0;
      for (const { level, count } of leavesOf(forest, tree)) {
        expect(level).toBeLessThanOrEqual(8);
        rows += count;
      }
      expect(rows).toBe(forest.sampleCount);
    }
  });

  test("the same chance grows the same forest, other chance another", () => {
    const rows = cloud(4, 300, 3);
    const grow = (seed: number) => trainForest(rows, 300, 3, { treeCount: 10 }, seeded(seed));
    expect(grow(7)).toEqual(grow(7));
    expect(grow(8).thresholds).not.toEqual(grow(7).thresholds);
  });

  test("rows that never differ are one leaf a tree, and score as usual", () => {
    const flat = trainForest(new Float64Array(400).fill(7), 100, 4, { treeCount: 5 }, seeded(1));
    expect(scoreForest(flat, Float32Array.of(7, 7, 7, 7))).toBeCloseTo(0.5, 6);
    expect(forestContributions(flat, Float32Array.of(7, 7, 7, 7))).toEqual(new Float64Array(4));
  });
});

/** Leaves by walking the heap; the rows of a leaf follow from its path length. */
function leavesOf(of: IsolationForest, tree: number): { level: number; count: number }[] {
  const inner = 2 ** of.depth - 1;
  const leaves: { level: number; count: number }[] = [];
  const visit = (heap: number, level: number): void => {
    const threshold = level < of.depth ? f32(of.thresholds, tree * inner + heap) : Infinity;
    if (threshold !== Infinity) {
      visit(2 * heap + 1, level + 1);
      visit(2 * heap + 2, level + 1);
      return;
    }
    const slot = (heap + 1) * 2 ** (of.depth - level) - 2 ** of.depth;
    const above = f32(of.pathLengths, tree * (inner + 1) + slot) - level;
    let count = 1;
    while (meanPathLength(count) < above - 1e-4) count++;
    expect(meanPathLength(count)).toBeCloseTo(above, 4);
    leaves.push({ level, count });
  };
  visit(0, 0);
  return leaves;
}
