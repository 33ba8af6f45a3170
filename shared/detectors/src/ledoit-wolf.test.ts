import { f64 } from "@weir/contracts/elements.ts";
import { expect, test } from "vitest";
import { seeded } from "../test/seeded.ts";
import { cholesky, invertCholesky, solveCholesky } from "./cholesky.ts";
import { ledoitWolf } from "./ledoit-wolf.ts";
import { fitRidge, fitTrimmedRidge, predictRidge } from "./ridge.ts";

test("many rows need little shrinking, few rows much", () => {
  const random = seeded(1);
  const rows = (count: number) =>
    Float64Array.from({ length: count * 8 }, (_, i) => random.gaussian() * (1 + (i % 8)));
  expect(ledoitWolf(rows(4_000), 4_000, 8).shrinkage).toBeLessThan(0.02);
  expect(ledoitWolf(rows(10), 10, 8).shrinkage).toBeGreaterThan(0.1);
});

test("a small case agrees with scikit-learn's LedoitWolf", () => {
  // sklearn.covariance.LedoitWolf().fit([[1, 2], [3, 3], [2, 5], [4, 4], [6, 9]])
  const { mean, covariance, shrinkage } = ledoitWolf(
    Float64Array.of(1, 2, 3, 3, 2, 5, 4, 4, 6, 9),
    5,
    2,
  );
  expect([...mean]).toEqual([3.2, 4.6]);
  expect(shrinkage).toBeCloseTo(0.7745064861816137, 10);
  expect([...covariance].map((x) => x.toFixed(8))).toEqual([
    "4.07528934",
    "0.78471743",
    "0.78471743",
    "4.72471066",
  ]);
});

test("Cholesky solves and inverts, and refuses what is not positive definite", () => {
  const matrix = Float64Array.of(4, 2, 2, 3);
  const lower = cholesky(matrix, 2) as Float64Array;
  const x = solveCholesky(lower, 2, Float64Array.of(2, 5));
  expect(4 * f64(x, 0) + 2 * f64(x, 1)).toBeCloseTo(2, 12);
  expect(2 * f64(x, 0) + 3 * f64(x, 1)).toBeCloseTo(5, 12);
  expect([...invertCholesky(lower, 2)].map((v) => v.toFixed(6))).toEqual([
    "0.375000",
    "-0.250000",
    "-0.250000",
    "0.500000",
  ]);
  expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined();
});

test("one row in twenty far out bends a plain ridge, not a trimmed one", () => {
  const random = seeded(2);
  const count = 400;
  const x = Float64Array.from({ length: count }, () => random.gaussian());
  const y = x.map(
    (value, r) => 3 + 2 * value + 0.1 * random.gaussian() + (r % 20 === 0 ? 40 * value : 0),
  );
  const use = new Uint8Array(count).fill(1);
  const plain = fitRidge({ x, width: 1, y }, use, 1e-4);
  const trimmed = fitTrimmedRidge({ x, width: 1, y }, use, 1e-4);
  expect(Math.abs(f64(plain.weights, 0) - 2)).toBeGreaterThan(0.5);
  expect(trimmed.weights[0]).toBeCloseTo(2, 1);
  expect(predictRidge(trimmed, [1])).toBeCloseTo(5, 1);
});
