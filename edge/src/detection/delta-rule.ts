/**
 * Largest difference between any two readings of a sliding window: catches a pump running away
 * within a minute, where the difference of the window's ends would miss it.
 *
 * Readings are kept as lows and highs of whole periods, so a tag that is read faster for a while needs
 * no longer window. Amortised O(1) a reading: two monotonic queues, all tags in flat arrays.
 */
import type { TagSettings } from "../configuration/configuration.ts";
import { deltaSamplesMin } from "../configuration/resolve-detect.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";
import {
  bytesOf,
  monotonic,
  type RuleInputs,
  type RuleState,
  type StateColumn,
} from "./rule-state.ts";

/** An alert ends when the difference falls below this share of its threshold. */
const endShare = 0.7;
const roundingShare = 1e-9;
/** Beyond this share of the threshold a tag is worth a closer look. */
const suspectShare = 0.5;
/** A reading this much sooner than a period after the last one belongs to a period of its own. */
const earlyShare = 0.25;

/** Places in the lasting part of the state. */
// Read without the checked functions, with the default that costs least: else V8 has no room left to take in
// what this rule calls for each reading, and every number handed over would be a piece of garbage.
const at = { max: 0, isActive: 1, end: 2 } as const;
/** Places in the window's bookkeeping; "first" is a ring position. */
const book = {
  from: 0,
  capacity: 1,
  first: 2,
  count: 3,
  fallingFirst: 4,
  fallingCount: 5,
  risingFirst: 6,
  risingCount: 7,
  end: 8,
} as const;

export class DeltaRule implements RuleState {
  readonly #raise: RaiseAlert;
  readonly #inputs: RuleInputs;
  readonly #lasting: Float64Array;
  readonly #windowMs: Float64Array;
  readonly #sliceMs: Float64Array;
  readonly #book: Int32Array;
  readonly #times: Float64Array;
  readonly #highs: Float64Array;
  readonly #lows: Float64Array;
  /** Ring positions of falling highs and of rising lows. */
  readonly #falling: Int32Array;
  readonly #rising: Int32Array;
  readonly columns: readonly StateColumn[];

