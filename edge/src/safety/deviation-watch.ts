/**
 * Do the channels of a vote still measure the same thing? A channel that differs from the median of all
 * (with two channels: from the other) is told before it is missed in a vote.
 */
import { elementAt, f64, u8 } from "@weir/contracts/elements.ts";
import type { RuleWatch } from "./rule-watch.ts";

/** Readings in a row that differ before it is told: channels are not read at the same instant. */
export const deviationSamplesMin = 3;
/** It is over below this share of the bound. */
const clearShare = 0.8;

export class DeviationWatch {
  readonly #watches: readonly RuleWatch[];
  readonly #share: number;
  readonly #counts: Uint8Array;
  readonly #isActive: Uint8Array;
  /** Newest difference of each channel, share of its range. */
  readonly #differences: Float64Array;
  readonly #sorted: Float64Array;

  constructor(watches: readonly RuleWatch[], share: number) {
    this.#watches = watches;
    this.#share = share;
    this.#counts = new Uint8Array(watches.length);
    this.#isActive = new Uint8Array(watches.length);
    this.#differences = new Float64Array(watches.length);
    this.#sorted = new Float64Array(watches.length);
  }

  isActive(channel: number): boolean {
    return this.#isActive[channel] === 1;
  }

  difference(channel: number): number {
    return f64(this.#differences, channel);
  }

  /** A usable reading of `channel` has arrived. True when the channel began or ceased to differ. */
  step(channel: number): boolean {
    const reference = this.#reference(channel);
    if (Number.isNaN(reference)) return false;
    const watch = elementAt(this.#watches, channel);
    const difference = Math.abs(watch.value - reference) / watch.span;
    this.#differences[channel] = difference;
    if (this.#isActive[channel] === 1) {
      if (difference > this.#share * clearShare) return false;
      this.#isActive[channel] = 0;
      this.#counts[channel] = 0;
      return true;
    }
    if (!(difference > this.#share)) {
      this.#counts[channel] = 0;
      return false;
    }
    const count = u8(this.#counts, channel) + 1;
    this.#counts[channel] = count;
    if (count < deviationSamplesMin) return false;
    this.#isActive[channel] = 1;
    return true;
  }

  /** Median of the channels that see; NaN when there is nothing to compare with. */
  #reference(channel: number): number {
    let count = 0;
    let other = Number.NaN;
    for (let i = 0; i < this.#watches.length; i++) {
      const { isBlind, value } = elementAt(this.#watches, i);
      if (isBlind || Number.isNaN(value)) continue;
      this.#sorted[count++] = value;
      if (i !== channel) other = value;
    }
    if (count < 2) return Number.NaN;
    if (count === 2) return other;
    const seen = this.#sorted.subarray(0, count).sort();
    const middle = count >> 1;
    return count % 2 === 1 ? f64(seen, middle) : (f64(seen, middle - 1) + f64(seen, middle)) / 2;
  }
}
