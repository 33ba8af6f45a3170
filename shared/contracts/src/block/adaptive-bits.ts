/*
  Adaptive binary models. Each context keeps the probability of a 1 and a count of what it has seen; the
  probability moves by 1/(count + 1.6) of the error, from the 23rd on by about 1/25.
*/
import { i32, u32 } from "../elements.ts";
import { bitLength } from "./bit-length.ts";
import type { Coder } from "./range-coder.ts";

/** Neither bit is ever thought impossible. */
const probabilityMin = 64;
const probabilityMax = 65_536 - probabilityMin;

const countMax = 23;
const rateBits = 14;
const rates = Int32Array.from(
  { length: countMax + 1 },
  (_, count) => 2 ** rateBits / (count + 1.6),
);

/** Contexts of an adaptive integer: one per bit of its bit length. */
export const integerContexts = 54;

/** A context's state is probability × 256 + count. */
const countBits = 8;
const countMask = (1 << countBits) - 1;

const stateOf = (probability: number): number => Math.round(probability * 65536) << countBits;

export class AdaptiveBits {
  readonly #states: Uint32Array;

  constructor(contexts: number) {
    this.#states = new Uint32Array(contexts).fill(stateOf(1 / 2));
  }

  /** Probability of a 1 in `context` before anything was seen there. */
  expect(context: number, probability: number): void {
    this.#states[context] = stateOf(probability);
  }

  bit(coder: Coder, context: number, value: number): number {
    const state = u32(this.#states, context);
    const probability = state >>> countBits;
    const count = state & countMask;
    const bit = coder.bit(value, probability);
    const error = (bit === 1 ? 65535 : 0) - probability;
    const moved = probability + (Math.imul(error, i32(rates, count)) >> rateBits);
    const kept =
      moved < probabilityMin ? probabilityMin : moved > probabilityMax ? probabilityMax : moved;
    this.#states[context] = (kept << countBits) | (count < countMax ? count + 1 : count);
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
