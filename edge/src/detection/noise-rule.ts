/**
 * A signal that became several times as noisy as it used to be: a loose terminal. Measures how far
 * each reading lies off the line through the two before it, which slopes and process swings do not
 * change; compares the last minutes with the last hours.
 *
 * Noise grows with the level in many instruments, so that much more is granted. Bubbles and steps are
 * single, and clipped.
 */
import type { TagSettings } from "../configuration/configuration.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";
import {
  bytesOf,
  monotonic,
  type RuleInputs,
  type RuleState,
  type StateColumn,
} from "./rule-state.ts";

const shortAlpha = 1 / 120;
const longAlpha = 1 / 3_600;
export const noiseWarmupCount = 600;
/** Readings in a row above the ratio. */
const consecutiveMin = 120;
/** An alert ends below this share of the ratio. */
const endShare = 0.5;
/** The usual noise is learned only while the ratio is below this share… */
const learnShare = 0.67;
/** …and so much slower above it: one day the new noise is the usual one. */
const slowLearn = 0.1;
/** One reading counts as at most this many times the noise that raises an alert. */
const clipShare = 2;
/** A gap of more periods than this breaks the line. */
const gapPeriods = 5;

// Read without the checked functions, with the default that costs least: else V8 has no room left to take in
// what this rule calls for each reading, and every number handed over would be a piece of garbage.
const at = {
  last: 0,
  before: 1,
  run: 2,
  seen: 3,
  short: 4,
  long: 5,
  shortLevel: 6,
  longLevel: 7,
  above: 8,
  isActive: 9,
  lastMs: 10,
  /** How far the newest reading lies off the line. */
  change: 11,
  end: 12,
} as const;

export class NoiseRule implements RuleState {
  readonly #raise: RaiseAlert;
  readonly #inputs: RuleInputs;
  readonly #state: Float64Array;
  readonly #ratio: Float64Array;
  readonly #least: Float64Array;
  readonly #gapMs: Float64Array;
  readonly columns: readonly StateColumn[];

  constructor(tags: readonly TagSettings[], raise: RaiseAlert, inputs: RuleInputs) {
    this.#raise = raise;
    this.#inputs = inputs;
    this.#ratio = Float64Array.from(tags, (tag) => tag.detect.noise?.ratio ?? 0);
    this.#least = Float64Array.from(tags, (tag) => Math.max(tag.resolution, Number.MIN_VALUE));
    this.#gapMs = Float64Array.from(tags, (tag) => gapPeriods * tag.periodMs);
    this.#state = new Float64Array(at.end * tags.length);
    this.columns = [{ values: this.#state, perTag: at.end, times: [at.lastMs] }];
  }

  get stateBytes(): number {
    return bytesOf(this.columns) + 3 * this.#ratio.byteLength;
  }

  /** A good reading in its turn. */
  step(tag: number): void {
    const value = this.#inputs.values[tag] ?? 0;
    const timeMs = this.#inputs.now[monotonic] ?? 0;
    const state = this.#state;
    const s = at.end * tag;
    const sinceMs = timeMs - (state[s + at.lastMs] ?? 0);
    const run = sinceMs > (this.#gapMs[tag] ?? 0) || sinceMs < 0 ? 0 : (state[s + at.run] ?? 0);
    state[s + at.lastMs] = timeMs;
    const last = state[s + at.last] ?? 0;
    state[s + at.change] = Math.abs(value - 2 * last + (state[s + at.before] ?? 0));
    state[s + at.before] = last;
    state[s + at.last] = value;
    state[s + at.run] = run < 2 ? run + 1 : 2;
    if (run < 2) return;
    this.#take(tag);
  }

  #take(tag: number): void {
    const state = this.#state;
    const s = at.end * tag;
    const value = this.#inputs.values[tag] ?? 0;
    const change = state[s + at.change] ?? 0;
    const limit = this.#ratio[tag] ?? 0;
    const seen = (state[s + at.seen] ?? 0) + 1;
    const isWarm = seen > noiseWarmupCount;
    if (!isWarm) state[s + at.seen] = seen;
    const level = Math.abs(value);
    const grown =
      (state[s + at.shortLevel] ?? 0) / Math.max(state[s + at.longLevel] ?? 0, Number.MIN_VALUE);
    const granted = grown > 1 ? grown : 1;
    const usual = granted * Math.max(state[s + at.long] ?? 0, this.#least[tag] ?? 0);
    const clip = clipShare * limit * usual;
    const taken = isWarm && change > clip ? clip : change;
    const alpha = isWarm ? shortAlpha : Math.max(shortAlpha, 1 / seen);
    const short = (state[s + at.short] ?? 0) + alpha * (taken - (state[s + at.short] ?? 0));
    state[s + at.short] = short;
    state[s + at.shortLevel] =
      (state[s + at.shortLevel] ?? 0) + alpha * (level - (state[s + at.shortLevel] ?? 0));
    const ratio = short / usual;
    let beta = isWarm ? longAlpha : Math.max(longAlpha, 1 / seen);
    if (isWarm && ratio >= learnShare * limit) beta *= slowLearn;
    state[s + at.long] = (state[s + at.long] ?? 0) + beta * (taken - (state[s + at.long] ?? 0));
    state[s + at.longLevel] =
      (state[s + at.longLevel] ?? 0) + beta * (level - (state[s + at.longLevel] ?? 0));
    if (isWarm) this.#judge(tag, value, ratio);
  }

  #judge(tag: number, value: number, ratio: number): void {
    const state = this.#state;
    const s = at.end * tag;
    const threshold = this.#ratio[tag] ?? 0;
    const above = ratio > threshold ? (state[s + at.above] ?? 0) + 1 : 0;
    state[s + at.above] = above;
    const isActive = state[s + at.isActive] === 1;
    if (isActive ? ratio > endShare * threshold : above < consecutiveMin) return;
    state[s + at.isActive] = isActive ? 0 : 1;
    this.#raise({
      rule: AlertRule.NOISE,
      tag,
      isActive: !isActive,
      value,
      score: ratio,
      threshold,
    });
  }
}
