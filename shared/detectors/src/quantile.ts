/** Order statistics of small batches. */

import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";

/** Linear interpolation between order statistics (type 7); `sorted` ascending, not empty. */
export function quantileSorted(sorted: Float64Array, fraction: number): number {
  assert(sorted.length > 0 && fraction >= 0 && fraction <= 1);
  const at = fraction * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return f64(sorted, low) + (f64(sorted, high) - f64(sorted, low)) * (at - low);
}

/** Finite values of `values`, ascending, in a new array. */
export function sortedFinite(values: ArrayLike<number>): Float64Array {
  return new Float64Array(values).filter(Number.isFinite).sort();
}

/** Median of the finite values; NaN when there is none. */
export function median(values: ArrayLike<number>): number {
  const sorted = sortedFinite(values);
  return sorted.length === 0 ? Number.NaN : quantileSorted(sorted, 0.5);
}

/** 1.4826 · median |x − median|: the standard deviation of a normal, whatever a few outliers do. */
export function robustSd(values: ArrayLike<number>): number {
  const sorted = sortedFinite(values);
  if (sorted.length === 0) return Number.NaN;
  const centre = quantileSorted(sorted, 0.5);
  for (let i = 0; i < sorted.length; i++) sorted[i] = Math.abs(f64(sorted, i) - centre);
  return 1.4826 * quantileSorted(sorted.sort(), 0.5);
}
