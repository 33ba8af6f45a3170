/**
 * Single outliers that come too often to be bubbles. One spike is nothing to report: a healthy sensor
 * makes a handful a day. The count decays with a time constant of a day.
 */
import { f64 } from "@weir/contracts/elements.ts";
import type { TagSettings } from "../configuration/configuration.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";
import {
  bytesOf,
  monotonic,
  type RuleInputs,
  type RuleState,
  type StateColumn,
} from "./rule-state.ts";

const dayMs = 86_400_000;
/** A spike is this many usual deviations from the median around it. */
const deviations = 10;
const alpha = 1 / 500;
const warmupCount = 500;
const endShare = 0.5;

const at = {
  usual: 0,
  count: 1,
  countedMs: 2,
  seen: 3,
  isIn: 4,
  isActive: 5,
  end: 6,
} as const;

export class SpikeRule implements RuleState {
  readonly #raise: RaiseAlert;
  readonly #inputs: RuleInputs;
  readonly #state: Float64Array;
  readonly #perDay: Float64Array;
  readonly #least: Float64Array;
  readonly columns: readonly StateColumn[];

  constructor(tags: readonly TagSettings[], raise: RaiseAlert, inputs: RuleInputs) {
    this.#raise = raise;
    this.#inputs = inputs;
    this.#perDay = Float64Array.from(tags, (tag) => tag.detect.spike?.perDay ?? 0);
    this.#least = Float64Array.from(tags, (tag) => Math.max(tag.resolution / 2, Number.MIN_VALUE));
    this.#state = new Float64Array(at.end * tags.length);
    this.columns = [{ values: this.#state, perTag: at.end, times: [at.countedMs] }];
  }

  get stateBytes(): number {
    return bytesOf(this.columns) + 2 * this.#perDay.byteLength;
  }

  /** A good reading in its turn: judges the one in the middle of the last seven. */
  step(tag: number): void {
    const value = f64(this.#inputs.middles, tag);
    const median = f64(this.#inputs.medians, tag);
    const timeMs = f64(this.#inputs.now, monotonic);
    const state = this.#state;
    const s = at.end * tag;
    const seen = f64(state, s + at.seen);
    if (seen < warmupCount) state[s + at.seen] = seen + 1;
    const deviation = Math.abs(value - median);
    const usual = f64(state, s + at.usual);
    const limit = deviations * Math.max(usual, f64(this.#least, tag));
    const isOut = deviation > limit;
    state[s + at.usual] = usual + alpha * ((isOut ? limit : deviation) - usual);
    const isSpike = isOut && seen >= warmupCount;
    const isActive = state[s + at.isActive] === 1;
    const wasIn = state[s + at.isIn] === 1;
    if (isSpike !== wasIn) state[s + at.isIn] = isSpike ? 1 : 0;
    if (isSpike && !wasIn) this.#decay(s, timeMs, 1);
    else if (isActive) this.#decay(s, timeMs, 0);
    else return;
    this.#judge(tag, value, isActive);
  }

  #decay(s: number, timeMs: number, add: number): void {
    const state = this.#state;
    const passedMs = Math.max(0, timeMs - f64(state, s + at.countedMs));
    state[s + at.count] = f64(state, s + at.count) * Math.exp(-passedMs / dayMs) + add;
    state[s + at.countedMs] = timeMs;
  }

  #judge(tag: number, value: number, isActive: boolean): void {
    const s = at.end * tag;
    const threshold = f64(this.#perDay, tag);
    const score = f64(this.#state, s + at.count);
    if (isActive ? score > endShare * threshold : score <= threshold) return;
    this.#state[s + at.isActive] = isActive ? 0 : 1;
    this.#raise({ rule: AlertRule.SPIKE, tag, isActive: !isActive, value, score, threshold });
  }
}
