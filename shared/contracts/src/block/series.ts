/*
  A series of integers whose first is known: the rest as residuals against one of the predictors,
  which the encoder chooses for the whole series. A normal with unknown variance predicts as Student's
  t: the variance starts from a hint (long series) or from what like series had (short ones), and is
  learned on from each residual.

    constant   1 bit: all equal the first
    predictor  4 bits
    hint       5 bits, series of 12 and more: variance of the residuals, a power of two
    residuals  range-coded
*/
import { AdaptiveBits } from "./adaptive-bits.ts";
import {
  gainsLength,
  levelGain,
  predictorBits,
  predictorCount,
  slopeGain,
  spread,
} from "./predictors.ts";
import type { Coder } from "./range-coder.ts";
import { shapeOf } from "./residual-distribution.ts";

/** Series from this length on carry a hint. */
const hintedLength = 12;

/** Weight of the variance at first, in residuals: hinted, and learned from like series. */
const hintDegrees = 16;
const classDegrees = 2;

/** A hint h stands for a variance of 2^(h − hintZero) steps². */
const hintBits = 5;
const hintZero = 4;

/** Residuals beyond this many scales are spikes, or a step when the next is as far. */
const outlierScales = 6;

/** Smallest scale, steps. */
const scaleMin = 0.25;

/** Rounding to whole steps adds a twelfth of a step² to the variance. */
const roundingVariance = 1 / 12;

/** Variance before anything was learned, steps². */
const varianceAtFirst = 4;

const shapes = Uint8Array.from({ length: 256 }, (_, degrees) => shapeOf(degrees));

/** What series of one class (values of like tags; or times) teach those that follow. */
export class SeriesModel {
  readonly #constant: AdaptiveBits;
  readonly #predictor: AdaptiveBits;
  readonly #hint: AdaptiveBits;
  readonly #variances: Float64Array;
  readonly #lastConstant: Uint8Array;

  constructor(classes: number) {
    this.#constant = new AdaptiveBits(2 * classes);
    this.#predictor = new AdaptiveBits(classes << predictorBits);
    this.#hint = new AdaptiveBits(classes << hintBits);
    this.#variances = new Float64Array(classes).fill(varianceAtFirst);
    this.#lastConstant = new Uint8Array(classes);
  }

  /** Codes `series[1..count)`; `series[0]` is known. */
  code(coder: Coder, series: Float64Array, count: number, tagClass: number): void {
    if (count < 2) return;
    const context = 2 * tagClass + (this.#lastConstant[tagClass] as number);
    const constant = this.#constant.bit(coder, context, isConstant(coder, series, count));
    this.#lastConstant[tagClass] = constant;
    if (constant === 1) {
      series.fill(series[0] as number, 1, count);
      return;
    }
    const ofClass = this.#variances[tagClass] as number;
    const chosen = coder.decoding ? undefined : choosePredictor(series, count, ofClass);
    const predictor = this.#predictor.tree(
      coder,
      tagClass << predictorBits,
      chosen?.predictor ?? 0,
      predictorBits,
    );
    const hinted = count >= hintedLength;
    const variance = hinted ? this.#codeHint(coder, tagClass, chosen?.variance ?? 1) : ofClass;
    const degrees = hinted ? hintDegrees : classDegrees;
    const learned = codeResiduals(coder, series, count, { predictor, variance, degrees });
    this.#variances[tagClass] = Math.sqrt(ofClass * Math.max(learned, scaleMin * scaleMin));
  }

  #codeHint(coder: Coder, tagClass: number, variance: number): number {
    const exact = Math.round(Math.log2(variance)) + hintZero;
    const given = Math.max(0, Math.min((1 << hintBits) - 1, exact));
    const hint = this.#hint.tree(coder, tagClass << hintBits, given, hintBits);
    return hint >= hintZero ? 2 ** (hint - hintZero) : 1 / 2 ** (hintZero - hint);
  }
}

function isConstant(coder: Coder, series: Float64Array, count: number): number {
  if (coder.decoding) return 0;
  for (let i = 1; i < count; i++) if (series[i] !== series[0]) return 0;
  return 1;
}

/** Returns the variance learned, steps². */
function codeResiduals(
  coder: Coder,
  series: Float64Array,
  count: number,
  start: { predictor: number; variance: number; degrees: number },
): number {
  const row = start.predictor * gainsLength;
  let degrees = start.degrees;
  let squares = start.variance * degrees;
  let level = series[0] as number;
  let slope = 0;
  let previousOutlier = 0;
  for (let i = 1; i < count; i++) {
    const at = row + (i < gainsLength ? i : gainsLength - 1);
    const total = spread[at] as number;
    const predicted = level + slope;
    const variance = (squares / degrees) * total - roundingVariance;
    const scale = variance > scaleMin * scaleMin ? Math.sqrt(variance) : scaleMin;
    const shape = shapes[degrees < 255 ? degrees : 255] as number;
    const value = coder.residual(series[i] as number, predicted, scale, shape);
    series[i] = value;
    const error = value - predicted;
    const limit = outlierScales * (scale + 0.5);
    degrees++;
    if (error > limit || error < -limit) {
      squares += (limit * limit) / total;
      level = previousOutlier * error > 0 ? value : predicted;
      previousOutlier = error;
    } else {
      squares += (error * error) / total;
      level = predicted + (levelGain[at] as number) * error;
      slope += (slopeGain[at] as number) * error;
      previousOutlier = 0;
    }
  }
  return squares / degrees;
}

/** The predictor with the shortest code, by the closed form of the marginal likelihood. */
function choosePredictor(
  series: Float64Array,
  count: number,
  prior: number,
): { predictor: number; variance: number } {
  let best = 0;
  let bestCost = Number.POSITIVE_INFINITY;
  let variance = prior;
  for (let predictor = 0; predictor < predictorCount; predictor++) {
    const row = predictor * gainsLength;
    let level = series[0] as number;
    let slope = 0;
    let squares = prior;
    let product = 1;
    let logarithm = 0;
    for (let i = 1; i < count; i++) {
      const at = row + (i < gainsLength ? i : gainsLength - 1);
      const total = spread[at] as number;
      const predicted = level + slope;
      const error = (series[i] as number) - predicted;
      squares += (error * error + roundingVariance) / total;
      product *= total;
      if (product > 1e200) {
        logarithm += Math.log(product);
        product = 1;
      }
      level = predicted + (levelGain[at] as number) * error;
      slope += (slopeGain[at] as number) * error;
    }
    const cost = logarithm + Math.log(product) + count * Math.log(squares);
    if (cost < bestCost) {
      bestCost = cost;
      best = predictor;
      variance = (squares - prior) / (count - 1);
    }
  }
  return { predictor: best, variance };
}
