/*
  What the encoder decides for a series: the form that costs least. Everything decided is written into the
  block, so nothing here needs to agree with the decoder.
*/
import { f64 } from "../elements.ts";
import { CostCoder } from "./cost-coder.ts";
import { codeSymbols, levelsOf } from "./level-series.ts";
import {
  gainsLength,
  levelGain,
  predictorBits,
  predictorCount,
  slopeGain,
  spread,
} from "./predictors.ts";
import { codeResiduals, roundingVariance } from "./residuals.ts";
import { calm, constant, hintOf, jumpy, levelled, startOf } from "./series-form.ts";

/** Shorter series are constant or calm: not enough readings to tell. */
const judgedLength = 8;

/** A squared residual this many times the mean makes a series worth trying as jumpy. */
const jumpSquares = 20;

/** What one more level costs to write down, about. */
const levelBits = 9;

/** What was decided for one series. */
export interface SeriesPlan {
  form: number;
  predictor: number;
  hint: number;
  levels?: readonly number[];
}

const cost = new CostCoder();

/** `ofClass`: the variance that like series had, steps². */
export function planOf(series: Float64Array, count: number, ofClass: number): SeriesPlan {
  const levels = levelsOf(series, count);
  if (levels?.length === 1) return { form: constant, predictor: 0, hint: 0 };
  const chosen = choosePredictor(series, count, ofClass);
  const plan: SeriesPlan = {
    form: calm,
    predictor: chosen.predictor,
    hint: hintOf(chosen.variance),
  };
  const tryJumpy = chosen.largest > jumpSquares * chosen.variance;
  if (count < judgedLength || !(levels || tryJumpy)) return plan;
  const priced = (form: number, predictor: number, hint: number): number => {
    const start = startOf(count, hint, ofClass);
    codeResiduals(cost, series, count, { jumpy: form === jumpy, predictor, ...start });
    return cost.take();
  };
  let best = plan;
  let bestBits = priced(calm, plan.predictor, plan.hint) + predictorBits;
  if (levels) {
    codeSymbols(cost, series, count, levels);
    const bits = cost.take() + levelBits * (levels.length - 1);
    if (bits < bestBits) {
      bestBits = bits;
      best = { form: levelled, predictor: 0, hint: 0, levels };
    }
  }
  if (!tryJumpy) return best;
  const hint = hintOf(calmVariance(series, count));
  for (let predictor = 0; predictor < predictorCount; predictor++) {
    const bits = priced(jumpy, predictor, hint) + predictorBits;
    if (bits >= bestBits) continue;
    bestBits = bits;
    best = { form: jumpy, predictor, hint };
  }
  return best;
}

/** Variance without the jumps: from the median step between neighbours. */
function calmVariance(series: Float64Array, count: number): number {
  const steps = new Float64Array(count - 1);
  for (let i = 1; i < count; i++) {
    steps[i - 1] = Math.abs(f64(series, i) - f64(series, i - 1));
  }
  steps.sort();
  const sigma = f64(steps, (count - 1) >> 1) / (0.6745 * Math.SQRT2);
  return sigma * sigma;
}

/** The predictor with the shortest code, by the closed form of the marginal likelihood. */
function choosePredictor(
  series: Float64Array,
  count: number,
  prior: number,
): { predictor: number; variance: number; largest: number } {
  let best = 0;
  let bestLength = Number.POSITIVE_INFINITY;
  let variance = prior;
  let largest = 0;
  for (let predictor = 0; predictor < predictorCount; predictor++) {
    const row = predictor * gainsLength;
    let level = f64(series, 0);
    let slope = 0;
    let squares = prior;
    let product = 1;
    let logarithm = 0;
    let most = 0;
    for (let i = 1; i < count; i++) {
      const at = row + (i < gainsLength ? i : gainsLength - 1);
      const total = f64(spread, at);
      const predicted = level + slope;
      const error = f64(series, i) - predicted;
      const square = (error * error + roundingVariance) / total;
      squares += square;
      if (square > most) most = square;
      product *= total;
      if (product > 1e200) {
        logarithm += Math.log(product);
        product = 1;
      }
      level = predicted + f64(levelGain, at) * error;
      slope += f64(slopeGain, at) * error;
    }
    const length = logarithm + Math.log(product) + count * Math.log(squares);
    if (length < bestLength) {
      bestLength = length;
      best = predictor;
      largest = most;
      variance = (squares - prior) / (count - 1);
    }
  }
  return { predictor: best, variance, largest };
}
