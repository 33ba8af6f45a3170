/*
  Adaptive binary models. Each context keeps the probability of a 1 and a count; the probability
  moves by 1/(count + 1.5) of the error at first and by 1/limit later.
*/
import { bitLength } from "./bit-length.ts";
import type { Coder } from "./range-coder.ts";

const rateBits = 14;
const rates = Int32Array.from({ length: 24 }, (_, count) => 2 ** rateBits / (count + 1.6));

/** Contexts of an adaptive integer: one per bit of its bit length. */
export const integerContexts = 54;

export class AdaptiveBits {
  readonly #probability: Uint16Array;
  readonly #count: Uint8Array;

  constructor(contexts: number, probability = 0.5) {
    this.#probability = new Uint16Array(contexts).fill(probability * 65536);
    this.#count = new Uint8Array(contexts);
  }

  /** Probability of a 1 in `context` before anything was seen there. */
  expect(context: number, probability: number): void {
    this.#probability[context] = probability * 65536;
  }

  bit(coder: Coder, context: number, value: number): number {
    const probability = this.#probability[context] as number;
    const bit = coder.bit(value, probability);
    const count = this.#count[context] as number;
    const error = (bit === 1 ? 65535 : 0) - probability;
    const moved = probability + (Math.imul(error, rates[count] as number) >> rateBits);
    this.#probability[context] = moved < 64 ? 64 : moved > 65472 ? 65472 : moved;
    if (count < rates.length - 1) this.#count[context] = count + 1;
    return bit;
  }

  /** A symbol of `bits` bits, as a binary tree of 2^bits contexts from `context` on. */
  tree(coder: Coder, context: number, value: number, bits: number): number {
    let node = 1;
    for (let i = bits - 1; i >= 0; i--) {
      node = node * 2 + this.bit(coder, context + node, (value >>> i) & 1);
    }
    return node - (1 << bits);
  }

  /** An integer ≥ 0 below 2^53: bit length in unary, adaptive, then the bits below the first. */
  integer(coder: Coder, context: number, value: number): number {
    const length = coder.decoding ? 0 : bitLength(value);
    let bits = 0;
    while (bits < integerContexts - 1 && this.bit(coder, context + bits, bits < length ? 1 : 0)) {
      bits++;
    }
    if (bits < 2) return bits;
    const base = 2 ** (bits - 1);
    return base + coder.direct(value - base, bits - 1);
  }
}
