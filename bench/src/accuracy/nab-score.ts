/**
 * How the Numenta Anomaly Benchmark scores a detector. Of each labelled window the best detected point
 * counts, earlier being better; a missed window costs; so does each alarm outside, less when it comes
 * shortly after a window. One threshold for all files: the one that maximises the profile's sum.
 */
import { elementAt, f64, i32, numberAt, u32 } from "@weir/contracts/elements.ts";
import type { Series } from "./nab-corpus.ts";

export interface Profile {
  name: string;
  /** Cost of a window missed and of a false alarm; a window found at once is worth 1. */
  fn: number;
  fp: number;
}

export const profiles: readonly Profile[] = [
  { name: "standard", fn: 1, fp: 0.11 },
  { name: "low FP", fn: 1, fp: 0.22 },
  { name: "low FN", fn: 2, fp: 0.11 },
];

export interface NabScore {
  /** 0 = no alarm at all, 100 = every window found at its first point and no false alarm. */
  normalised: number;
  threshold: number;
}

/** The best threshold of each profile over `corpus`. `scores[f][i]`: point i of file f. */
export function scoreCorpus(
  corpus: readonly Series[],
  scores: readonly Float64Array[],
): NabScore[] {
  const points = judgedPoints(corpus, scores);
  const best = profiles.map(() => ({ normalised: 0, threshold: Number.POSITIVE_INFINITY }));
  const tally = new Tally(corpus);
  for (let from = 0; from < points.order.length; ) {
    const threshold = f64(points.score, u32(points.order, from));
    let to = from;
    for (; to < points.order.length && points.score[u32(points.order, to)] === threshold; to++)
      tally.detect(
        f64(points.worth, u32(points.order, to)),
        i32(points.window, u32(points.order, to)),
      );
    from = to;
    for (const [p, profile] of profiles.entries()) {
      const normalised = tally.normalised(profile);
      if (normalised > elementAt(best, p).normalised) best[p] = { normalised, threshold };
    }
  }
  return best;
}

/** What a given threshold is worth, for thresholds chosen elsewhere. */
export function scoreAtThresholds(
  corpus: readonly Series[],
  scores: readonly Float64Array[],
  thresholds: readonly number[],
): number[] {
  const points = judgedPoints(corpus, scores);
  return profiles.map((profile, p) => {
    const tally = new Tally(corpus);
    for (const at of points.order)
      if (f64(points.score, at) >= numberAt(thresholds, p))
        tally.detect(f64(points.worth, at), i32(points.window, at));
    return tally.normalised(profile);
  });
}

/** Running sums over the points detected so far. */
class Tally {
  readonly #best: Float64Array;
  #found = 0;
  #worth = 0;
  #falseWorth = 0;

  constructor(corpus: readonly Series[]) {
    this.#best = new Float64Array(corpus.reduce((sum, { windows }) => sum + windows.length, 0));
  }

  /** `window`: number of the window over the whole corpus, −1 outside. */
  detect(worth: number, window: number): void {
    if (window < 0) {
      this.#falseWorth += worth;
      return;
    }
    const best = f64(this.#best, window);
    if (best === 0) this.#found += 1;
    if (worth <= best) return;
    this.#best[window] = worth;
    this.#worth += worth - best;
  }

  normalised({ fn, fp }: Profile): number {
    const windows = this.#best.length;
    const sum = this.#worth + fp * this.#falseWorth - fn * (windows - this.#found);
    return (100 * (sum + fn * windows)) / (windows * (1 + fn));
  }
}

interface Points {
  score: Float64Array;
  /** Of a point in a window: 0…1; outside: −1…0. */
  worth: Float64Array;
  window: Int32Array;
  /** Positions, highest score first; points with score 0 are never detected and left out. */
  order: Uint32Array;
}

function judgedPoints(corpus: readonly Series[], scores: readonly Float64Array[]): Points {
  const count = corpus.reduce((sum, { values }) => sum + values.length, 0);
  const score = new Float64Array(count);
  const worth = new Float64Array(count);
  const window = new Int32Array(count);
  const order = new Uint32Array(count);
  let used = 0;
  let windowsBefore = 0;
  for (const [f, series] of corpus.entries()) {
    const worths = worthOf(series);
    for (let i = series.judgedFrom; i < series.values.length; i++) {
      if (!(f64(elementAt(scores, f), i) > 0)) continue;
      score[used] = f64(elementAt(scores, f), i);
      worth[used] = f64(worths.worth, i);
      window[used] = i32(worths.window, i) < 0 ? -1 : windowsBefore + i32(worths.window, i);
      order[used] = used;
      used += 1;
    }
    windowsBefore += series.windows.length;
  }
  const sorted = order.subarray(0, used).sort((a, b) => f64(score, b) - f64(score, a));
  return { score, worth, window, order: sorted };
}

const worthsBySeries = new WeakMap<Series, { worth: Float64Array; window: Int32Array }>();

function worthOf(series: Series): { worth: Float64Array; window: Int32Array } {
  const known = worthsBySeries.get(series);
  if (known) return known;
  const count = series.values.length;
  const worths = { worth: new Float64Array(count), window: new Int32Array(count).fill(-1) };
  let next = 0;
  for (let i = 0; i < count; i++) {
    while (next < series.windows.length && elementAt(series.windows, next).right < i) next += 1;
    const window = series.windows[next];
    const before = series.windows[next - 1];
    if (window && i >= window.left) {
      const width = window.right - window.left + 1;
      worths.worth[i] = sigmoid(-(window.right - i + 1) / width) / sigmoid(-1);
      worths.window[i] = next;
    } else if (before) {
      const past = (i - before.right) / (before.right - before.left);
      worths.worth[i] = past > 3 ? -1 : sigmoid(past);
    } else worths.worth[i] = -1;
  }
  worthsBySeries.set(series, worths);
  return worths;
}

const sigmoid = (y: number): number => 2 / (1 + Math.exp(5 * y)) - 1;
