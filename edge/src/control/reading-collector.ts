/** Gathers readings in columns until they are handed over. */
import { f64 } from "@weir/contracts/elements.ts";
import type { ReadingBatch } from "../hand-over.ts";

const initialCapacity = 1_024;

export class ReadingCollector {
  #tags = new Uint16Array(initialCapacity);
  #timesMs = new Float64Array(initialCapacity);
  #values = new Float64Array(initialCapacity);
  #qualities = new Uint8Array(initialCapacity);
  #count = 0;
  /** Readings since the start: the head of the ledger. */
  acquired = 0;

  /** `timesMs[0]`: UTC of the reading. */
  push(tag: number, timesMs: Float64Array, reading: { value: number; quality: number }): void {
    if (this.#count === this.#tags.length) this.#grow();
    const at = this.#count++;
    this.#tags[at] = tag;
    this.#timesMs[at] = f64(timesMs, 0);
    this.#values[at] = reading.value;
    this.#qualities[at] = reading.quality;
    this.acquired++;
  }

  /** The readings since the last call in arrays of their own, or undefined when there were none. */
  take(): ReadingBatch | undefined {
    if (this.#count === 0) return undefined;
    const count = this.#count;
    this.#count = 0;
    return {
      tags: this.#tags.slice(0, count),
      timesMs: this.#timesMs.slice(0, count),
      values: this.#values.slice(0, count),
      qualities: this.#qualities.slice(0, count),
    };
  }

  #grow(): void {
    const capacity = 2 * this.#tags.length;
    const grown = <T extends { set(from: T): void }>(next: T, old: T): T => {
      next.set(old);
      return next;
    };
    this.#tags = grown(new Uint16Array(capacity), this.#tags);
    this.#timesMs = grown(new Float64Array(capacity), this.#timesMs);
    this.#values = grown(new Float64Array(capacity), this.#values);
    this.#qualities = grown(new Uint8Array(capacity), this.#qualities);
  }
}
