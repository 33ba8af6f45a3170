import { strict as assert } from "node:assert";
import type { Detector, DetectorState } from "./detector.ts";

export interface EwmaOptions {
  /** Weight of the newest sample, 0…1. */
  alpha: number;
  /** Samples before anything is scored. */
  warmupCount: number;
}

export interface EwmaState extends DetectorState {
  readonly kind: "ewma";
  readonly version: 1;
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

/** Deviations at which the squashed score reaches tanh(1) ≈ 0.76. */
const softDeviations = 4;

/**
 * How many exponentially weighted standard deviations `x` lies from the mean, squashed to 0…1.
 * Sees steps and spikes; a ramp slower than its memory becomes its mean. O(1) time, 3 numbers.
 *
 * @see Roberts, "Control chart tests based on geometric moving averages", Technometrics 1 (1959).
 */
export class EwmaDetector implements Detector<EwmaState> {
  #mean = 0;
  #variance = 0;
  #count = 0;
  readonly #alpha: number;
  readonly #warmupCount: number;

  constructor(options: EwmaOptions) {
    assert(options.alpha > 0 && options.alpha <= 1 && options.warmupCount >= 0);
    this.#alpha = options.alpha;
    this.#warmupCount = options.warmupCount;
  }

  scoreOne(x: number): number {
    if (this.#count < this.#warmupCount || this.#variance === 0) return 0;
    return Math.tanh(Math.abs(x - this.#mean) / Math.sqrt(this.#variance) / softDeviations);
  }

  learnOne(x: number): void {
    this.#count += 1;
    if (this.#count === 1) {
      this.#mean = x;
      return;
    }
    const delta = x - this.#mean;
    this.#mean += this.#alpha * delta;
    this.#variance = (1 - this.#alpha) * (this.#variance + this.#alpha * delta * delta);
  }

  capture(): EwmaState {
    const learned = { mean: this.#mean, variance: this.#variance, count: this.#count };
    return { kind: "ewma", version: 1, ...learned };
  }

  static restore(options: EwmaOptions, state: EwmaState): EwmaDetector {
    const detector = new EwmaDetector(options);
    detector.#mean = state.mean;
    detector.#variance = state.variance;
    detector.#count = state.count;
    return detector;
  }
}
