/*
  The values of one column, in the form that value-grid.ts finds for it.

    form      1 bit: the form usual for the tag; else 4 bits
    whole     first-values.ts, then series.ts
    float     float-values.ts
*/
import { f64 } from "../elements.ts";
import { AdaptiveBits } from "./adaptive-bits.ts";
import { FirstValues } from "./first-values.ts";
import { FloatValues } from "./float-values.ts";
import { type Coder, MalformedBlock } from "./range-coder.ts";
import type { SeriesModel } from "./series.ts";
import {
  asFloat,
  byResolution,
  formBits,
  formCount,
  formOf,
  fromSteps,
  gridOf,
  needsResolution,
  toSteps,
} from "./value-grid.ts";

const contexts = { usual: 0, form: 2 };

export class ValueColumns {
  readonly #bits = new AdaptiveBits(contexts.form + (1 << formBits));
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
      scratch[0] = this.#firsts.code(coder, f64(scratch, 0), tag.class);
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
    const coded = this.#bits.tree(coder, contexts.form, form, formBits);
    if (coded >= formCount || (needsResolution(coded) && !(resolution > 0))) {
      throw new MalformedBlock(`form ${coded} of a tag of resolution ${resolution}`);
    }
    return coded;
  }
}

function gather(values: Float64Array, scratch: Float64Array): void {
  let to = 0;
  for (let i = 0; i < values.length; i++) {
    const value = f64(values, i);
    if (!Number.isNaN(value)) scratch[to++] = value;
  }
}

/** Puts the values back where `values` is not NaN. */
function scatter(scratch: Float64Array, values: Float64Array, dense: boolean): void {
  if (dense) {
    for (let i = 0; i < values.length; i++) values[i] = f64(scratch, i);
    return;
  }
  let from = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) values[i] = f64(scratch, from++);
  }
}
