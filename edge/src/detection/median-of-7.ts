import { f64 } from "@weir/contracts/elements.ts";

export const medianCount = 7;

/**
 * Median of the 7 values that begin at `values[at]`, which stay as they are, put into `into[place]`: 13 exchanges without a
 * branch, those whose outcome no later one needs left out (Devillard, "Fast median search", 1998).
 */
export function medianOf7(
  values: Float64Array,
  at: number,
  into: Float64Array,
  place: number,
): void {
  const a0 = f64(values, at);
  const a1 = f64(values, at + 1);
  const a2 = f64(values, at + 2);
  const a3 = f64(values, at + 3);
  const a4 = f64(values, at + 4);
  const a5 = f64(values, at + 5);
  const a6 = f64(values, at + 6);
  const b0 = Math.min(a0, a5);
  const b5 = Math.max(a0, a5);
  const c0 = Math.min(b0, a3);
  const c3 = Math.max(b0, a3);
  const b1 = Math.min(a1, a6);
  const b6 = Math.max(a1, a6);
  const b2 = Math.min(a2, a4);
  const b4 = Math.max(a2, a4);
  const c1 = Math.max(c0, b1);
  const d3 = Math.min(c3, b5);
  const c5 = Math.max(c3, b5);
  const c2 = Math.min(b2, b6);
  const c6 = Math.max(b2, b6);
  const e3 = Math.max(c2, d3);
  const f3 = Math.min(e3, c6);
  const c4 = Math.min(b4, c5);
  const d1 = Math.min(c1, c4);
  const d4 = Math.max(c1, c4);
  const g3 = Math.max(d1, f3);
  into[place] = Math.min(g3, d4);
}
