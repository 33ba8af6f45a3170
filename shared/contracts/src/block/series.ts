/*
  A series of integers whose first is known: the rest as residuals against one of the predictors,
  which the encoder chooses for the whole series. The residual's scale is learned as it goes: the
  predictive distribution of a normal with unknown variance is Student's t.
*/
import { AdaptiveBits } from "./adaptive-bits.ts";
import { gainsLength, levelGain, predictorCount, slopeGain, spread } from "./predictors.ts";
import type { Coder } from "./range-coder.ts";
import { shapeOf } from "./residual-distribution.ts";

/** Weight of the scale before the first residual, in residuals. */
const priorDegrees = 2;

/** Residuals beyond this many scales are spikes, or a step when the next is as far. */
const outlierScales = 6;

/** Smallest scale, steps. */
const scaleMin = 0.22;

/** Rounding to whole steps adds a twelfth of a step² to the variance. */
const roundingVariance = 1 / 12;

/** Scale before anything was learned, steps. */
const scaleAtFirst = 2;

const shapes = Uint8Array.from({ length: 256 }, (_, degrees) => shapeOf(degrees));

/** What series of one class (values of like tags; or times) teach those that follow. */
export class SeriesModel {
  readonly #constant: AdaptiveBits;
  readonly #predictor = new AdaptiveBits(predictorCount);
  readonly #variances: Float64Array;
  readonly #lastConstant: Uint8Array;

  constructor(classes: number) {
    this.#constant = new AdaptiveBits(2 * classes);
    this.#variances = new Float64Array(classes).fill(scaleAtFirst * scaleAtFirst);
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
    const prior = this.#variances[tagClass] as number;
    const chosen = coder.decoding ? 0 : choosePredictor(series, count, prior);
    const predictor = this.#predictor.tree(coder, 0, chosen, 4);
    const variance = codeResiduals(coder, series, count, predictor, prior);
    this.#variances[tagClass] = Math.sqrt(prior * Math.max(variance, scaleMin * scaleMin));
  }
}

function isConstant(coder: Coder, series: Float64Array, count: number): number {
  if (coder.decoding) return 0;
  for (let i = 1; i < count; i++) if (series[i] !== series[0]) return 0;
  return 1;
}

function codeResiduals(
  coder: Coder,
  series: Float64Array,
  count: number,
  predictor: number,
  prior: number,
): number {
  const row = predictor * gainsLength;
  let degrees = priorDegrees;
  let squares = prior * priorDegrees;
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
function choosePredictor(series: Float64Array, count: number, prior: number): number {
  let best = 0;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let predictor = 0; predictor < predictorCount; predictor++) {
    const row = predictor * gainsLength;
    let level = series[0] as number;
    let slope = 0;
    let squares = prior * priorDegrees;
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
    const cost = logarithm + Math.log(product) + (priorDegrees + count - 1) * Math.log(squares);
    if (cost < bestCost) {
      bestCost = cost;
      best = predictor;
    }
  }
  return best;
}
