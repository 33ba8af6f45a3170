/**
 * A value that no longer moves: a frozen transmitter, a filled gap. Quiet while another tag (a flow)
 * reads zero, because then standing still is right, and at the ends of the measuring range, where an
 * instrument is saturated. Without a configured time it learns how long the tag usually rests.
 */
import { f64, i32 } from "@weir/contracts/elements.ts";
import type { TagSettings } from "../configuration/configuration.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";
import {
  bytesOf,
  monotonic,
  type RuleInputs,
  type RuleState,
  type StateColumn,
} from "./rule-state.ts";

/** Learned time: this many times the usual interval between changes… */
const intervals = 20;
/** …at least twice the longest rest seen lately… */
const rests = 2;
/** …and at least this. */
const afterMsMin = 600_000;
/** Changes seen before the learned time counts. */
const changesMin = 100;
/** Weight of a new interval. */
const alpha = 0.02;
/** What nobody looked at for more periods than this is no standstill. */
const gapPeriods = 30;
/** What is kept of the longest rest at each change: it is forgotten over some ten thousand. */
const restDecay = 0.9999;

const at = {
  last: 0,
  changedMs: 1,
  intervalMs: 2,
  longestMs: 3,
  changes: 4,
  isActive: 5,
  /** 0: learned. */
  afterMs: 6,
  lastMs: 7,
  end: 8,
} as const;

export class StuckRule implements RuleState {
  readonly #raise: RaiseAlert;
  readonly #state: Float64Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #gapMs: Float64Array;
  readonly #inputs: RuleInputs;
  /** Tag that explains a standstill while it is within its resolution of zero, or −1. */
  readonly #other: Int32Array;
  readonly #otherZero: Float64Array;
  readonly columns: readonly StateColumn[];

  constructor(tags: readonly TagSettings[], raise: RaiseAlert, inputs: RuleInputs) {
    this.#raise = raise;
    this.#inputs = inputs;
    this.#low = Float64Array.from(tags, (tag) => tag.min);
    this.#high = Float64Array.from(tags, (tag) => tag.max);
    this.#gapMs = Float64Array.from(tags, (tag) => gapPeriods * tag.periodMs);
    this.#other = Int32Array.from(tags, (tag) => tag.detect.stuck?.unlessZero ?? -1);
    this.#otherZero = Float64Array.from(this.#other, (i) => tags[i]?.resolution ?? 0);
    this.#state = new Float64Array(at.end * tags.length);
    for (const { index, detect } of tags) {
      this.#state[at.end * index + at.last] = Number.NaN;
      this.#state[at.end * index + at.afterMs] = detect.stuck?.afterMs ?? 0;
    }
    this.columns = [{ values: this.#state, perTag: at.end, times: [at.changedMs, at.lastMs] }];
  }

  get stateBytes(): number {
    return bytesOf(this.columns) + 5 * this.#low.byteLength;
  }

  setAfter(tag: number, afterMs: number): void {
    this.#state[at.end * tag + at.afterMs] = afterMs;
  }

  /** A good reading. */
  step(tag: number): void {
    const value = f64(this.#inputs.values, tag);
    const timeMs = f64(this.#inputs.now, monotonic);
    const state = this.#state;
    const s = at.end * tag;
    if (timeMs - f64(state, s + at.lastMs) > f64(this.#gapMs, tag)) this.miss(tag);
    state[s + at.lastMs] = timeMs;
    if (value !== state[s + at.last]) {
      this.#moved(tag);
      return;
    }
    const restMs = timeMs - f64(state, s + at.changedMs);
    if (restMs < 0 || this.#isExplained(tag, value)) {
      state[s + at.changedMs] = timeMs;
      return;
    }
    if (restMs < this.#threshold(s) || state[s + at.isActive] === 1) return;
    state[s + at.isActive] = 1;
    this.#tell(tag, value, restMs);
  }

  /** A reading that is not good: nothing can be said, and the time starts anew. */
  miss(tag: number): void {
    const s = at.end * tag;
    if (this.#state[s + at.isActive] === 0) this.#state[s + at.last] = Number.NaN;
  }

  /** What happened while nobody looked is no standstill. */
  resume(tag: number): void {
    this.miss(tag);
  }

  #threshold(s: number): number {
    const state = this.#state;
    const afterMs = f64(state, s + at.afterMs);
    if (afterMs > 0) return afterMs;
    if (f64(state, s + at.changes) < changesMin) return Number.POSITIVE_INFINITY;
    return Math.max(
      afterMsMin,
      intervals * f64(state, s + at.intervalMs),
      rests * f64(state, s + at.longestMs),
    );
  }

  #moved(tag: number): void {
    const value = f64(this.#inputs.values, tag);
    const timeMs = f64(this.#inputs.now, monotonic);
    const state = this.#state;
    const s = at.end * tag;
    const isActive = state[s + at.isActive] === 1;
    const intervalMs = timeMs - f64(state, s + at.changedMs);
    const last = f64(state, s + at.last);
    if (!Number.isNaN(last) && !isActive && intervalMs >= 0) {
      const changes = f64(state, s + at.changes);
      const weight = changes === 0 ? 1 : alpha;
      state[s + at.intervalMs] =
        f64(state, s + at.intervalMs) + weight * (intervalMs - f64(state, s + at.intervalMs));
      const longest = restDecay * f64(state, s + at.longestMs);
      state[s + at.longestMs] = intervalMs > longest ? intervalMs : longest;
      if (changes < changesMin) state[s + at.changes] = changes + 1;
    }
    state[s + at.last] = value;
    state[s + at.changedMs] = timeMs;
    if (!isActive) return;
    state[s + at.isActive] = 0;
    this.#tell(tag, value, 0);
  }

  #isExplained(tag: number, value: number): boolean {
    if (value <= f64(this.#low, tag) || value >= f64(this.#high, tag)) return true;
    const other = i32(this.#other, tag);
    return other >= 0 && Math.abs(f64(this.#inputs.values, other)) <= f64(this.#otherZero, tag);
  }

  #tell(tag: number, value: number, restMs: number): void {
    const s = at.end * tag;
    this.#raise({
      rule: AlertRule.STUCK,
      tag,
      isActive: this.#state[s + at.isActive] === 1,
      value,
      score: restMs / 1_000,
      threshold: this.#threshold(s) / 1_000,
    });
  }
}
