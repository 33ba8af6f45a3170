/** Rows of a history file in columns, one place for each sensor and bucket, so that they come out sorted. */
import { f64, i32 } from "@weir/contracts/elements.ts";
import type { BucketSink } from "./bucket-statistics.ts";

export interface HistoryColumns {
  tag: string[];
  atMs: Float64Array;
  n: Int32Array;
  mean: Float64Array;
  min: Float64Array;
  max: Float64Array;
  sd: Float64Array;
  slopePerS: Float64Array;
}

type Row = Parameters<BucketSink["push"]>[2];

export class HistoryTable implements BucketSink {
  readonly #fromMs: number;
  readonly #bucketMs: number;
  readonly #bucketCount: number;
  readonly #n: Int32Array;
  readonly #columns: Record<"mean" | "min" | "max" | "sd" | "slopePerS", Float64Array>;

  constructor(options: { fromMs: number; toMs: number; bucketMs: number; sensorCount: number }) {
    this.#fromMs = Math.floor(options.fromMs / options.bucketMs) * options.bucketMs;
    this.#bucketMs = options.bucketMs;
    this.#bucketCount = Math.ceil((options.toMs - this.#fromMs) / options.bucketMs);
    const size = this.#bucketCount * options.sensorCount;
    this.#n = new Int32Array(size);
    const column = () => new Float64Array(size);
    this.#columns = {
      mean: column(),
      min: column(),
      max: column(),
      sd: column(),
      slopePerS: column(),
    };
  }

  push(sensor: number, atMs: number, row: Row): void {
    const bucket = Math.round((atMs - this.#fromMs) / this.#bucketMs);
    if (bucket < 0 || bucket >= this.#bucketCount) return;
    const i = sensor * this.#bucketCount + bucket;
    this.#n[i] = row.n;
    this.#columns.mean[i] = row.mean;
    this.#columns.min[i] = row.min;
    this.#columns.max[i] = row.max;
    this.#columns.sd[i] = row.sd;
    this.#columns.slopePerS[i] = row.slopePerS;
  }

  /** The filled rows, sorted by tag, then time. */
  columns(tags: readonly string[]): HistoryColumns {
    const order = [...tags.entries()].sort(([, a], [, b]) => compare(a, b));
    const { filled, tag } = this.#filled(order);
    const pick = (column: Float64Array) => {
      const out = new Float64Array(filled.length);
      for (const [row, from] of filled.entries()) out[row] = f64(column, from);
      return out;
    };
    const atMs = new Float64Array(filled.length);
    const n = new Int32Array(filled.length);
    for (const [row, from] of filled.entries()) {
      atMs[row] = this.#fromMs + (from % this.#bucketCount) * this.#bucketMs;
      n[row] = i32(this.#n, from);
    }
    const { mean, min, max, sd, slopePerS } = this.#columns;
    return {
      tag,
      atMs,
      n,
      mean: pick(mean),
      min: pick(min),
      max: pick(max),
      sd: pick(sd),
      slopePerS: pick(slopePerS),
    };
  }

  /** Places that hold a row, in the order given, and the tag of each. */
  #filled(order: readonly (readonly [sensor: number, tag: string])[]) {
    const filled: number[] = [];
    const tag: string[] = [];
    for (const [sensor, name] of order) {
      const first = sensor * this.#bucketCount;
      for (let i = first; i < first + this.#bucketCount; i++) {
        if (this.#n[i] === 0) continue;
        filled.push(i);
        tag.push(name);
      }
    }
    return { filled, tag };
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
