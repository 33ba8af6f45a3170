/** The newest seconds of a machine's samples, for what is sent when it trips. Memory is taken once. */
import { endianness } from "node:os";
import { axisCount } from "./frame-decoder.ts";

export class SampleRing {
  readonly #samples: Int16Array;
  /** Where the next sample goes, in numbers. */
  #at = 0;
  /** Numbers held, at most the ring's length. */
  #length = 0;

  /** `instantCount`: instants held, of three samples each. */
  constructor(instantCount: number) {
    this.#samples = new Int16Array(instantCount * axisCount);
  }

  /** Instants held. */
  get count(): number {
    return this.#length / axisCount;
  }

  /** Whole instants, x y z side by side; not more than the ring holds. */
  push(samples: Int16Array): void {
    const size = this.#samples.length;
    const untilEnd = Math.min(samples.length, size - this.#at);
    this.#samples.set(samples.subarray(0, untilEnd), this.#at);
    this.#samples.set(samples.subarray(untilEnd), 0);
    this.#at = (this.#at + samples.length) % size;
    this.#length = Math.min(size, this.#length + samples.length);
  }

  /** A gap: what was before it is no part of what comes after. */
  clear(): void {
    this.#length = 0;
  }

  /** Everything held, oldest first, as little-endian bytes. Microseconds: a trip may have others behind it. */
  bytes(): Uint8Array {
    const size = this.#samples.length;
    const from = (this.#at - this.#length + size) % size;
    const untilEnd = Math.min(this.#length, size - from);
    const samples = new Int16Array(this.#length);
    samples.set(this.#samples.subarray(from, from + untilEnd));
    samples.set(this.#samples.subarray(0, this.#length - untilEnd), untilEnd);
    const bytes = new Uint8Array(samples.buffer);
    if (endianness() === "BE") Buffer.from(samples.buffer).swap16();
    return bytes;
  }
}
