/** Symmetric positive definite systems, dense and small (tens of unknowns), row-major. */

import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";

/**
 * Lower factor L of A = L·Lᵀ, in a new array; undefined when A is not positive definite to
 * rounding. Only the lower half of `matrix` is read.
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array | undefined {
  assert(matrix.length === size * size);
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = f64(matrix, i * size + j);
      for (let k = 0; k < j; k++) sum -= f64(lower, i * size + k) * f64(lower, j * size + k);
      if (i === j) {
        if (!(sum > 1e-12 * Math.abs(f64(matrix, i * size + i)))) return undefined;
        lower[i * size + i] = Math.sqrt(sum);
      } else {
        lower[i * size + j] = sum / f64(lower, j * size + j);
      }
    }
  }
  return lower;
}

/** x of L·Lᵀ·x = b. */
export function solveCholesky(lower: Float64Array, size: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < size; i++) {
    let sum = f64(x, i);
    for (let k = 0; k < i; k++) sum -= f64(lower, i * size + k) * f64(x, k);
    x[i] = sum / f64(lower, i * size + i);
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = f64(x, i);
    for (let k = i + 1; k < size; k++) sum -= f64(lower, k * size + i) * f64(x, k);
    x[i] = sum / f64(lower, i * size + i);
  }
  return x;
}

/** Inverse of L·Lᵀ. */
export function invertCholesky(lower: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  const unit = new Float64Array(size);
  for (let column = 0; column < size; column++) {
    unit.fill(0);
    unit[column] = 1;
    const x = solveCholesky(lower, size, unit);
    for (let row = 0; row < size; row++) inverse[row * size + column] = f64(x, row);
  }
  return inverse;
}
