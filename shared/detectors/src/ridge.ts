/** Ridge regression with an unpenalised intercept, and its trimmed form that a few bad rows cannot bend. */

import { strict as assert } from "node:assert";
import { f64, numberAt } from "@weir/contracts/elements.ts";
import { cholesky, solveCholesky } from "./cholesky.ts";
import { median, robustSd } from "./quantile.ts";

/** Rows of `width` inputs, row-major; `y` NaN = the row is left out. */
export interface RidgeData {
  x: Float64Array;
  width: number;
  y: Float64Array;
}

export interface RidgeFit {
  intercept: number;
  weights: Float64Array;
}

export function predictRidge(fit: RidgeFit, x: ArrayLike<number>, offset = 0): number {
  let sum = fit.intercept;
  for (let i = 0; i < fit.weights.length; i++) sum += f64(fit.weights, i) * numberAt(x, offset + i);
  return sum;
}

/** Minimises Σ(y − a − w·x)² + penalty·rows·‖w‖² over the rows that `use` marks. */
export function fitRidge(data: RidgeData, use: Uint8Array, penalty: number): RidgeFit {
  const { x, width, y } = data;
  const centre = new Float64Array(width);
  let centreY = 0;
  let count = 0;
  for (let r = 0; r < y.length; r++) {
    if (use[r] === 0) continue;
    count++;
    centreY += f64(y, r);
    for (let i = 0; i < width; i++) centre[i] = f64(centre, i) + f64(x, r * width + i);
  }
  assert(penalty > 0);
  if (count === 0) return { intercept: 0, weights: new Float64Array(width) };
  centreY /= count;
  for (let i = 0; i < width; i++) centre[i] = f64(centre, i) / count;
  const gram = new Float64Array(width * width);
  const moment = new Float64Array(width);
  const row = new Float64Array(width);
  for (let r = 0; r < y.length; r++) {
    if (use[r] === 0) continue;
    for (let i = 0; i < width; i++) row[i] = f64(x, r * width + i) - f64(centre, i);
    const target = f64(y, r) - centreY;
    for (let i = 0; i < width; i++) {
      const value = f64(row, i);
      moment[i] = f64(moment, i) + value * target;
      for (let j = 0; j <= i; j++)
        gram[i * width + j] = f64(gram, i * width + j) + value * f64(row, j);
    }
  }
  for (let i = 0; i < width; i++) gram[i * width + i] = f64(gram, i * width + i) + penalty * count;
  const lower = cholesky(gram, width);
  assert(lower !== undefined, "a penalised Gram matrix is positive definite");
  const weights = solveCholesky(lower, width, moment);
  let intercept = centreY;
  for (let i = 0; i < width; i++) intercept -= f64(weights, i) * f64(centre, i);
  return { intercept, weights };
}

/** Residuals further out than this many robust standard deviations do not teach. */
const trimDeviations = 4;
const trimRounds = 2;

/** {@link fitRidge}, then twice again without the rows that the previous fit finds outlying. */
export function fitTrimmedRidge(data: RidgeData, use: Uint8Array, penalty: number): RidgeFit {
  const kept = use.map((flag, r) => (Number.isFinite(data.y[r]) ? flag : 0));
  let fit = fitRidge(data, kept, penalty);
  for (let round = 0; round < trimRounds; round++) {
    const residuals = data.y.map((y, r) =>
      use[r] === 0 ? Number.NaN : y - predictRidge(fit, data.x, r * data.width),
    );
    const centre = median(residuals);
    const sd = robustSd(residuals);
    if (!(sd > 0)) break;
    for (let r = 0; r < kept.length; r++) {
      kept[r] = Math.abs(f64(residuals, r) - centre) <= trimDeviations * sd ? 1 : 0;
    }
    fit = fitRidge(data, kept, penalty);
  }
  return fit;
}
