/**
 * Steps: the median of 7 readings against mean and deviation of the 60 medians before it.
 *
 * The literal "|Z| > 4 over 60 samples" raises 15 to 33 false alerts a sensor-day of healthy readings;
 * the median takes out bubbles, the learned floor of σ takes out quantisation, drift and what the
 * process does every day, three in a row take out the rest.
 * Blind to ramps: their Z converges to 1.76. The median delays by 3 readings, so it never stands
 * before a hard bound.
 *
 * The floor is learned at the level at which the tag lives and grows with the level beyond that, because
 * noise does. It never grows so far that a step of 35 % (and of ten class minima) would be missed.
 *
 * O(1) a reading, all tags in one flat array.
 *
 * @see bench/RESULTS.md, "alerts", for what it finds and what it imagines.
 */
import type { TagSettings } from "../configuration/configuration.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";
import { DeviationHistogram } from "./deviation-histogram.ts";
import {
  bytesOf,
  monotonic,
  type RuleInputs,
  type RuleState,
  type StateColumn,
} from "./rule-state.ts";

export const windowCount = 60;
export const warmupCount = 120;
const consecutiveMin = 3;
/** An alert ends after |Z| stayed below this… */
const calmZ = 2;
/** …for this long. */
const calmMs = 60_000;
/** After so many flagged readings in a row the new level is the normal one. */
const rebaseCount = windowCount;
/** A window whose newest value is older than this many periods says nothing about the next one. */
const gapPeriods = 30;
const weekMs = 7 * 24 * 3_600_000;
/**
 * The floor comes from the largest deviation of each run of this many readings, so that what happens
 * twice a week counts however short it is: this quantile of them, and a margin.
 */
const runCount = windowCount;
const floorQuantile = 0.9995;
const floorMargin = 1.1;
/** A learned floor falls at most to this share in a week: a quiet week is no promise. */
const floorFall = 0.8;
/** Until the floor is learned it is this share of the value. */
const provisionalShare = 0.08;
const resolutionSteps = 5;
/** Steps that no learning may hide: of this share of the value, and of this many smallest floors. */
const stepShareSeen = 0.32;
const stepFloorsSeen = 9;

/** Places in a tag's state; the window follows. */
// Read without the checked functions, with the default that costs least: else V8 has no room left to take in
// what this rule calls for each reading, and every number handed over would be a piece of garbage.
const at = {
  zMax: 0,
  floorGiven: 1,
  floorLearned: 2,
  levelLearned: 3,
  mean: 4,
  m2: 5,
  filled: 6,
  flagged: 7,
  isActive: 8,
  seen: 9,
  levelSum: 10,
  calmSinceMs: 11,
  learnSinceMs: 12,
  lastMs: 13,
  /** Of the run at hand: readings, largest deviation. */
  runReadings: 14,
  runMax: 15,
  window: 16,
  end: 16 + windowCount,
} as const;

export class RobustZRule implements RuleState {
  readonly #raise: RaiseAlert;
  readonly #inputs: RuleInputs;
  readonly #state: Float64Array;
  readonly #floorMin: Float64Array;
  readonly #floorMax: Float64Array;
  readonly #learnMs: Float64Array;
  readonly #gapMs: Float64Array;
  readonly #histogram: DeviationHistogram;
  readonly columns: readonly StateColumn[];

