/**
 * A pane: what a few seconds of one tag amount to, small and mergeable. A window of any length and
 * hop is a merge of panes, so readings are touched once however many windows look at them.
 *
 * Moments are merged with the pairwise formulas of Chan, Golub, LeVeque, "Updating formulae and a
 * pairwise algorithm for computing sample variances" (1979); time and value share them, so that
 * the least-squares slope is exact for any sampling. A quantile sketch is not part of a pane yet.
 */

/** Shortest pane, milliseconds: the grid on which the fog cuts windows. */
export const paneLengthMs = 5_000;

export interface Pane {
  count: number;
  mean: number;
  /** Σ(x − mean)² */
  m2: number;
  min: number;
  max: number;
  firstAtMs: number;
  first: number;
  lastAtMs: number;
  last: number;
  /** Mean of the reading times, UTC milliseconds. */
  timeMean: number;
  /** Σ(t − timeMean)², ms² */
  timeM2: number;
  /** Σ(t − timeMean)(x − mean), ms·unit */
  timeValue: number;
}

export const emptyPane = (): Pane => ({
  count: 0,
  mean: 0,
  m2: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  firstAtMs: Number.POSITIVE_INFINITY,
  first: Number.NaN,
  lastAtMs: Number.NEGATIVE_INFINITY,
  last: Number.NaN,
  timeMean: 0,
  timeM2: 0,
  timeValue: 0,
});

/** Empties `pane` for the next interval, without garbage. */
export function clearPane(pane: Pane): void {
  pane.count = 0;
  pane.mean = 0;
  pane.m2 = 0;
  pane.min = Number.POSITIVE_INFINITY;
  pane.max = Number.NEGATIVE_INFINITY;
  pane.firstAtMs = Number.POSITIVE_INFINITY;
  pane.first = Number.NaN;
  pane.lastAtMs = Number.NEGATIVE_INFINITY;
  pane.last = Number.NaN;
  pane.timeMean = 0;
  pane.timeM2 = 0;
  pane.timeValue = 0;
}

/** Adds one reading to `pane`. Readings may come in any order; a non-finite value is left out. */
export function addReading(pane: Pane, atMs: number, value: number): void {
  if (!Number.isFinite(value)) return;
  pane.count += 1;
  const deltaTime = atMs - pane.timeMean;
  const deltaValue = value - pane.mean;
  pane.timeMean += deltaTime / pane.count;
  pane.mean += deltaValue / pane.count;
  pane.m2 += deltaValue * (value - pane.mean);
  pane.timeM2 += deltaTime * (atMs - pane.timeMean);
  pane.timeValue += deltaTime * (value - pane.mean);
  if (value < pane.min) pane.min = value;
  if (value > pane.max) pane.max = value;
  if (atMs < pane.firstAtMs) {
    pane.firstAtMs = atMs;
    pane.first = value;
  }
  if (atMs >= pane.lastAtMs) {
    pane.lastAtMs = atMs;
    pane.last = value;
  }
}

/** Folds `from` into `into`: afterwards `into` is the pane of both sets of readings. */
export function mergeInto(into: Pane, from: Pane): void {
  if (from.count === 0) return;
  const count = into.count + from.count;
  const weight = (into.count * from.count) / count;
  const deltaTime = into.count === 0 ? 0 : from.timeMean - into.timeMean;
  const deltaValue = into.count === 0 ? 0 : from.mean - into.mean;
  if (into.count === 0) {
    into.timeMean = from.timeMean;
    into.mean = from.mean;
  } else {
    into.timeMean += (deltaTime * from.count) / count;
    into.mean += (deltaValue * from.count) / count;
  }
  into.m2 += from.m2 + deltaValue * deltaValue * weight;
  into.timeM2 += from.timeM2 + deltaTime * deltaTime * weight;
  into.timeValue += from.timeValue + deltaTime * deltaValue * weight;
  into.count = count;
  if (from.min < into.min) into.min = from.min;
  if (from.max > into.max) into.max = from.max;
  if (from.firstAtMs < into.firstAtMs) {
    into.firstAtMs = from.firstAtMs;
    into.first = from.first;
  }
  if (from.lastAtMs >= into.lastAtMs) {
    into.lastAtMs = from.lastAtMs;
    into.last = from.last;
  }
}

/** The pane of everything in `panes`; none of them is changed. */
export function mergePanes(panes: Iterable<Pane>): Pane {
  const merged = emptyPane();
  for (const pane of panes) mergeInto(merged, pane);
  return merged;
}

/** Sample standard deviation in the tag's unit; 0 below two readings. */
export const paneSd = (pane: Pane): number =>
  pane.count < 2 ? 0 : Math.sqrt(Math.max(0, pane.m2) / (pane.count - 1));

/** Least-squares slope in units per second; 0 where the times do not differ. */
export const paneSlope = (pane: Pane): number =>
  pane.timeM2 > 0 ? (pane.timeValue / pane.timeM2) * 1_000 : 0;

/** One stored bucket (a minute or an hour of one tag), as history files keep it. */
export interface Bucket {
  /** Start, UTC milliseconds. */
  atMs: number;
  lengthMs: number;
  count: number;
  mean: number;
  sd: number;
  /** units per second */
  slope: number;
  min: number;
  max: number;
}

/**
 * The pane of a stored bucket. Its readings are taken as evenly spread over the bucket, which is
 * what the slope sums need; first and last follow from mean and slope.
 */
export function paneOfBucket(bucket: Bucket): Pane {
  const pane = emptyPane();
  const { count, lengthMs } = bucket;
  if (!(count > 0) || !Number.isFinite(bucket.mean)) return pane;
  const step = lengthMs / count;
  const slopePerMs = (Number.isFinite(bucket.slope) ? bucket.slope : 0) / 1_000;
  pane.count = count;
  pane.mean = bucket.mean;
  pane.m2 = bucket.sd * bucket.sd * Math.max(0, count - 1);
  pane.min = bucket.min;
  pane.max = bucket.max;
  pane.firstAtMs = bucket.atMs;
  pane.lastAtMs = bucket.atMs + lengthMs - step;
  pane.timeMean = (pane.firstAtMs + pane.lastAtMs) / 2;
  // Variance of count points one step apart: step²(count² − 1)/12 each.
  pane.timeM2 = (count * (count * count - 1) * step * step) / 12;
  pane.timeValue = slopePerMs * pane.timeM2;
  pane.first = bucket.mean + slopePerMs * (pane.firstAtMs - pane.timeMean);
  pane.last = bucket.mean + slopePerMs * (pane.lastAtMs - pane.timeMean);
  return pane;
}
