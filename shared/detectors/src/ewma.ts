import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";
import type { Detector } from "./detector.ts";
import { packState, unpackState } from "./state-bytes.ts";

export interface EwmaOptions {
  /** Weight of the newest sample, 0…1. */
  alpha: number;
  /** Samples before anything is scored. */
  warmupCount: number;
}

const kind = "ewma/2";
const at = { mean: 0, variance: 1, count: 2, end: 3 } as const;

/** Deviations at which the squashed score reaches tanh(1) ≈ 0.76. */
const softDeviations = 4;

/**
 * How many exponentially weighted standard deviations a value lies from the mean, squashed to 0…1.
 * Sees steps and spikes; a ramp slower than its memory becomes its mean. O(1) time, 3 numbers.
 *
 * @see Roberts, "Control chart tests based on geometric moving averages", Technometrics 1 (1959).
 */
export class EwmaDetector implements Detector {
  readonly #state = new Float64Array(at.end);
  readonly #alpha: number;
  readonly #warmupCount: number;

  constructor(options: EwmaOptions) {
    assert(options.alpha > 0 && options.alpha <= 1 && options.warmupCount >= 0);
    this.#alpha = options.alpha;
    this.#warmupCount = options.warmupCount;
  }

  get stateBytes(): number {
    return this.#state.byteLength;
  }

  score(value: number): number {
    const variance = f64(this.#state, at.variance);
    if (f64(this.#state, at.count) < this.#warmupCount || variance === 0) return 0;
    if (!Number.isFinite(value)) return 0;
    const deviations = Math.abs(value - f64(this.#state, at.mean)) / Math.sqrt(variance);
    return Math.tanh(deviations / softDeviations);
  }

  learn(value: number): void {
    if (!Number.isFinite(value)) return;
    const state = this.#state;
    state[at.count] = f64(state, at.count) + 1;
    if (state[at.count] === 1) {
      state[at.mean] = value;
      return;
    }
    const delta = value - f64(state, at.mean);
    state[at.mean] = f64(state, at.mean) + this.#alpha * delta;
    state[at.variance] =
      (1 - this.#alpha) * (f64(state, at.variance) + this.#alpha * delta * delta);
  }

  capture(): Uint8Array {
    return packState(kind, this.#state);
  }

  restore(bytes: Uint8Array): boolean {
    return unpackState(kind, bytes, this.#state);
  }
}
