import { f64, numberAt } from "../elements.ts";

/*
  How the values of a column relate to whole steps. A column is coded in steps of the tag's resolution
  when every value is a multiple of it, or the float32 nearest to one (registers often hold float32);
  else in the coarsest decimal step of which every value is, to the bit, a multiple or the float32 nearest
  to one; else as float64.
*/

/** Whole steps beyond 2^49 are coded as float64. */
export const stepBitsMax = 50;
const stepsMax = 2 ** (stepBitsMax - 1);

/** A value this close to a multiple of the resolution, relative to it, is that multiple. */
export const resolutionTolerance = 1e-9;

/** Forms; decimal steps are 10^0 … 10^−5. */
export const byResolution = 0;
export const asFloat = 1;
const singleByResolution = 2;
const byDecimal = 3;
const decimalDivisors = [1, 10, 100, 1_000, 10_000, 100_000];
const singleByDecimal = byDecimal + decimalDivisors.length;
export const formBits = 4;
export const formCount = singleByDecimal + decimalDivisors.length;

/** How values relate to steps: value = steps × factor / divisor. */
export interface Grid {
  factor: number;
  divisor: number;
  /** Values are equal to the bit; else within the tolerance. */
  exact: boolean;
  /** Values are rounded to float32. */
  single: boolean;
}

export const needsResolution = (form: number): boolean =>
  form === byResolution || form === singleByResolution;

export function gridOf(form: number, resolution: number): Grid {
  if (form >= byDecimal) {
    const single = form >= singleByDecimal;
    const divisor = numberAt(decimalDivisors, form - (single ? singleByDecimal : byDecimal));
    return { factor: 1, divisor, exact: true, single };
  }
  const single = form === singleByResolution;
  // 723 × 0.01 is not 7.23, 723 ÷ 100 is.
  const inverse = Math.round(1 / resolution);
  const decimal = resolution < 1 && Math.abs(1 / resolution - inverse) <= 1e-9 * inverse;
  return decimal
    ? { factor: 1, divisor: inverse, exact: single, single }
    : { factor: resolution, divisor: 1, exact: single, single };
}

/** The first form, in the order above, that gives `values` back. */
export function formOf(values: Float64Array, count: number, resolution: number): number {
  const hasResolution = resolution > 0;
  for (const form of formsTried) {
    if (needsResolution(form) && !hasResolution) continue;
    // Most columns are refused at their first value.
    if (fits(values, count, gridOf(form, resolution))) return form;
  }
  return asFloat;
}

const formsTried = Array.from({ length: formCount }, (_, form) => form).filter(
  (form) => form !== asFloat,
);

function fits(values: Float64Array, count: number, grid: Grid): boolean {
  const scale = grid.divisor / grid.factor;
  for (let i = 0; i < count; i++) {
    const value = f64(values, i);
    const steps = Math.round(value * scale);
    if (!(steps <= stepsMax && steps >= -stepsMax)) return false;
    const whole = (steps * grid.factor) / grid.divisor;
    const back = grid.single ? Math.fround(whole) : whole;
    if (grid.exact) {
      // Whole steps know no −0.
      if (back !== value || Object.is(value, -0)) return false;
    } else if (Math.abs(back - value) > resolutionTolerance * Math.abs(back)) return false;
  }
  return true;
}

export function toSteps(values: Float64Array, count: number, grid: Grid): void {
  const scale = grid.divisor / grid.factor;
  for (let i = 0; i < count; i++) values[i] = Math.round(f64(values, i) * scale);
}

export function fromSteps(values: Float64Array, count: number, grid: Grid): void {
  for (let i = 0; i < count; i++) {
    values[i] = (f64(values, i) * grid.factor) / grid.divisor;
  }
  if (!grid.single) return;
  for (let i = 0; i < count; i++) values[i] = Math.fround(f64(values, i));
}
