/**
 * N of M: a decision is taken when `onCount` of the last `length` samples are over the line and
 * given up when at most `offCount` are. One sample alone never decides.
 */

import { strict as assert } from "node:assert";
import { f64, numberAt } from "@weir/contracts/elements.ts";

export interface HysteresisOptions {
  /** M: samples looked at. */
  length: number;
  /** N: samples over the line that decide. */
  onCount: number;
  /** Samples over the line at which the decision ends. */
  offCount: number;
}

/** Longest memory, samples: the history is one 32-bit word. */
export const hysteresisLengthMax = 30;

export interface HysteresisState {
  readonly kind: "hysteresis";
  readonly version: 1;
  /** Bit 0 is the newest sample. */
  readonly history: number;
  readonly decided: boolean;
}

/** So many samples are over the line; so many of the last so many decide. */
export interface Undecided {
  over: number;
  needed: number;
  of: number;
}

export class Hysteresis {
  #history = 0;
  #decided = false;
  readonly #options: HysteresisOptions;

  constructor(options: HysteresisOptions) {
    assert(options.length >= 1 && options.length <= hysteresisLengthMax);
    assert(options.onCount >= 1 && options.onCount <= options.length);
    assert(options.offCount >= 0 && options.offCount < options.onCount);
    this.#options = options;
  }

  get decided(): boolean {
    return this.#decided;
  }

  /** While nothing is decided: how many samples are over the line, and how many decide. */
  get undecided(): Undecided | undefined {
    const { onCount: needed, length: of } = this.#options;
    return this.#decided ? undefined : { over: bitCount(this.#history), needed, of };
  }

  /** Takes one sample; returns the decision that holds after it. */
  step(over: boolean): boolean {
    const { length, onCount, offCount } = this.#options;
    this.#history = ((this.#history << 1) | (over ? 1 : 0)) & (2 ** length - 1);
    const count = bitCount(this.#history);
    if (count >= onCount) this.#decided = true;
    else if (count <= offCount) this.#decided = false;
    return this.#decided;
  }

  capture(): HysteresisState {
    return { kind: "hysteresis", version: 1, history: this.#history, decided: this.#decided };
  }

  static restore(options: HysteresisOptions, state: HysteresisState): Hysteresis {
    const hysteresis = new Hysteresis(options);
    hysteresis.#history = state.history & (2 ** options.length - 1);
    hysteresis.#decided = state.decided;
    return hysteresis;
  }
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/**
 * For each sample of `ratios` the highest line at which {@link Hysteresis} would be deciding
 * then: the onCount-th largest of the last `length`. Lines are set on this, not on single
 * samples, so that bursts the hysteresis swallows do not blunt the detector.
 */
export function sustainedLevel(ratios: Float64Array, options: HysteresisOptions): Float64Array {
  const levels = new Float64Array(ratios.length);
  const window: number[] = [];
  for (let i = 0; i < ratios.length; i++) {
    window.length = 0;
    for (let j = Math.max(0, i - options.length + 1); j <= i; j++) window.push(f64(ratios, j));
    window.sort((a, b) => b - a);
    levels[i] = window.length >= options.onCount ? numberAt(window, options.onCount - 1) : 0;
  }
  return levels;
}
