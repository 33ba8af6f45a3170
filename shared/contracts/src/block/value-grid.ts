/*
  How the values of a column relate to whole steps. A column is coded in steps of the tag's resolution
  when every value is a multiple of it; else in the coarsest decimal step of which every value is
  exactly (to the bit) a multiple; else as float64.
*/

/** Whole steps beyond 2^49 are coded as float64. */
export const stepBitsMax = 50;
const stepsMax = 2 ** (stepBitsMax - 1);

/** A value this close to a multiple of the resolution, relative to it, is that multiple. */
export const resolutionTolerance = 1e-9;

/** Forms: 0 the tag's resolution, 1 float64, from 2 on the decimal steps 10^0 … 10^−5. */
export const byResolution = 0;
export const asFloat = 1;
const byDecimal = 2;
const decimalDivisors = [1, 10, 100, 1_000, 10_000, 100_000];

/** How values relate to steps: value = steps × factor / divisor. */
export interface Grid {
  factor: number;
  divisor: number;
  exact: boolean;
}

export function gridOf(form: number, resolution: number): Grid {
  if (form >= byDecimal) {
    return { factor: 1, divisor: decimalDivisors[form - byDecimal] as number, exact: true };
  }
  // 723 × 0.01 is not 7.23, 723 ÷ 100 is.
  const inverse = Math.round(1 / resolution);
  const decimal = resolution < 1 && Math.abs(1 / resolution - inverse) <= 1e-9 * inverse;
  return decimal
    ? { factor: 1, divisor: inverse, exact: false }
    : { factor: resolution, divisor: 1, exact: false };
}

export function formOf(values: Float64Array, count: number, resolution: number): number {
  if (resolution > 0 && fits(values, count, gridOf(byResolution, resolution))) return byResolution;
  for (let i = 0; i < decimalDivisors.length; i++) {
    const grid = gridOf(byDecimal + i, 0);
    // Most columns are refused at their first value.
    if (fits(values, count, grid)) return byDecimal + i;
  }
  return asFloat;
}

function fits(values: Float64Array, count: number, grid: Grid): boolean {
  const scale = grid.divisor / grid.factor;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const steps = Math.round(value * scale);
    if (!(steps <= stepsMax && steps >= -stepsMax)) return false;
    const back = (steps * grid.factor) / grid.divisor;
    if (grid.exact) {
      // Whole steps know no −0.
      if (back !== value || Object.is(value, -0)) return false;
    } else if (Math.abs(back - value) > resolutionTolerance * Math.abs(back)) return false;
  }
  return true;
}

export function toSteps(values: Float64Array, count: number, grid: Grid): void {
  const scale = grid.divisor / grid.factor;
  for (let i = 0; i < count; i++) values[i] = Math.round((values[i] as number) * scale);
}

export function fromSteps(values: Float64Array, count: number, grid: Grid): void {
  for (let i = 0; i < count; i++) {
    values[i] = ((values[i] as number) * grid.factor) / grid.divisor;
  }
}