  constructor(tags: readonly TagSettings[], raise: RaiseAlert, inputs: RuleInputs) {
    const count = tags.length;
    this.#raise = raise;
    this.#inputs = inputs;
    this.#lasting = new Float64Array(at.end * count);
    this.#windowMs = new Float64Array(count);
    this.#sliceMs = new Float64Array(count);
    this.#book = new Int32Array(book.end * count);
    let total = 0;
    for (const { index, detect, periodMs } of tags) {
      if (!detect.delta) continue;
      this.#lasting[at.end * index + at.max] = detect.delta.max;
      this.#windowMs[index] = detect.delta.windowMs;
      this.#sliceMs[index] = (1 - earlyShare) * periodMs;
      const capacity = Math.floor(detect.delta.windowMs / (this.#sliceMs[index] ?? 0)) + 2;
      this.#book[book.end * index + book.from] = total;
      this.#book[book.end * index + book.capacity] = capacity;
      total += capacity;
    }
    this.#times = new Float64Array(total);
    this.#highs = new Float64Array(total);
    this.#lows = new Float64Array(total);
    this.#falling = new Int32Array(total);
    this.#rising = new Int32Array(total);
    this.columns = [{ values: this.#lasting, perTag: at.end, times: [] }];
  }

  get stateBytes(): number {
    const rings = 3 * this.#times.byteLength + 2 * this.#falling.byteLength;
    return bytesOf(this.columns) + this.#book.byteLength + rings;
  }

  max(tag: number): number {
    return this.#lasting[at.end * tag + at.max] ?? 0;
  }

  setMax(tag: number, max: number): void {
    this.#lasting[at.end * tag + at.max] = max;
  }

  /** A good reading. True when the difference is beyond half the threshold. */
  step(tag: number): boolean {
    const value = this.#inputs.values[tag] ?? 0;
    const timeMs = this.#inputs.now[monotonic] ?? 0;
    const b = book.end * tag;
    const own = this.#book;
    const capacity = own[b + book.capacity] ?? 0;
    const from = own[b + book.from] ?? 0;
    const last = from + wrap((own[b + book.first] ?? 0) + (own[b + book.count] ?? 0) - 1, capacity);
    const sinceMs = (own[b + book.count] ?? 0) > 0 ? timeMs - (this.#times[last] ?? 0) : Infinity;
    if (sinceMs < 0) this.#forget(tag);
    if (sinceMs >= 0 && sinceMs < (this.#sliceMs[tag] ?? 0)) {
      this.#widen(tag, last);
    } else {
      this.#expire(tag);
      this.#append(tag);
    }
    if ((own[b + book.count] ?? 0) < deltaSamplesMin) return false;
    const highest =
      this.#highs[from + (this.#falling[from + (own[b + book.fallingFirst] ?? 0)] ?? 0)] ??
      Number.NaN;
    const lowest =
      this.#lows[from + (this.#rising[from + (own[b + book.risingFirst] ?? 0)] ?? 0)] ?? 0;
    // 1.5 − 1.2 is a little more than 0.3 in floats; a difference of exactly the threshold is none.
    const sure = highest - lowest - roundingShare * Math.max(1, Math.abs(value));
    const threshold = this.#lasting[at.end * tag + at.max] ?? 0;
    const isActive = this.#lasting[at.end * tag + at.isActive] === 1;
    if (isActive ? sure <= endShare * threshold : sure > threshold) {
      this.#lasting[at.end * tag + at.isActive] = isActive ? 0 : 1;
      this.#raise({
        rule: AlertRule.DELTA,
        tag,
        isActive: !isActive,
        value,
        score: highest - lowest,
        threshold,
      });
    }
    return sure > suspectShare * threshold;
  }

  #append(tag: number): void {
    const value = this.#inputs.values[tag] ?? 0;
    const b = book.end * tag;
    const own = this.#book;
    const capacity = own[b + book.capacity] ?? 0;
    const from = own[b + book.from] ?? 0;
    const count = own[b + book.count] ?? 0;
    const position = wrap((own[b + book.first] ?? 0) + count, capacity);
    this.#times[from + position] = this.#inputs.now[monotonic] ?? 0;
    this.#highs[from + position] = value;
    this.#lows[from + position] = value;
    own[b + book.count] = count + 1;
    // A value that is not below the newest ones makes them useless for the maximum; likewise above.
    const fallingFirst = own[b + book.fallingFirst] ?? 0;
    let falling = own[b + book.fallingCount] ?? 0;
    while (falling > 0) {
      const newest = this.#falling[from + wrap(fallingFirst + falling - 1, capacity)] ?? 0;
      if ((this.#highs[from + newest] ?? 0) > value) break;
      falling--;
    }
    this.#falling[from + wrap(fallingFirst + falling, capacity)] = position;
    own[b + book.fallingCount] = falling + 1;
    const risingFirst = own[b + book.risingFirst] ?? 0;
    let rising = own[b + book.risingCount] ?? 0;
    while (rising > 0) {
      const newest = this.#rising[from + wrap(risingFirst + rising - 1, capacity)] ?? 0;
      if ((this.#lows[from + newest] ?? 0) < value) break;
      rising--;
    }
    this.#rising[from + wrap(risingFirst + rising, capacity)] = position;
    own[b + book.risingCount] = rising + 1;
  }

  /** One more reading of the period that stands last in the ring, at `last`. */
  #widen(tag: number, last: number): void {
    const value = this.#inputs.values[tag] ?? 0;
    const b = book.end * tag;
    const own = this.#book;
    const capacity = own[b + book.capacity] ?? 0;
    const from = own[b + book.from] ?? 0;
    if (value > (this.#highs[last] ?? 0)) {
      this.#highs[last] = value;
      const first = own[b + book.fallingFirst] ?? 0;
      let count = own[b + book.fallingCount] ?? 0;
      while (count > 1) {
        const older = this.#falling[from + wrap(first + count - 2, capacity)] ?? 0;
        if ((this.#highs[from + older] ?? 0) > value) break;
        count--;
      }
      this.#falling[from + wrap(first + count - 1, capacity)] = last - from;
      own[b + book.fallingCount] = count;
    }
    if (value < (this.#lows[last] ?? 0)) {
      this.#lows[last] = value;
      const first = own[b + book.risingFirst] ?? 0;
      let count = own[b + book.risingCount] ?? 0;
      while (count > 1) {
        const older = this.#rising[from + wrap(first + count - 2, capacity)] ?? 0;
        if ((this.#lows[from + older] ?? 0) < value) break;
        count--;
      }
      this.#rising[from + wrap(first + count - 1, capacity)] = last - from;
      own[b + book.risingCount] = count;
    }
  }

  /** Drops periods older than the window, or the oldest one when the ring is full. */
  #expire(tag: number): void {
    const oldestMs = (this.#inputs.now[monotonic] ?? 0) - (this.#windowMs[tag] ?? 0);
    const b = book.end * tag;
    const own = this.#book;
    const capacity = own[b + book.capacity] ?? 0;
    const from = own[b + book.from] ?? 0;
    while ((own[b + book.count] ?? 0) > 0) {
      const first = own[b + book.first] ?? 0;
      if ((this.#times[from + first] ?? 0) >= oldestMs && (own[b + book.count] ?? 0) < capacity)
        return;
      if (this.#falling[from + (own[b + book.fallingFirst] ?? 0)] === first) {
        own[b + book.fallingFirst] = wrap((own[b + book.fallingFirst] ?? 0) + 1, capacity);
        own[b + book.fallingCount] = (own[b + book.fallingCount] ?? 0) - 1;
      }
      if (this.#rising[from + (own[b + book.risingFirst] ?? 0)] === first) {
        own[b + book.risingFirst] = wrap((own[b + book.risingFirst] ?? 0) + 1, capacity);
        own[b + book.risingCount] = (own[b + book.risingCount] ?? 0) - 1;
      }
      own[b + book.first] = wrap(first + 1, capacity);
      own[b + book.count] = (own[b + book.count] ?? 0) - 1;
    }
  }

  #forget(tag: number): void {
    const b = book.end * tag;
    this.#book[b + book.count] = 0;
    this.#book[b + book.fallingCount] = 0;
    this.#book[b + book.risingCount] = 0;
  }
}

/** `position` is below twice the capacity and at least −1. */
const wrap = (position: number, capacity: number): number =>
  position >= capacity ? position - capacity : position < 0 ? position + capacity : position;
