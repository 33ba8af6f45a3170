import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";
import type { Detector } from "./detector.ts";
import { packState, unpackState } from "./state-bytes.ts";

export interface RecordRatioOptions {
  /** k: largest residuals remembered; the score is against the smallest of them. */
  recordCount: number;
  /** What a record keeps of itself each sample, just below 1. */
  decay: number;
  /** Weight of the newest sample in the slow mean that residuals are taken from. */
  alpha: number;
  /** Samples before anything is scored. */
  warmupCount: number;
}

const kind = "record-ratio/2";
/** From `records` on: the largest residuals, descending. */
const at = { count: 0, mean: 1, records: 2 } as const;

/**
 * Residual to a slow mean, measured by the k-th largest residual there has been, which decays a
 * little each sample. Makes no assumption about the tail of the residuals, which is where
 * Gaussian scores fail. The ratio q becomes q/(1 + q): 0.5 = equal to the
 * k-th record. O(k) time and state.
 */
export class RecordRatio implements Detector {
  readonly #state: Float64Array;
  readonly #records: Float64Array;
  readonly #options: RecordRatioOptions;

  constructor(options: RecordRatioOptions) {
    assert(options.recordCount >= 1 && options.decay > 0 && options.decay <= 1);
    assert(options.alpha > 0 && options.alpha <= 1 && options.warmupCount >= 1);
    this.#options = options;
    this.#state = new Float64Array(at.records + options.recordCount);
    this.#records = this.#state.subarray(at.records);
  }

  get stateBytes(): number {
    return this.#state.byteLength;
  }

  score(value: number): number {
    if (f64(this.#state, at.count) < this.#options.warmupCount || !Number.isFinite(value)) return 0;
    const record = f64(this.#records, this.#records.length - 1);
    const residual = Math.abs(value - f64(this.#state, at.mean));
    return residual === 0 ? 0 : residual / (residual + record);
  }

  learn(value: number): void {
    if (!Number.isFinite(value)) return;
    const state = this.#state;
    state[at.count] = f64(state, at.count) + 1;
    if (state[at.count] === 1) state[at.mean] = value;
    const { alpha, decay } = this.#options;
    const residual = Math.abs(value - f64(state, at.mean));
    const records = this.#records;
    for (let i = 0; i < records.length; i++) records[i] = f64(records, i) * decay;
    if (residual > f64(records, records.length - 1)) {
      let to = records.length - 1;
      for (; to > 0 && f64(records, to - 1) < residual; to--) records[to] = f64(records, to - 1);
      records[to] = residual;
    }
    state[at.mean] = f64(state, at.mean) + alpha * (value - f64(state, at.mean));
  }

  capture(): Uint8Array {
    return packState(kind, this.#state);
  }

  restore(bytes: Uint8Array): boolean {
    return unpackState(kind, bytes, this.#state);
  }
}
