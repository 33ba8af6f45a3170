/** A coder that writes nothing and counts: what would this cost? The encoder chooses by it. */

import type { Coder } from "./range-coder.ts";
import { cdfUnits, residualUnits, windowMax } from "./residual-distribution.ts";

/** Bits of an escape: six for the length, twice about eight. */
const escapeBits = 16;

const productMin = 1e-250;

export class CostCoder implements Coder {
  readonly decoding = false;
  #bits = 0;
  #product = 1;

  /** Bits so far; starts anew. */
  take(): number {
    const bits = this.#bits - Math.log2(this.#product);
    this.#bits = 0;
    this.#product = 1;
    return bits;
  }

  #count(units: number): void {
    this.#product *= units / cdfUnits;
    if (this.#product > productMin) return;
    this.#bits -= Math.log2(this.#product);
    this.#product = 1;
  }

  direct(value: number, bits: number): number {
    this.#bits += bits;
    return value;
  }

  bit(value: number, probability: number): number {
    this.#count(value === 1 ? probability : cdfUnits - probability);
    return value;
  }

  residual(value: number, mean: number, scale: number, shape: number): number {
    const { symbol, shift, units } = residualUnits(value, mean, scale, shape);
    this.#count(units);
    this.#bits += symbol === windowMax || symbol === -windowMax ? escapeBits : shift;
    return value;
  }
}
