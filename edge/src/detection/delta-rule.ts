/**
 * Largest difference between any two readings of a sliding window: catches a pump running away
 * within a minute, where the difference of the window's ends would miss it (plant.md 1.9).
 * Amortised O(1) a reading: two monotonic queues, all tags in flat arrays.
 */

import type { TagSettings } from "../configuration/configuration.ts";
import { deltaSamplesMin } from "../configuration/resolve-tag.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";

/** An alert ends when the difference falls below this share of its threshold. */
const endShare = 0.7;
const roundingShare = 1e-9;

export class DeltaRule {
  readonly #raise: RaiseAlert;
  readonly #max: Float64Array;
  readonly #windowMs: Float64Array;
  /** Where a tag's part of the rings begins, and how long it is. */
  readonly #from: Int32Array;
  readonly #capacity: Int32Array;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  /** Ring positions of falling (for the maximum) and rising (for the minimum) values. */
  readonly #falling: Int32Array;
  readonly #rising: Int32Array;
  /** First position and length, for the readings and for each queue. */
  readonly #first: Int32Array;
  readonly #count: Int32Array;
  readonly #fallingFirst: Int32Array;
  readonly #fallingCount: Int32Array;
  readonly #risingFirst: Int32Array;
  readonly #risingCount: Int32Array;
  readonly #isActive: Uint8Array;

  constructor(tags: readonly TagSettings[], raise: RaiseAlert) {
    this.#raise = raise;
    const count = tags.length;
    this.#max = new Float64Array(count);
    this.#windowMs = new Float64Array(count);
    this.#from = new Int32Array(count);
    this.#capacity = new Int32Array(count);
    this.#isActive = new Uint8Array(count);
    this.#first = new Int32Array(count);
    this.#count = new Int32Array(count);
    this.#fallingFirst = new Int32Array(count);
    this.#fallingCount = new Int32Array(count);
    this.#risingFirst = new Int32Array(count);
    this.#risingCount = new Int32Array(count);
    let total = 0;
    for (const { index, detect, periodMs } of tags) {
      if (!detect.delta) continue;
      this.#max[index] = detect.delta.max;
      this.#windowMs[index] = detect.delta.windowMs;
      this.#from[index] = total;
      this.#capacity[index] = Math.floor(detect.delta.windowMs / periodMs) + 2;
      total += this.#capacity[index]!;
    }
    this.#times = new Float64Array(total);
    this.#values = new Float64Array(total);
    this.#falling = new Int32Array(total);
    this.#rising = new Int32Array(total);
  }

  get stateBytes(): number {
    return this.#times.byteLength * 3 + this.#first.byteLength * 6 + this.#max.byteLength * 3;
  }

  setMax(tag: number, max: number): void {
    this.#max[tag] = max;
  }

  /** A good reading. `timeMs`: monotonic plant time. */
  step(tag: number, value: number, timeMs: number): void {
    const capacity = this.#capacity[tag]!;
    if (capacity === 0) return;
    const from = this.#from[tag]!;
    this.#expire(tag, timeMs - this.#windowMs[tag]!);
    const count = this.#count[tag]!;
    const at = wrap(this.#first[tag]! + count, capacity);
    this.#times[from + at] = timeMs;
    this.#values[from + at] = value;
    this.#count[tag] = count + 1;
    // A value that is not below the newest ones makes them useless for the maximum; likewise above.
    let falling = this.#fallingCount[tag]!;
    const fallingFirst = this.#fallingFirst[tag]!;
    while (falling > 0) {
      const last = this.#falling[from + wrap(fallingFirst + falling - 1, capacity)]!;
      if (this.#values[from + last]! > value) break;
      falling--;
    }
    this.#falling[from + wrap(fallingFirst + falling, capacity)] = at;
    this.#fallingCount[tag] = falling + 1;
    let rising = this.#risingCount[tag]!;
    const risingFirst = this.#risingFirst[tag]!;
    while (rising > 0) {
      const last = this.#rising[from + wrap(risingFirst + rising - 1, capacity)]!;
      if (this.#values[from + last]! < value) break;
      rising--;
    }
    this.#rising[from + wrap(risingFirst + rising, capacity)] = at;
    this.#risingCount[tag] = rising + 1;
    if (count + 1 < deltaSamplesMin) return;
    const highest = this.#values[from + this.#falling[from + fallingFirst]!]!;
    const lowest = this.#values[from + this.#rising[from + risingFirst]!]!;
    this.#judge(tag, value, highest - lowest);
  }

  /** Drops readings older than the window, or the oldest one when the ring is full. */
  #expire(tag: number, oldestMs: number): void {
    const capacity = this.#capacity[tag]!;
    const from = this.#from[tag]!;
    while (this.#count[tag]! > 0) {
      const first = this.#first[tag]!;
      if (this.#times[from + first]! >= oldestMs && this.#count[tag]! < capacity) return;
      if (this.#falling[from + this.#fallingFirst[tag]!] === first) {
        this.#fallingFirst[tag] = wrap(this.#fallingFirst[tag]! + 1, capacity);
        this.#fallingCount[tag]!--;
      }
      if (this.#rising[from + this.#risingFirst[tag]!] === first) {
        this.#risingFirst[tag] = wrap(this.#risingFirst[tag]! + 1, capacity);
        this.#risingCount[tag]!--;
      }
      this.#first[tag] = wrap(first + 1, capacity);
      this.#count[tag]!--;
    }
  }

  #judge(tag: number, value: number, change: number): void {
    const threshold = this.#max[tag]!;
    const isActive = this.#isActive[tag] === 1;
    // 1.5 − 1.2 is a little more than 0.3 in floats; a difference of exactly the threshold is none.
    const sure = change - roundingShare * Math.max(1, Math.abs(value));
    if (isActive ? sure > endShare * threshold : sure <= threshold) return;
    this.#isActive[tag] = isActive ? 0 : 1;
    this.#raise({
      rule: AlertRule.DELTA,
      tag,
      isActive: !isActive,
      value,
      score: change,
      threshold,
    });
  }
}

/** `position` is below twice the capacity. */
const wrap = (position: number, capacity: number): number =>
  position >= capacity ? position - capacity : position;
