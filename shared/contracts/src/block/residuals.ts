/*
  The residuals of a series against one predictor. A normal with unknown variance predicts as Student's
  t: the variance starts from what the caller gives and is learned on from each residual.

  In a jumpy series the tails are heavy, a residual beyond six scales is a spike and moves nothing, and a
  second one on the same side is a step and becomes the level.
*/
import { f64, u8 } from "../elements.ts";
import { gainsLength, levelGain, slopeGain, spread } from "./predictors.ts";
import type { Coder } from "./range-coder.ts";
import { shapeOf } from "./residual-distribution.ts";

/** Residuals beyond this many scales are spikes, or a step when the next is as far. */
const outlierScales = 6;

/** Smallest scale, steps. */
export const scaleMin = 0.25;
const jumpyScaleMin = 1 / 16;

/** Tails of a jumpy series: as heavy as those of t with three degrees of freedom. */
const jumpyShape = shapeOf(3);

/** Rounding to whole steps adds a twelfth of a step² to the variance. */
export const roundingVariance = 1 / 12;

const shapes = Uint8Array.from({ length: 256 }, (_, degrees) => shapeOf(degrees));

export interface Residuals {
  jumpy: boolean;
  predictor: number;
  /** Variance at first, and its weight in residuals. */
  variance: number;
  degrees: number;
}

/** Codes `series[1..count)`; returns the variance learned, steps². */
export function codeResiduals(
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
  let level = f64(series, 0);
  let slope = 0;
  let previousOutlier = 0;
  for (let i = 1; i < count; i++) {
    const at = row + (i < gainsLength ? i : gainsLength - 1);
    const total = f64(spread, at);
    const predicted = level + slope;
    const expected = (squares / degrees) * total - rounding;
    const scale = expected > smallest * smallest ? Math.sqrt(expected) : smallest;
    const shape = jumpy ? jumpyShape : u8(shapes, degrees < 255 ? degrees : 255);
    const value = coder.residual(f64(series, i), predicted, scale, shape);
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
      level = predicted + f64(levelGain, at) * error;
      slope += f64(slopeGain, at) * error;
      previousOutlier = 0;
    }
  }
  return squares / degrees;
}
