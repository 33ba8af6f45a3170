/*
  The values of one column: as multiples of the tag's resolution; else as multiples of a decimal step
  when each is exactly the float64 nearest to one; else as float64.

    form      1 bit: the form usual for the tag; else 3 bits
    whole     first value against the last first value of its class, then a series
    float     XOR codes
*/
import { AdaptiveBits } from "./adaptive-bits.ts";
import { FloatValues } from "./float-values.ts";
import { type Coder, MalformedBlock } from "./range-coder.ts";
import type { SeriesModel } from "./series.ts";

/** Whole steps beyond this are coded as float64. */
const stepsMax = 2 ** 49;

/** A value this close to a multiple of the resolution, relative to it, is that multiple. */
export const resolutionTolerance = 1e-9;

/** Forms: 0 the tag's resolution, 1 float64, from 2 on the decimal steps 10^0 … 10^−5. */
const byResolution = 0;
const asFloat = 1;
const byDecimal = 2;
const decimalDivisors = [1, 10, 100, 1_000, 10_000, 100_000];

const contexts = { usual: 0, form: 2 };

/** How values relate to steps: value = steps × factor / divisor. */
interface Grid {
  factor: number;
  divisor: number;
  exact: boolean;
}

function gridOf(form: number, resolution: number): Grid {
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

export class ValueColumns {
  readonly #bits = new AdaptiveBits(contexts.form + 8);
  readonly #floats = new FloatValues();
  readonly #series: SeriesModel;
  readonly #firsts: FirstValues;
  readonly #scratch: Float64Array;

  constructor(options: { classCount: number; series: SeriesModel; readings: number }) {
    this.#series = options.series;
    this.#firsts = new FirstValues(options.classCount);
    this.#scratch = new Float64Array(options.readings);
  }

  /** Codes the `valued` values of `values` that are not NaN, in their places. */
  code(
    coder: Coder,
    values: Float64Array,
    valued: number,
    tag: { class: number; resolution: number },
  ): void {
    if (valued === 0) return;
    const scratch = this.#scratch;
    const dense = valued === values.length;
    if (!coder.decoding) gather(values, scratch);
    const form = this.#codeForm(coder, scratch, valued, tag.resolution);
    if (form === asFloat) {
      this.#floats.code(coder, scratch, valued);
    } else {
      const grid = gridOf(form, tag.resolution);
      if (!coder.decoding) toSteps(scratch, valued, grid);
      this.#firsts.code(coder, scratch, tag.class);
      this.#series.code(coder, scratch, valued, tag.class);
      if (coder.decoding) fromSteps(scratch, valued, grid);
    }
    if (coder.decoding) scatter(scratch, values, dense);
  }

  #codeForm(coder: Coder, scratch: Float64Array, valued: number, resolution: number): number {
    const usual = resolution > 0 ? byResolution : asFloat;
    const form = coder.decoding ? 0 : formOf(scratch, valued, resolution);
    const context = contexts.usual + usual;
    if (this.#bits.bit(coder, context, form === usual ? 1 : 0) === 1) return usual;
    const coded = this.#bits.tree(coder, contexts.form, form, 3);
    if (coded === byResolution && !(resolution > 0)) {
      throw new MalformedBlock("whole steps of a tag without resolution");
    }
    return coded;
  }
}

function formOf(values: Float64Array, count: number, resolution: number): number {
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
      if (!Object.is(back, value)) return false;
    } else if (Math.abs(back - value) > resolutionTolerance * Math.abs(back)) return false;
  }
  return true;
}

function toSteps(values: Float64Array, count: number, grid: Grid): void {
  const scale = grid.divisor / grid.factor;
  for (let i = 0; i < count; i++) values[i] = Math.round((values[i] as number) * scale);
}

function fromSteps(values: Float64Array, count: number, grid: Grid): void {
  for (let i = 0; i < count; i++) {
    values[i] = ((values[i] as number) * grid.factor) / grid.divisor;
  }
}

function gather(values: Float64Array, scratch: Float64Array): void {
  let to = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value)) scratch[to++] = value;
  }
}

/** Puts the values back where `values` is not NaN. */
function scatter(scratch: Float64Array, values: Float64Array, dense: boolean): void {
  if (dense) {
    for (let i = 0; i < values.length; i++) values[i] = scratch[i] as number;
    return;
  }
  let from = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) values[i] = scratch[from++] as number;
  }
}

/** First values: near the last first value of the class, as near as the class has shown. */
class FirstValues {
  readonly #last: Float64Array;
  readonly #scale: Float64Array;

  constructor(classCount: number) {
    this.#last = new Float64Array(classCount);
    this.#scale = new Float64Array(classCount).fill(256);
  }

  code(coder: Coder, series: Float64Array, tagClass: number): void {
    const last = this.#last[tagClass] as number;
    const scale = this.#scale[tagClass] as number;
    const value = coder.residual(series[0] as number, last, scale, 1);
    series[0] = value;
    this.#last[tagClass] = value;
    this.#scale[tagClass] = Math.min(
      2 ** 24,
      Math.max(1, 0.75 * scale + 0.25 * Math.abs(value - last)),
    );
  }
}
