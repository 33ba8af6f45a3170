/*
  A series of integers whose first is known. Four forms, of which the encoder takes the shortest:

    constant   all equal the first
    levels     few distinct values: level-series.ts
    calm       residuals against a predictor: residuals.ts
    jumpy      the same for series with spikes and steps

  Residuals: predictor 4 bits; hint 5 bits, series of 12 and more: variance of the residuals, a power
  of two; then the residuals, range-coded.
*/
import { f64 } from "../elements.ts";
import { AdaptiveBits } from "./adaptive-bits.ts";
import { LevelSeries } from "./level-series.ts";
import { predictorBits } from "./predictors.ts";
import type { Coder } from "./range-coder.ts";
import { codeResiduals, scaleMin } from "./residuals.ts";
import {
  constant,
  formBits,
  hintBits,
  hintedLength,
  jumpy,
  levelled,
  startOf,
} from "./series-form.ts";
import { planOf, type SeriesPlan } from "./series-plan.ts";

/** Variance before anything was learned, steps². */
const varianceAtFirst = 4;

/** What series of one class (values of like tags; or times) teach those that follow. */
export class SeriesModel {
  readonly #form: AdaptiveBits;
  readonly #predictor: AdaptiveBits;
  readonly #hint: AdaptiveBits;
  readonly #levels = new LevelSeries();
  readonly #variances: Float64Array;

  constructor(classes: number) {
    this.#form = new AdaptiveBits(classes << formBits);
    this.#predictor = new AdaptiveBits(classes << predictorBits);
    this.#hint = new AdaptiveBits(classes << hintBits);
    this.#variances = new Float64Array(classes).fill(varianceAtFirst);
  }

  /** Codes `series[1..count)`; `series[0]` is known. */
  code(coder: Coder, series: Float64Array, count: number, tagClass: number): void {
    if (count < 2) return;
    const ofClass = f64(this.#variances, tagClass);
    const plan = coder.decoding ? undefined : planOf(series, count, ofClass);
    const form = this.#form.tree(coder, tagClass << formBits, plan?.form ?? 0, formBits);
    if (form === constant) series.fill(f64(series, 0), 1, count);
    else if (form === levelled) this.#levels.code(coder, series, count, plan?.levels ?? []);
    else this.#codeResiduals(coder, series, count, { tagClass, jumpy: form === jumpy, plan });
  }

  #codeResiduals(
    coder: Coder,
    series: Float64Array,
    count: number,
    { tagClass, jumpy, plan }: { tagClass: number; jumpy: boolean; plan: SeriesPlan | undefined },
  ): void {
    const ofClass = f64(this.#variances, tagClass);
    const context = tagClass << predictorBits;
    const predictor = this.#predictor.tree(coder, context, plan?.predictor ?? 0, predictorBits);
    const hinted = count >= hintedLength;
    const hint = hinted
      ? this.#hint.tree(coder, tagClass << hintBits, plan?.hint ?? 0, hintBits)
      : 0;
    const start = startOf(count, hint, ofClass);
    const learned = codeResiduals(coder, series, count, { jumpy, predictor, ...start });
    this.#variances[tagClass] = Math.sqrt(ofClass * Math.max(learned, scaleMin * scaleMin));
  }
}
