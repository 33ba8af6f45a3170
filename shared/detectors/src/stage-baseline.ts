/**
 * What each tag of a stage should read, given the others and the hour of the day.
 *
 * In a closed loop the controlled value tells nothing: a probe that reads low keeps reading its
 * set-point while the machine behind it works harder. So every own tag gets a regression on the tags
 * that do not measure the same (what the load needs), and, where like sensors stand beside it, one of
 * its difference to them. Like sensors share a kind and move together; of tags whose kind nobody knows
 * the history alone tells. Whatever is not alike explains each other, so that no naming blinds a stage.
 */
import { elementAt, f64, numberAt } from "@weir/contracts/elements.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { median, quantileSorted, robustSd, sortedFinite } from "./quantile.ts";
import { fitTrimmedRidge, type RidgeFit } from "./ridge.ts";
import type { StageHistory, StageTag } from "./stage-history.ts";

/** Sine and cosine of one, two and three periods a day. */
export const harmonicCount = 3;
const dayMs = 86_400_000;

/** Penalty per row in units of a standardised input's variance. */
const ridgePenalty = 0.01;

/** Inputs are held within their history's range, widened by this share, so that one broken tag
 * cannot drag the expectation of its neighbours arbitrarily far. */
const rangeMargin = 0.15;

/** How a tag enters the regressions of others. */
export interface InputScale {
  centre: number;
  scale: number;
  low: number;
  high: number;
}

export interface BaselineTarget {
  /** "mean": against other kinds; "like": difference to the median of `peers`. */
  feature: "mean" | "like";
  tag: number;
  peers: readonly number[];
  /** Tags whose standardised values enter, before the harmonics. */
  inputs: readonly number[];
  intercept: number;
  /** One for each input, then sine and cosine of each harmonic. */
  weights: readonly number[];
}

export function inputScales(history: StageHistory): InputScale[] {
  return history.mean.map((column) => {
    const sorted = sortedFinite(column);
    if (sorted.length === 0) return { centre: 0, scale: 1, low: 0, high: 0 };
    const low = quantileSorted(sorted, 0.005);
    const high = quantileSorted(sorted, 0.995);
    const centre = quantileSorted(sorted, 0.5);
    const spread = (quantileSorted(sorted, 0.9) - quantileSorted(sorted, 0.1)) / 2.56;
    const margin = rangeMargin * (high - low);
    const scale = spread > 1e-9 * Math.max(1, Math.abs(centre)) ? spread : (high - low) / 5;
    return { centre, scale: scale > 0 ? scale : 1, low: low - margin, high: high + margin };
  });
}

/** Value of a tag as the regressions see it: standardised, within its history's range, 0 if missing. */
const standardised = (scale: InputScale, value: number): number =>
  Number.isFinite(value)
    ? (Math.min(scale.high, Math.max(scale.low, value)) - scale.centre) / scale.scale
    : 0;

function writeInputs(
  out: Float64Array,
  at: number,
  row: {
    inputs: readonly number[];
    scales: readonly InputScale[];
    mean: ArrayLike<number>;
    angle: number;
  },
): void {
  const { inputs, scales, mean, angle } = row;
  for (const [i, input] of inputs.entries()) {
    out[at + i] = standardised(elementAt(scales, input), numberAt(mean, input));
  }
  for (let k = 1; k <= harmonicCount; k++) {
    out[at + inputs.length + 2 * k - 2] = Math.sin(k * angle);
    out[at + inputs.length + 2 * k - 1] = Math.cos(k * angle);
  }
}

/** The measured side of a target: the value itself, or its difference to the peers' median. */
export function targetValue(
  target: Pick<BaselineTarget, "feature" | "tag" | "peers">,
  mean: ArrayLike<number>,
): number {
  const value = numberAt(mean, target.tag);
  return target.feature === "mean" ? value : value - peerLevel(target.peers, mean);
}

/** Median of the peers that have a value. */
export function peerLevel(peers: readonly number[], mean: ArrayLike<number>): number {
  const first = numberAt(mean, numberAt(peers, 0));
  if (peers.length === 1) return first;
  if (peers.length > 2) return peerMedian(peers, mean);
  const second = numberAt(mean, numberAt(peers, 1));
  return Number.isNaN(first) ? second : Number.isNaN(second) ? first : (first + second) / 2;
}

/** By insertion: peers are few and this runs for every window. */
function peerMedian(peers: readonly number[], mean: ArrayLike<number>): number {
  const sorted: number[] = [];
  for (const peer of peers) {
    const value = numberAt(mean, peer);
    if (!Number.isFinite(value)) continue;
    let at = sorted.length;
    while (at > 0 && numberAt(sorted, at - 1) > value) at--;
    sorted.splice(at, 0, value);
  }
  if (sorted.length === 0) return Number.NaN;
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? numberAt(sorted, half)
    : (numberAt(sorted, half - 1) + numberAt(sorted, half)) / 2;
}

