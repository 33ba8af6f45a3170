/**
 * Covariance of few rows in many dimensions, pulled towards a multiple of the identity by the
 * amount that minimises the expected error, so that it can always be inverted.
 *
 * @see Ledoit, Wolf, "A well-conditioned estimator for large-dimensional covariance matrices",
 *   Journal of Multivariate Analysis 88 (2004).
 */

import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";

export interface ShrunkCovariance {
  size: number;
  mean: Float64Array;
  /** Row-major, `size` × `size`. */
  covariance: Float64Array;
  /** 0 = the sample covariance, 1 = a multiple of the identity. */
  shrinkage: number;
}

/** Of `rowCount` rows of `size` values, row-major. */
export function ledoitWolf(rows: Float64Array, rowCount: number, size: number): ShrunkCovariance {
  assert(rowCount >= 2 && size >= 1 && rows.length >= rowCount * size);
  const mean = new Float64Array(size);
  for (let r = 0; r < rowCount; r++) {
    for (let i = 0; i < size; i++) mean[i] = f64(mean, i) + f64(rows, r * size + i) / rowCount;
  }
  const covariance = new Float64Array(size * size);
  const centred = new Float64Array(size);
  let sumFourth = 0;
  for (let r = 0; r < rowCount; r++) {
    let squared = 0;
    for (let i = 0; i < size; i++) {
      const value = f64(rows, r * size + i) - f64(mean, i);
      centred[i] = value;
      squared += value * value;
    }
    sumFourth += squared * squared;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        const at = i * size + j;
        covariance[at] = f64(covariance, at) + (f64(centred, i) * f64(centred, j)) / rowCount;
      }
    }
  }
  let trace = 0;
  let norm = 0;
  for (let i = 0; i < size; i++) {
    trace += f64(covariance, i * size + i);
    for (let j = 0; j < i; j++) {
      covariance[j * size + i] = f64(covariance, i * size + j);
      norm += 2 * f64(covariance, i * size + j) ** 2;
    }
    norm += f64(covariance, i * size + i) ** 2;
  }
  // b² = Σ‖x xᵀ − S‖² / n², d² = ‖S − μI‖² (Ledoit & Wolf 2004, lemma 3.2 to 3.4).
  const mu = trace / size;
  const spread = norm - size * mu * mu;
  const error = (sumFourth / rowCount - norm) / rowCount;
  const shrinkage = spread > 0 ? Math.min(1, Math.max(0, error / spread)) : 1;
  for (let at = 0; at < covariance.length; at++)
    covariance[at] = f64(covariance, at) * (1 - shrinkage);
  for (let i = 0; i < size; i++) {
    covariance[i * size + i] = f64(covariance, i * size + i) + shrinkage * mu;
  }
  return { size, mean, covariance, shrinkage };
}
