import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";
import type { Detector } from "./detector.ts";
import { packState, unpackState } from "./state-bytes.ts";

export interface PageHinkleyOptions {
  /** Change per sample that is put up with, in the signal's unit. */
  drift: number;
  /** Sum of exceedances at which the mean is taken to have moved, same unit. */
  threshold: number;
  /** Samples before anything is scored. */
  minCount: number;
}

const kind = "page-hinkley/2";
/** `up` and `down`: how far the cumulative sums stand above their lowest, for a rise and for a fall. */
const at = { count: 0, mean: 1, up: 2, down: 3, end: 4 } as const;

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
export class PageHinkley implements Detector {
  readonly #state = new Float64Array(at.end);
  readonly #options: PageHinkleyOptions;

  constructor(options: PageHinkleyOptions) {
    assert(options.drift >= 0 && options.threshold > 0 && options.minCount >= 1);
    this.#options = options;
  }

  get stateBytes(): number {
    return this.#state.byteLength;
  }

  /** Share of the threshold that is reached; 1 = the mean has moved. */
  get level(): number {
    const reached = Math.max(f64(this.#state, at.up), f64(this.#state, at.down));
    return Math.min(1, reached / this.#options.threshold);
  }

  /** The level there would be after `value`. */
  score(value: number): number {
    if (f64(this.#state, at.count) < this.#options.minCount || !Number.isFinite(value)) return 0;
    const { up, down } = this.#after(value);
    return Math.min(1, Math.max(up, down) / this.#options.threshold);
  }

  learn(value: number): void {
    if (!Number.isFinite(value)) return;
    const state = this.#state;
    const count = f64(state, at.count) + 1;
    state[at.count] = count;
    state[at.mean] = f64(state, at.mean) + (value - f64(state, at.mean)) / count;
    if (count < this.#options.minCount) return;
    const { up, down } = this.#after(value);
    state[at.up] = up;
    state[at.down] = down;
  }

  /** Forgets the past: what comes now is the new normal. */
  reset(): void {
    this.#state.fill(0);
  }

  #after(value: number): { up: number; down: number } {
    const { drift } = this.#options;
    const mean = f64(this.#state, at.mean);
    return {
      up: Math.max(0, f64(this.#state, at.up) + value - mean - drift),
      down: Math.max(0, f64(this.#state, at.down) + mean - value - drift),
    };
  }

  capture(): Uint8Array {
    return packState(kind, this.#state);
  }

  restore(bytes: Uint8Array): boolean {
    return unpackState(kind, bytes, this.#state);
  }
}
