/**
 * One hard bound over one tag: has the cause been there long enough? Numbers only; voting is in
 * rule-state.ts, latching and orders are in safety.ts.
 */

import { Quality } from "../conditioning/quality.ts";
import type { RuleSettings } from "../configuration/configuration.ts";

export type Verdict =
  | "none"
  /** The limit was passed for the whole on-delay. */
  | "beyond"
  /** The tag says nothing usable for too long; the rule's `onBad` decides. */
  | "blind"
  /** The tag can be trusted again after `blind`. */
  | "seeing";

const roundingShare = 1e-9;

export interface WatchOptions {
  rule: RuleSettings;
  /** Measuring range of the tag. */
  min: number;
  max: number;
}

export class RuleWatch {
  readonly #rule: RuleSettings;
  readonly #min: number;
  readonly #max: number;
  /** Samples beyond the limit, in a row. */
  #count = 0;
  #sinceMs = 0;
  #badCount = 0;
  #isBlind = false;
  #isBeyond = false;
  /** Nothing is known before the first usable sample. */
  #isClear = false;
  #isCauseThere = false;
  #value = Number.NaN;

  constructor({ rule, min, max }: WatchOptions) {
    this.#rule = rule;
    this.#min = min;
    this.#max = max;
  }

  get isBlind(): boolean {
    return this.#isBlind;
  }

  /** The newest sample was not usable. */
  get isMissing(): boolean {
    return this.#badCount > 0;
  }

  /** The newest usable sample lies beyond the limit. */
  get isCounting(): boolean {
    return this.#count > 0;
  }

  /** The newest usable sample completed the on-delay. */
  get isBeyond(): boolean {
    return this.#isBeyond;
  }

  /** The newest sample is usable and lies on the safe side of limit and dead-band. */
  get isClear(): boolean {
    return this.#isClear;
  }

  /**
   * The cause is there for all that can be seen: the limit was passed, and no usable sample has come back
   * through the dead-band since. False while the tag cannot be measured: nothing is kept quiet unseen.
   */
  get isCauseSeen(): boolean {
    return this.#isCauseThere && !this.#isBlind;
  }

  /** Newest usable sample; NaN before the first. */
  get value(): number {
    return this.#value;
  }

  get span(): number {
    return this.#max - this.#min;
  }

  /** Forgets an excursion in progress; what is known of the cause stays. */
  forget(): void {
    this.#count = 0;
    this.#isBeyond = false;
  }

  /** `monotonicMs`: plant time of the sample. */
  step(value: number, quality: number, monotonicMs: number): Verdict {
    return this.#isUsable(value, quality) ? this.#measure(value, monotonicMs) : this.#miss(quality);
  }

  /**
   * Whether a sample counts as a measurement. A reading outside the measuring range is uncertain, but
   * one that is pegged beyond the range on the watched side is the strongest evidence there is.
   */
  #isUsable(value: number, quality: number): boolean {
    if (!Number.isFinite(value)) return false;
    if (quality === Quality.GOOD) return true;
    if (quality !== Quality.UNCERTAIN) return false;
    if (this.#rule.quality === "uncertain") return true;
    return this.#rule.direction === "above" ? value > this.#max : value < this.#min;
  }

  #measure(value: number, monotonicMs: number): Verdict {
    const { limit, deadband, direction, samplesMin, onDelayMs } = this.#rule;
    const excess = direction === "above" ? value - limit : limit - value;
    // 0.2 − 0.3 is a little more than −0.1 in floats: a value on the line counts as on it.
    const slack = roundingShare * Math.max(1, Math.abs(limit));
    this.#value = value;
    this.#isClear = excess <= slack - deadband;
    if (this.#isClear) this.#isCauseThere = false;
    else if (excess > slack) this.#isCauseThere = true;
    this.#badCount = 0;
    if (excess > slack) {
      if (this.#count === 0) this.#sinceMs = monotonicMs;
      this.#count++;
      this.#isBeyond = this.#count >= samplesMin && monotonicMs - this.#sinceMs >= onDelayMs;
      if (this.#isBeyond) {
        this.#isBlind = false;
        return "beyond";
      }
    } else {
      this.#count = 0;
      this.#isBeyond = false;
    }
    if (!this.#isBlind) return "none";
    this.#isBlind = false;
    return "seeing";
  }

  #miss(quality: number): Verdict {
    this.#isClear = false;
    this.#badCount++;
    // A stale tag has already missed its scans when it is called stale.
    if (this.#badCount < this.#rule.badSamplesMin && quality !== Quality.STALE) return "none";
    this.#isBlind = true;
    return "blind";
  }
}
