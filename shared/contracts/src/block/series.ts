/*
  A series of integers whose first is known. Four forms, of which the encoder takes the shortest:

    constant   all equal the first
    levels     few distinct values: level-series.ts
    calm       residuals against a predictor
    jumpy      the same for series with spikes and steps: heavy tails; a residual beyond six scales
               moves nothing, a second one on the same side is a step and becomes the level

  Residuals: predictor 4 bits; hint 5 bits, series of 12 and more: variance of the residuals, a power
  of two; then the residuals, range-coded. A normal with unknown variance predicts as Student's t: the
  variance starts from the hint, or from what like series had, and is learned on from each residual.
*/
import { AdaptiveBits } from "./adaptive-bits.ts";
import { CostCoder } from "./cost-coder.ts";
import { codeSymbols, LevelSeries, levelsOf } from "./level-series.ts";
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

/** Forms of a series. */
const constant = 0;
const levelled = 1;
const calm = 2;
const jumpy = 3;
const formBits = 2;

/** Shorter series are constant or calm: not enough readings to tell. */
const judgedLength = 8;

/** A squared residual this many times the mean makes a series worth trying as jumpy. */
const jumpSquares = 20;

/** What one more level costs to write down, about. */
const levelBits = 9;

/** A hint h stands for a variance of 2^(h − hintZero) steps². */
const hintBits = 5;
const hintZero = 8;

/** Residuals beyond this many scales are spikes, or a step when the next is as far. */
const outlierScales = 6;

/** Smallest scale, steps. */
const scaleMin = 0.25;
const jumpyScaleMin = 1 / 16;

/** Tails of a jumpy series: as heavy as those of t with three degrees of freedom. */
const jumpyShape = shapeOf(3);

/** Rounding to whole steps adds a twelfth of a step² to the variance. */
const roundingVariance = 1 / 12;

/** Variance before anything was learned, steps². */
const varianceAtFirst = 4;

const shapes = Uint8Array.from({ length: 256 }, (_, degrees) => shapeOf(degrees));

interface Residuals {
  jumpy: boolean;
  predictor: number;
  /** Variance at first, and its weight in residuals. */
  variance: number;
  degrees: number;
}

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
    const ofClass = this.#variances[tagClass] as number;
    const plan = coder.decoding ? undefined : planOf(series, count, ofClass);
    const form = this.#form.tree(coder, tagClass << formBits, plan?.form ?? 0, formBits);
    if (form === constant) series.fill(series[0] as number, 1, count);
    else if (form === levelled) this.#levels.code(coder, series, count, plan?.levels ?? []);
    else this.#codeResiduals(coder, series, count, { tagClass, jumpy: form === jumpy, plan });
  }

  #codeResiduals(
    coder: Coder,
    series: Float64Array,
    count: number,
    { tagClass, jumpy, plan }: { tagClass: number; jumpy: boolean; plan: Plan | undefined },
  ): void {
    const ofClass = this.#variances[tagClass] as number;
    const context = tagClass << predictorBits;
    const predictor = this.#predictor.tree(coder, context, plan?.predictor ?? 0, predictorBits);
    const hinted = count >= hintedLength;
    const hint = hinted
      ? this.#hint.tree(coder, tagClass << hintBits, plan?.hint ?? 0, hintBits)
      : 0;
    const variance = hinted ? varianceOf(hint) : ofClass;
    const degrees = hinted ? hintDegrees : classDegrees;
    const learned = codeResiduals(coder, series, count, { jumpy, predictor, variance, degrees });
    this.#variances[tagClass] = Math.sqrt(ofClass * Math.max(learned, scaleMin * scaleMin));
  }
}

const varianceOf = (hint: number): number =>
  hint >= hintZero ? 2 ** (hint - hintZero) : 1 / 2 ** (hintZero - hint);

const hintOf = (variance: number): number => {
  const exact = Math.round(Math.log2(variance)) + hintZero;
  return Math.max(0, Math.min((1 << hintBits) - 1, exact));
};

/** Returns the variance learned, steps². */
function codeResiduals(
  coder: Coder,
  series: Float64Array,
  count: number,
  { jumpy, predictor, variance, degrees: degreesAtFirst }: Residuals,
): number {
  const row = predictor * gainsLength;
  const smallest = jumpy ? jumpyScaleMin : scaleMin;
  const rounding = jumpy ? 0 : roundingVariance;
  let degrees = degreesAtFirst;
  let squares = variance * degrees;
  let level = series[0] as number;
  let slope = 0;
  let previousOutlier = 0;
  for (let i = 1; i < count; i++) {
    const at = row + (i < gainsLength ? i : gainsLength - 1);
    const total = spread[at] as number;
    const predicted = level + slope;
    const expected = (squares / degrees) * total - rounding;
    const scale = expected > smallest * smallest ? Math.sqrt(expected) : smallest;
    const shape = jumpy ? jumpyShape : (shapes[degrees < 255 ? degrees : 255] as number);
    const value = coder.residual(series[i] as number, predicted, scale, shape);
    series[i] = value;
    const error = value - predicted;
    const limit = outlierScales * scale;
    degrees++;
    if (jumpy && (error > limit || error < -limit)) {
      squares += squares / degrees;
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

/** What the encoder decided for one series. */
interface Plan {
  form: number;
  predictor: number;
  hint: number;
  levels?: readonly number[];
}

const cost = new CostCoder();

function planOf(series: Float64Array, count: number, ofClass: number): Plan {
  const levels = levelsOf(series, count);
  if (levels?.length === 1) return { form: constant, predictor: 0, hint: 0 };
  const chosen = choosePredictor(series, count, ofClass);
  const plan: Plan = { form: calm, predictor: chosen.predictor, hint: hintOf(chosen.variance) };
  const tryJumpy = chosen.largest > jumpSquares * chosen.variance;
  if (count < judgedLength || !(levels || tryJumpy)) return plan;
  const priced = (form: number, predictor: number, hint: number): number => {
    const hinted = count >= hintedLength;
    const variance = hinted ? varianceOf(hint) : ofClass;
    const degrees = hinted ? hintDegrees : classDegrees;
    codeResiduals(cost, series, count, { jumpy: form === jumpy, predictor, variance, degrees });
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
    steps[i - 1] = Math.abs((series[i] as number) - (series[i - 1] as number));
  }
  steps.sort();
  const sigma = (steps[(count - 1) >> 1] as number) / (0.6745 * Math.SQRT2);
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
    let level = series[0] as number;
    let slope = 0;
    let squares = prior;
    let product = 1;
    let logarithm = 0;
    let most = 0;
    for (let i = 1; i < count; i++) {
      const at = row + (i < gainsLength ? i : gainsLength - 1);
      const total = spread[at] as number;
      const predicted = level + slope;
      const error = (series[i] as number) - predicted;
      const square = (error * error + roundingVariance) / total;
      squares += square;
      if (square > most) most = square;
      product *= total;
      if (product > 1e200) {
        logarithm += Math.log(product);
        product = 1;
      }
      level = predicted + (levelGain[at] as number) * error;
      slope += (slopeGain[at] as number) * error;
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
