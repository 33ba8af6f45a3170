/*
  Sixteen predictors of a series of readings: steady state-space models (level, level + slope) with
  observation noise 1 and process noise q, each run as a Kalman filter. Their gains depend on the
  number of readings seen alone, so they are tables.
*/

/** Process noise of the level and of the slope, and the slope's variance before the second reading. */
const models = [
  { level: 0, slope: 0, slopeAtFirst: 0 },
  { level: 1 / 1024, slope: 0, slopeAtFirst: 0 },
  { level: 1 / 256, slope: 0, slopeAtFirst: 0 },
  { level: 1 / 64, slope: 0, slopeAtFirst: 0 },
  { level: 1 / 16, slope: 0, slopeAtFirst: 0 },
  { level: 1 / 4, slope: 0, slopeAtFirst: 0 },
  { level: 1, slope: 0, slopeAtFirst: 0 },
  { level: 64, slope: 0, slopeAtFirst: 0 },
  { level: 0, slope: 0, slopeAtFirst: 1 / 64 },
  { level: 0, slope: 0, slopeAtFirst: 4 },
  { level: 1 / 64, slope: 1 / 16384, slopeAtFirst: 1 / 64 },
  { level: 0, slope: 1 / 1024, slopeAtFirst: 1 / 4 },
  { level: 0, slope: 1 / 64, slopeAtFirst: 1 },
  { level: 0, slope: 1 / 4, slopeAtFirst: 4 },
  { level: 1, slope: 1, slopeAtFirst: 16 },
  { level: 0, slope: 64, slopeAtFirst: 4096 },
];

/** Sixteen, so that a choice is a tree of four bits. */
export const predictorCount = models.length;
export const predictorBits = 4;

/** Readings after which the gains stay. */
export const gainsLength = 256;

/** Of predictor p after n readings, at [p × gainsLength + n]. */
export const levelGain = new Float64Array(predictorCount * gainsLength);
export const slopeGain = new Float64Array(predictorCount * gainsLength);
/** Variance of the prediction error over that of the observation noise; and its logarithm, base 2. */
export const spread = new Float64Array(predictorCount * gainsLength);

for (const [p, model] of models.entries()) {
  let levelVariance = 1;
  let covariance = 0;
  let slopeVariance = model.slopeAtFirst;
  for (let n = 1; n < gainsLength; n++) {
    levelVariance += 2 * covariance + slopeVariance + model.level;
    covariance += slopeVariance;
    slopeVariance += model.slope;
    const at = p * gainsLength + n;
    const total = levelVariance + 1;
    const gain = levelVariance / total;
    spread[at] = total;
    levelGain[at] = gain;
    slopeGain[at] = covariance / total;
    slopeVariance -= (covariance * covariance) / total;
    covariance *= 1 - gain;
    levelVariance *= 1 - gain;
  }
}