/** Where in the site's day an instant lies, radians: at 6:00 on the wall a quarter turn, summer or winter. */
function dayAngle(zone: string, atMs: number): number {
  return (2 * Math.PI * (siteTimeOf(zone).localMs(atMs) % dayMs)) / dayMs;
}

/** What `target` should measure in this row. */
export function expectedValue(
  target: BaselineTarget,
  { scales, zone }: { scales: readonly InputScale[]; zone: string },
  row: { atMs: number; mean: ArrayLike<number> },
): number {
  const { inputs, weights } = target;
  let sum = target.intercept;
  for (const [i, input] of inputs.entries()) {
    sum += numberAt(weights, i) * standardised(elementAt(scales, input), numberAt(row.mean, input));
  }
  const angle = dayAngle(zone, row.atMs);
  for (let k = 1; k <= harmonicCount; k++) {
    const at = inputs.length + 2 * k - 2;
    sum +=
      numberAt(weights, at) * Math.sin(k * angle) + numberAt(weights, at + 1) * Math.cos(k * angle);
  }
  return sum;
}

/** Like sensors may differ in level by this share and still be compared. */
const likeLevelShare = 0.35;
/** Tags of one kind measure alike while they are no noisier apart than alone … */
const knownSpreadShare = 2;
/** … and those of unknown kinds when their difference moves this little beside themselves. */
const unknownSpreadShare = 0.5;

/** Kinds that say nothing. */
const isKnown = ({ kind }: StageTag): boolean => kind !== "" && kind !== "other";

/** Own tags that measure the same as `tag`: of its kind and near it, or of no kind and moving with it. */
function likePeers(history: StageHistory, tag: number): number[] {
  const self = elementAt(history.tags, tag);
  return history.tags.flatMap((candidate, other) => {
    if (other === tag || !candidate.own) return [];
    const isSameKind = isKnown(self) && candidate.kind === self.kind;
    const isOpen = !isKnown(self) && !isKnown(candidate);
    if (!isSameKind && !isOpen) return [];
    const share = isOpen ? unknownSpreadShare : knownSpreadShare;
    return movesAlike(history, [tag, other], share) ? [other] : [];
  });
}

/** Near in level, and their difference no wider than `share` of the wider one's own spread. */
function movesAlike(history: StageHistory, [a, b]: [number, number], share: number): boolean {
  const [one, other] = [elementAt(history.mean, a), elementAt(history.mean, b)];
  const difference = one.map((value, row) => value - f64(other, row));
  const largest = Math.max(Math.abs(median(one)), Math.abs(median(other)));
  if (!(Math.abs(median(difference)) <= likeLevelShare * largest)) return false;
  return robustSd(difference) <= share * Math.max(robustSd(one), robustSd(other));
}

/** Which regressions a stage needs, before they are fitted. */
export function planTargets(
  history: StageHistory,
): Pick<BaselineTarget, "feature" | "tag" | "peers" | "inputs">[] {
  const plans: Pick<BaselineTarget, "feature" | "tag" | "peers" | "inputs">[] = [];
  history.tags.forEach((tag, index) => {
    if (!tag.own) return;
    const peers = likePeers(history, index);
    const inputs = history.tags.flatMap((_, other) =>
      other === index || peers.includes(other) ? [] : [other],
    );
    plans.push({ feature: "mean", tag: index, peers: [], inputs });
    if (peers.length > 0) plans.push({ feature: "like", tag: index, peers, inputs });
  });
  return plans;
}

/** Rows prepared once for all targets of one fit. */
export interface FitRows {
  history: StageHistory;
  scales: readonly InputScale[];
  /** Of the site: its clock, not UTC, tells the hour of the day. */
  zone: string;
  /** 1 = teaches. */
  use: Uint8Array;
}

export function fitTarget(
  plan: Pick<BaselineTarget, "feature" | "tag" | "peers" | "inputs">,
  { history, scales, zone, use }: FitRows,
): BaselineTarget {
  const width = plan.inputs.length + 2 * harmonicCount;
  const x = new Float64Array(history.rowCount * width);
  const y = new Float64Array(history.rowCount);
  const mean = new Float64Array(history.tags.length);
  for (let r = 0; r < history.rowCount; r++) {
    if (use[r] === 0) continue;
    for (let t = 0; t < mean.length; t++) mean[t] = f64(elementAt(history.mean, t), r);
    const angle = dayAngle(zone, f64(history.atMs, r));
    writeInputs(x, r * width, { inputs: plan.inputs, scales, mean, angle });
    y[r] = targetValue(plan, mean);
  }
  const fit: RidgeFit = fitTrimmedRidge({ x, width, y }, use, ridgePenalty);
  return { ...plan, intercept: fit.intercept, weights: Array.from(fit.weights) };
}
