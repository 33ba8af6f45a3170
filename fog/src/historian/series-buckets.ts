/** A min/max envelope: however few buckets are asked for, no spike is lost. */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { f64, u8 } from "@weir/contracts/elements.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";

/** One tag's trend; NaN where a bucket holds no good or uncertain value. */
export interface Series {
  /** "<edge>/<device>/<name>" */
  tag: string;
  /** Bucket starts, UTC milliseconds. */
  atMs: Float64Array;
  mean: Float64Array;
  min: Float64Array;
  max: Float64Array;
}

export class SeriesBuckets {
  readonly #fromMs: number;
  readonly #bucketMs: number;
  readonly #n: Float64Array;
  readonly #sum: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;

  constructor(fromMs: number, toMs: number, buckets: number) {
    this.#fromMs = fromMs;
    this.#bucketMs = (toMs - fromMs) / buckets;
    this.#n = new Float64Array(buckets);
    this.#sum = new Float64Array(buckets);
    this.#min = new Float64Array(buckets).fill(Number.POSITIVE_INFINITY);
    this.#max = new Float64Array(buckets).fill(Number.NEGATIVE_INFINITY);
  }

  /** A summary of `n` values around `atMs`. */
  addPane(atMs: number, pane: { n: number; mean: number; min: number; max: number }): void {
    if (pane.n === 0) return;
    const i = this.#bucketOf(atMs);
    if (i < 0) return;
    this.#n[i] = f64(this.#n, i) + pane.n;
    this.#sum[i] = f64(this.#sum, i) + pane.n * pane.mean;
    if (pane.min < f64(this.#min, i)) this.#min[i] = pane.min;
    if (pane.max > f64(this.#max, i)) this.#max[i] = pane.max;
  }

  addColumn(column: BlockColumn): void {
    for (let j = 0; j < column.values.length; j++) {
      const value = f64(column.values, j);
      if (u8(column.qualities, j) > Quality.UNCERTAIN || !Number.isFinite(value)) continue;
      const i = this.#bucketOf(f64(column.timesMs, j));
      if (i < 0) continue;
      this.#n[i] = f64(this.#n, i) + 1;
      this.#sum[i] = f64(this.#sum, i) + value;
      if (value < f64(this.#min, i)) this.#min[i] = value;
      if (value > f64(this.#max, i)) this.#max[i] = value;
    }
  }

  finish(tag: string): Series {
    const empty = (i: number) => this.#n[i] === 0;
    return {
      tag,
      atMs: this.#n.map((_, i) => this.#fromMs + i * this.#bucketMs),
      mean: this.#sum.map((sum, i) => (empty(i) ? Number.NaN : sum / f64(this.#n, i))),
      min: this.#min.map((min, i) => (empty(i) ? Number.NaN : min)),
      max: this.#max.map((max, i) => (empty(i) ? Number.NaN : max)),
    };
  }

  #bucketOf(atMs: number): number {
    const i = Math.floor((atMs - this.#fromMs) / this.#bucketMs);
    return i < this.#n.length ? i : -1;
  }
}
