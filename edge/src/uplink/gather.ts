/** Readings of one block, gathered as they come and turned into columns when the block closes. */

import assert from "node:assert/strict";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { elementAt, f64, i32, u8, u16, u32 } from "@weir/contracts/elements.ts";
import type { ReadingBatch } from "../hand-over.ts";

/** Readings in one block; a block of so many fits the fog's packet limit with room to spare. */
export const readingsPerBlockMax = 8_192;

const firstCapacity = 256;

export class Gather {
  #tags = new Uint16Array(firstCapacity);
  #timesMs = new Float64Array(firstCapacity);
  #values = new Float64Array(firstCapacity);
  #qualities = new Uint8Array(firstCapacity);
  #count = 0;
  readonly #tagCount: number;

  constructor(tagCount: number) {
    this.#tagCount = tagCount;
  }

  get count(): number {
    return this.#count;
  }

  /** Takes readings of `batch` from index `from` while there is room; returns the index after the last. */
  take(batch: ReadingBatch, from: number): number {
    const { tags, timesMs, values, qualities } = batch;
    assert(timesMs.length === tags.length && values.length === tags.length);
    assert(qualities.length === tags.length);
    const until = Math.min(tags.length, from + readingsPerBlockMax - this.#count);
    this.#reserve(this.#count + until - from);
    let at = this.#count;
    for (let i = from; i < until; i++, at++) {
      const tag = u16(tags, i);
      assert(tag < this.#tagCount, `tag ${tag} of a table of ${this.#tagCount}`);
      this.#tags[at] = tag;
      this.#timesMs[at] = Math.round(f64(timesMs, i));
      this.#values[at] = f64(values, i);
      this.#qualities[at] = u8(qualities, i);
    }
    this.#count = at;
    return until;
  }

  /** All of it, one column a tag, times ascending; empties this. */
  drain(): BlockColumn[] {
    const starts = new Uint32Array(this.#tagCount + 1);
    for (let i = 0; i < this.#count; i++) {
      const next = u16(this.#tags, i) + 1;
      starts[next] = u32(starts, next) + 1;
    }
    const columns: BlockColumn[] = [];
    const columnOf = new Int32Array(this.#tagCount).fill(-1);
    for (let tag = 0; tag < this.#tagCount; tag++) {
      const size = u32(starts, tag + 1);
      if (size === 0) continue;
      columnOf[tag] = columns.length;
      columns.push({
        tag,
        timesMs: new Float64Array(size),
        values: new Float64Array(size),
        qualities: new Uint8Array(size),
      });
    }
    const filled = new Uint32Array(columns.length);
    for (let i = 0; i < this.#count; i++) {
      const index = i32(columnOf, u16(this.#tags, i));
      const at = u32(filled, index);
      insertInOrder(elementAt(columns, index), at, {
        timeMs: f64(this.#timesMs, i),
        value: f64(this.#values, i),
        quality: u8(this.#qualities, i),
      });
      filled[index] = at + 1;
    }
    this.#count = 0;
    return columns;
  }

  #reserve(count: number): void {
    if (count <= this.#tags.length) return;
    const capacity = Math.min(readingsPerBlockMax, Math.max(count, this.#tags.length * 2));
    const tags = new Uint16Array(capacity);
    tags.set(this.#tags);
    const timesMs = new Float64Array(capacity);
    timesMs.set(this.#timesMs);
    const values = new Float64Array(capacity);
    values.set(this.#values);
    const qualities = new Uint8Array(capacity);
    qualities.set(this.#qualities);
    this.#tags = tags;
    this.#timesMs = timesMs;
    this.#values = values;
    this.#qualities = qualities;
  }
}

/**
 * Puts a reading at `count`, or before it where its time belongs: after a calendar correction the
 * clock can have gone back, and a block's times must not.
 */
function insertInOrder(
  column: BlockColumn,
  count: number,
  reading: { timeMs: number; value: number; quality: number },
): void {
  const { timesMs, values, qualities } = column;
  let at = count;
  while (at > 0 && f64(timesMs, at - 1) > reading.timeMs) {
    timesMs[at] = f64(timesMs, at - 1);
    values[at] = f64(values, at - 1);
    qualities[at] = u8(qualities, at - 1);
    at -= 1;
  }
  timesMs[at] = reading.timeMs;
  values[at] = reading.value;
  qualities[at] = reading.quality;
}
