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
  readonly #from: Uint32Array;
  readonly #capacity: Uint32Array;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  /** Ring positions of falling (for the maximum) and rising (for the minimum) values. */
  readonly #falling: Float64Array;
  readonly #rising: Float64Array;
  readonly #ends: Float64Array;
  readonly #isActive: Uint8Array;

  constructor(tags: readonly TagSettings[], raise: RaiseAlert) {
    this.#raise = raise;
    const count = tags.length;
    this.#max = new Float64Array(count);
    this.#windowMs = new Float64Array(count);
    this.#from = new Uint32Array(count);
    this.#capacity = new Uint32Array(count);
    this.#isActive = new Uint8Array(count);
    // Six counters a tag: oldest and next reading, then head and tail of each queue.
    this.#ends = new Float64Array(6 * count);
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
    this.#falling = new Float64Array(total);
    this.#rising = new Float64Array(total);
  }

  get stateBytes(): number {
    return this.#times.byteLength * 4 + this.#ends.byteLength + 2 * this.#max.byteLength;
  }

  setMax(tag: number, max: number): void {
    this.#max[tag] = max;
  }

  /** A good reading. `timeMs`: monotonic plant time. */
  step(tag: number, value: number, timeMs: number): void {
    const capacity = this.#capacity[tag]!;
    if (capacity === 0) return;
    const from = this.#from[tag]!;
    const ends = this.#ends;
    const at = 6 * tag;
    const oldestTimeMs = timeMs - this.#windowMs[tag]!;
    let first = ends[at]!;
    const next = ends[at + 1]!;
    // Counters run on for ever; a ring position is counter modulo capacity.
    while (
      first !== next &&
      (this.#times[from + (first % capacity)]! < oldestTimeMs || next - first >= capacity)
    ) {
      if (
        ends[at + 2] !== ends[at + 3] &&
        this.#falling[from + (ends[at + 2]! % capacity)] === first
      ) {
        ends[at + 2]!++;
      }
      if (
        ends[at + 4] !== ends[at + 5] &&
        this.#rising[from + (ends[at + 4]! % capacity)] === first
      ) {
        ends[at + 4]!++;
      }
      first++;
    }
    ends[at] = first;
    this.#times[from + (next % capacity)] = timeMs;
    this.#values[from + (next % capacity)] = value;
    while (
      ends[at + 2] !== ends[at + 3] &&
      this.#valueAt(this.#falling, from, ends[at + 3]! - 1, capacity) <= value
    ) {
      ends[at + 3]!--;
    }
    this.#falling[from + (ends[at + 3]! % capacity)] = next;
    ends[at + 3]!++;
    while (
      ends[at + 4] !== ends[at + 5] &&
      this.#valueAt(this.#rising, from, ends[at + 5]! - 1, capacity) >= value
    ) {
      ends[at + 5]!--;
    }
    this.#rising[from + (ends[at + 5]! % capacity)] = next;
    ends[at + 5]!++;
    ends[at + 1] = next + 1;
    if (next + 1 - first >= deltaSamplesMin) this.#judge(tag, value, this.#change(tag));
  }

  #change(tag: number): number {
    const capacity = this.#capacity[tag]!;
    const from = this.#from[tag]!;
    const at = 6 * tag;
    return (
      this.#valueAt(this.#falling, from, this.#ends[at + 2]!, capacity) -
      this.#valueAt(this.#rising, from, this.#ends[at + 4]!, capacity)
    );
  }

  #valueAt(queue: Float64Array, from: number, counter: number, capacity: number): number {
    return this.#values[from + (queue[from + (counter % capacity)]! % capacity)]!;
  }

  #judge(tag: number, value: number, change: number): void {
    const threshold = this.#max[tag]!;
    const isActive = this.#isActive[tag] === 1;
    // 1.5 − 1.2 is a little more than 0.3 in floats; a difference of exactly the threshold is none.
    change -= roundingShare * Math.max(1, Math.abs(value));
    if (isActive ? change > endShare * threshold : change <= threshold) return;
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
