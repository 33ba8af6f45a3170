import { strict as assert } from "node:assert";
import type { Detector, DetectorState } from "./detector.ts";

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

export interface RecordRatioState extends DetectorState {
  readonly kind: "record-ratio";
  readonly version: 1;
  readonly count: number;
  readonly mean: number;
  /** Descending. */
  readonly records: readonly number[];
}

/**
 * Residual to a slow mean, measured by the k-th largest residual there has been, which decays a
 * little each sample. Makes no assumption about the tail of the residuals, which is where
 * Gaussian scores fail (detection.md §2). The ratio q becomes q/(1 + q): 0.5 = equal to the
 * k-th record. O(k) time and state.
 */
export class RecordRatio implements Detector<RecordRatioState> {
  #count = 0;
  #mean = 0;
  #records: number[];
  readonly #options: RecordRatioOptions;

  constructor(options: RecordRatioOptions) {
    assert(options.recordCount >= 1 && options.decay > 0 && options.decay <= 1);
    assert(options.alpha > 0 && options.alpha <= 1 && options.warmupCount >= 1);
    this.#options = options;
    this.#records = new Array<number>(options.recordCount).fill(0);
  }

  scoreOne(x: number): number {
    if (this.#count < this.#options.warmupCount) return 0;
    const record = this.#records[this.#records.length - 1]!;
    const residual = Math.abs(x - this.#mean);
    return residual === 0 ? 0 : residual / (residual + record);
  }

  learnOne(x: number): void {
    this.#count += 1;
    if (this.#count === 1) this.#mean = x;
    const { alpha, decay } = this.#options;
    const residual = Math.abs(x - this.#mean);
    const records = this.#records;
    for (let i = 0; i < records.length; i++) records[i] = records[i]! * decay;
    if (residual > records[records.length - 1]!) {
      let at = records.length - 1;
      for (; at > 0 && records[at - 1]! < residual; at--) records[at] = records[at - 1]!;
      records[at] = residual;
    }
    this.#mean += alpha * (x - this.#mean);
  }

  capture(): RecordRatioState {
    const learned = { count: this.#count, mean: this.#mean, records: [...this.#records] };
    return { kind: "record-ratio", version: 1, ...learned };
  }

  static restore(options: RecordRatioOptions, state: RecordRatioState): RecordRatio {
    const detector = new RecordRatio(options);
    detector.#count = state.count;
    detector.#mean = state.mean;
    detector.#records = [...state.records];
    return detector;
  }
}