  constructor(tags: readonly TagSettings[], raise: RaiseAlert, inputs: RuleInputs) {
    const count = tags.length;
    this.#raise = raise;
    this.#inputs = inputs;
    this.#state = new Float64Array(at.end * count);
    this.#learnMs = Float64Array.from(tags, (tag) => tag.detect.z?.learnMs ?? 0);
    this.#gapMs = Float64Array.from(tags, (tag) => gapPeriods * tag.periodMs);
    this.#floorMin = Float64Array.from(tags, (tag) =>
      Math.max(resolutionSteps * tag.resolution, tag.detect.z?.sigmaMin ?? 0, Number.MIN_VALUE),
    );
    this.#floorMax = Float64Array.from(tags, (tag, i) =>
      tag.detect.z?.sigmaMin
        ? (stepFloorsSeen * (this.#floorMin[i] ?? 0)) / tag.detect.z.max
        : Infinity,
    );
    for (const { index, detect } of tags) {
      this.#state[at.end * index + at.zMax] = detect.z?.max ?? 0;
      this.#state[at.end * index + at.learnSinceMs] = Number.NaN;
    }
    this.#histogram = new DeviationHistogram(tags.map(stepOf));
    const times = [at.calmSinceMs, at.learnSinceMs, at.lastMs];
    this.columns = [{ values: this.#state, perTag: at.end, times }, this.#histogram.column];
  }

  get stateBytes(): number {
    return bytesOf(this.columns) + 4 * this.#floorMin.byteLength;
  }

  /** Floor of σ in force at the tag's usual level, in its unit; the provisional one not counted. */
  floor(tag: number): number {
    const s = at.end * tag;
    return this.#floorAt(tag, this.#state[s + at.levelLearned] ?? 0);
  }

  setZMax(tag: number, zMax: number): void {
    this.#state[at.end * tag + at.zMax] = zMax;
  }

  setFloor(tag: number, sigma: number): void {
    this.#state[at.end * tag + at.floorGiven] = sigma;
  }

  /** A good reading in its turn. */
  step(tag: number): void {
    const value = this.#inputs.values[tag] ?? 0;
    const median = this.#inputs.medians[tag] ?? 0;
    const timeMs = this.#inputs.now[monotonic] ?? 0;
    const state = this.#state;
    const s = at.end * tag;
    const sinceMs = timeMs - (state[s + at.lastMs] ?? 0);
    state[s + at.lastMs] = timeMs;
    if (sinceMs > (this.#gapMs[tag] ?? 0) || sinceMs < 0) this.#begin(tag);
    const seen = (state[s + at.seen] ?? 0) + 1;
    state[s + at.seen] = seen;
    const filled = state[s + at.filled] ?? 0;
    if (filled < windowCount) {
      this.#learn(tag);
      return;
    }
    const mean = state[s + at.mean] ?? 0;
    const deviation = Math.abs(median - mean);
    const level = Math.abs(mean);
    const sigma = Math.sqrt(Math.max(0, state[s + at.m2] ?? 0) / windowCount);
    const isLearned = (state[s + at.floorLearned] ?? 0) > 0 || (state[s + at.floorGiven] ?? 0) > 0;
    const least = isLearned ? 0 : provisionalShare * level;
    const z = deviation / Math.max(sigma, least, this.#floorAt(tag, level));
    const isFlagged = seen >= warmupCount && z > (state[s + at.zMax] ?? 0);
    // What is flagged teaches nothing; only the first floor is learned from all that happens.
    if (!isFlagged || !isLearned) this.#learnFloor(tag);
    if (isFlagged) {
      this.#flag(tag, value, z);
    } else {
      state[s + at.flagged] = 0;
      this.#learn(tag);
    }
    if (state[s + at.isActive] === 1) this.#calm(tag, value, z);
    else state[s + at.calmSinceMs] = timeMs;
  }

  #floorAt(tag: number, level: number): number {
    const state = this.#state;
    const s = at.end * tag;
    const floorMin = this.#floorMin[tag] ?? 0;
    const given = state[s + at.floorGiven] ?? 0;
    if (given > 0) return Math.max(floorMin, given);
    const learned = state[s + at.floorLearned] ?? 0;
    if (learned === 0) return floorMin;
    const usual = state[s + at.levelLearned] ?? 0;
    const here = level > usual && usual > 0 ? (learned * level) / usual : learned;
    const seen = Math.max(
      this.#floorMax[tag] ?? 0,
      (stepShareSeen * level) / (state[s + at.zMax] ?? 0),
    );
    return Math.max(floorMin, Math.min(here, seen));
  }

  /** After a gap, or time that ran backwards: the window is filled anew. What was learned stays. */
  #begin(tag: number): void {
    const state = this.#state;
    const s = at.end * tag;
    state[s + at.seen] = 0;
    state[s + at.filled] = 0;
    state[s + at.flagged] = 0;
    state[s + at.mean] = 0;
    state[s + at.m2] = 0;
    this.#end(tag);
  }

  /** A flagged reading teaches nothing, until there are so many that it is the level that moved. */
  #flag(tag: number, value: number, z: number): void {
    const state = this.#state;
    const s = at.end * tag;
    const flagged = (state[s + at.flagged] ?? 0) + 1;
    state[s + at.flagged] = flagged;
    if (flagged === consecutiveMin && state[s + at.isActive] === 0) {
      state[s + at.isActive] = 1;
      this.#tell(tag, value, z);
    }
    if (flagged < rebaseCount) return;
    state[s + at.filled] = 0;
    state[s + at.flagged] = 0;
    state[s + at.mean] = 0;
    state[s + at.m2] = 0;
    this.#end(tag);
  }

  #end(tag: number): void {
    const s = at.end * tag;
    if (this.#state[s + at.isActive] === 0) return;
    this.#state[s + at.isActive] = 0;
    this.#tell(tag, this.#inputs.values[tag] ?? 0, 0);
  }

  #calm(tag: number, value: number, z: number): void {
    const state = this.#state;
    const s = at.end * tag;
    const timeMs = state[s + at.lastMs] ?? 0;
    if (z >= calmZ) state[s + at.calmSinceMs] = timeMs;
    if (timeMs - (state[s + at.calmSinceMs] ?? 0) < calmMs) return;
    state[s + at.isActive] = 0;
    this.#tell(tag, value, z);
  }

  #tell(tag: number, value: number, score: number): void {
    const s = at.end * tag;
    const isActive = this.#state[s + at.isActive] === 1;
    const threshold = this.#state[s + at.zMax] ?? 0;
    this.#raise({ rule: AlertRule.ROBUST_Z, tag, isActive, value, score, threshold });
  }

