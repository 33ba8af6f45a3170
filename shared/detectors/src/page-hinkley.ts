import { strict as assert } from "node:assert";
import type { Detector, DetectorState } from "./detector.ts";

export interface PageHinkleyOptions {
  /** Change per sample that is put up with, in the signal's unit. */
  drift: number;
  /** Sum of exceedances at which the mean is taken to have moved, same unit. */
  threshold: number;
  /** Samples before anything is scored. */
  minCount: number;
}

export interface PageHinkleyState extends DetectorState {
  readonly kind: "page-hinkley";
  readonly version: 1;
  readonly count: number;
  readonly mean: number;
  readonly up: number;
  readonly down: number;
}

/**
 * Page–Hinkley test, both ways: notices when the mean of a signal has moved for good.
 *
 * Good for slow wear and for drift of a score stream. Blind to a change of spread with equal
 * mean. O(1) per sample; 4 numbers of state.
 *
 * @example
 * const test = new PageHinkley({ drift: 0.05, threshold: 8, minCount: 30 });
 * firstAlarm(test, [...repeat(20.0, 200), ...repeat(20.6, 200)]); // → 215
 *
 * @see Page, "Continuous inspection schemes", Biometrika 41 (1954).
 */
export class PageHinkley implements Detector<PageHinkleyState> {
  #count = 0;
  #mean = 0;
  /** How far the cumulative sums stand above their lowest, for a rise and for a fall. */
  #up = 0;
  #down = 0;
  readonly #options: PageHinkleyOptions;

  constructor(options: PageHinkleyOptions) {
    assert(options.drift >= 0 && options.threshold > 0 && options.minCount >= 1);
    this.#options = options;
  }

  /** Share of the threshold that is reached; 1 = the mean has moved. */
  get level(): number {
    return Math.min(1, Math.max(this.#up, this.#down) / this.#options.threshold);
  }

  /** The level there would be after `x`. */
  scoreOne(x: number): number {
    if (this.#count < this.#options.minCount) return 0;
    const { up, down } = this.#after(x);
    return Math.min(1, Math.max(up, down) / this.#options.threshold);
  }

  learnOne(x: number): void {
    this.#count += 1;
    this.#mean += (x - this.#mean) / this.#count;
    if (this.#count < this.#options.minCount) return;
    const { up, down } = this.#after(x);
    this.#up = up;
    this.#down = down;
  }

  /** Forgets the past: what comes now is the new normal. */
  reset(): void {
    this.#count = 0;
    this.#mean = 0;
    this.#up = 0;
    this.#down = 0;
  }

  #after(x: number): { up: number; down: number } {
    const { drift } = this.#options;
    return {
      up: Math.max(0, this.#up + x - this.#mean - drift),
      down: Math.max(0, this.#down + this.#mean - x - drift),
    };
  }

  capture(): PageHinkleyState {
    const learned = { count: this.#count, mean: this.#mean, up: this.#up, down: this.#down };
    return { kind: "page-hinkley", version: 1, ...learned };
  }

  static restore(options: PageHinkleyOptions, state: PageHinkleyState): PageHinkley {
    const test = new PageHinkley(options);
    test.#count = state.count;
    test.#mean = state.mean;
    test.#up = state.up;
    test.#down = state.down;
    return test;
  }
}
