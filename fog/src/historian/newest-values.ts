/** The newest reading of every tag, by site-wide index: what a stage page shows. */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { f64, u8 } from "@weir/contracts/elements.ts";
import type { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";

export interface NewestValue {
  /** In the tag's unit; NaN when the reading carries none. */
  value: number;
  quality: Quality;
  /** UTC milliseconds, edge clock. */
  atMs: number;
}

export class NewestValues {
  #values = new Float64Array(0);
  #timesMs = new Float64Array(0);
  #qualities = new Uint8Array(0);

  /**
   * `column.tag` is the site-wide index. Older readings than the one kept change nothing, and readings from after
   * `untilMs` are not of now: they would stand before every true one until the clock has come that far.
   */
  take(column: BlockColumn, untilMs: number): void {
    let last = column.timesMs.length - 1;
    while (last >= 0 && f64(column.timesMs, last) > untilMs) last -= 1;
    if (last < 0) return;
    if (column.tag >= this.#values.length) this.#grow(column.tag + 1);
    const atMs = f64(column.timesMs, last);
    const keptMs = f64(this.#timesMs, column.tag);
    // What was kept may itself be of the future, when this clock has been set back since.
    if (atMs < keptMs && keptMs <= untilMs) return;
    this.#timesMs[column.tag] = atMs;
    this.#values[column.tag] = f64(column.values, last);
    this.#qualities[column.tag] = u8(column.qualities, last);
  }

  of(tag: number): NewestValue | undefined {
    const atMs = this.#timesMs[tag];
    if (atMs === undefined || atMs === Number.NEGATIVE_INFINITY) return undefined;
    return {
      value: f64(this.#values, tag),
      quality: u8(this.#qualities, tag) as Quality,
      atMs,
    };
  }

  #grow(count: number): void {
    const size = Math.max(64, 2 ** Math.ceil(Math.log2(count)));
    const values = new Float64Array(size);
    const timesMs = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    const qualities = new Uint8Array(size);
    values.set(this.#values);
    timesMs.set(this.#timesMs);
    qualities.set(this.#qualities);
    this.#values = values;
    this.#timesMs = timesMs;
    this.#qualities = qualities;
  }
}