  /** Takes `median` into the window: the running mean and sum of squares, exact again every turn. */
  #learn(tag: number): void {
    const state = this.#state;
    const s = at.end * tag;
    const median = this.#inputs.medians[tag] ?? 0;
    const filled = state[s + at.filled] ?? 0;
    const place = s + at.window + (filled < windowCount ? filled : filled - windowCount);
    const old = state[place] ?? 0;
    state[place] = median;
    // Positions go on beyond the window's size without end; only their remainder matters.
    const next = filled + 1;
    state[s + at.filled] = next < 2 * windowCount ? next : windowCount;
    if (next < windowCount) return;
    if (next === windowCount || next === 2 * windowCount) {
      this.#recompute(s);
      return;
    }
    const before = state[s + at.mean] ?? 0;
    const mean = before + (median - old) / windowCount;
    state[s + at.mean] = mean;
    state[s + at.m2] = (state[s + at.m2] ?? 0) + (median - old) * (median - mean + old - before);
  }

  #recompute(s: number): void {
    const state = this.#state;
    const first = s + at.window;
    let mean = 0;
    for (let i = 0; i < windowCount; i++) mean += state[first + i] ?? 0;
    mean /= windowCount;
    let m2 = 0;
    for (let i = 0; i < windowCount; i++) {
      const off = (state[first + i] ?? 0) - mean;
      m2 += off * off;
    }
    state[s + at.mean] = mean;
    state[s + at.m2] = m2;
  }

  #learnFloor(tag: number): void {
    const state = this.#state;
    const s = at.end * tag;
    const deviation = Math.abs((this.#inputs.medians[tag] ?? 0) - (state[s + at.mean] ?? 0));
    if (deviation > (state[s + at.runMax] ?? 0)) state[s + at.runMax] = deviation;
    const readings = (state[s + at.runReadings] ?? 0) + 1;
    state[s + at.runReadings] = readings < runCount ? readings : 0;
    if (readings < runCount) return;
    const timeMs = this.#inputs.now[monotonic] ?? 0;
    if (!((state[s + at.learnSinceMs] ?? 0) <= timeMs)) {
      state[s + at.learnSinceMs] = timeMs;
      state[s + at.levelSum] = 0;
      this.#histogram.clear(tag);
    }
    this.#histogram.add(tag, state[s + at.runMax] ?? 0);
    state[s + at.runMax] = 0;
    state[s + at.levelSum] = (state[s + at.levelSum] ?? 0) + Math.abs(state[s + at.mean] ?? 0);
    const spanMs = timeMs - (state[s + at.learnSinceMs] ?? 0);
    const before = state[s + at.floorLearned] ?? 0;
    if (spanMs < (before === 0 ? (this.#learnMs[tag] ?? 0) : weekMs)) return;
    const high = this.#histogram.quantile(tag, floorQuantile);
    const floor = (floorMargin * high) / (state[s + at.zMax] ?? 0);
    state[s + at.floorLearned] = Math.max(floor, floorFall * before);
    state[s + at.levelLearned] = (state[s + at.levelSum] ?? 0) / this.#histogram.count(tag);
    state[s + at.levelSum] = 0;
    state[s + at.learnSinceMs] = timeMs;
    this.#histogram.clear(tag);
  }
}

const stepOf = (tag: TagSettings): number => {
  const range = tag.max - tag.min;
  return tag.resolution || (Number.isFinite(range) && range > 0 ? range * 1e-4 : 1e-3);
};
