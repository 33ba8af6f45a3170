/** Quantiles of durations as cells of a table. */

/** Value below which `fraction` of `sorted` lies, by nearest rank; NaN without any. */
export const quantileOf = (sorted: Float64Array, fraction: number): number =>
  sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN;

export const quantileColumns = ["p50", "p90", "p99", "max"] as const;

/** Cells for `quantileColumns`, in the unit of `values`. */
export function quantileCells(values: readonly number[], digits: number): string[] {
  const sorted = Float64Array.from(values).sort();
  return [0.5, 0.9, 0.99, 1].map((fraction) => quantileOf(sorted, fraction).toFixed(digits));
}
