/*
  The first value of a column, in whole steps: nothing before it in its column to predict it from, so
  it is described by its size, as the first values of like tags were before it in the block.

    sign      1 bit
    wide      1 bit: magnitude of 2^15 and more
    length    bit length of the magnitude: 4 bits, or 6 when wide
    prefix    the three bits below the first, learned for each length up to 15
    rest      direct
*/
import { AdaptiveBits } from "./adaptive-bits.ts";
import { bitLength } from "./bit-length.ts";
import { type Coder, MalformedBlock } from "./range-coder.ts";
import { stepBitsMax } from "./value-grid.ts";

const narrowBits = 4;
const wideBits = 6;
const prefixBits = 3;

const sign = 0;
const wide = 1;
const narrowLength = 2;
const wideLength = narrowLength + (1 << narrowBits);
const prefix = wideLength + (1 << wideBits);
const lengthMax = 1 << narrowBits;
const contextsPerClass = prefix + ((lengthMax + 1) << prefixBits);

export class FirstValues {
  readonly #bits: AdaptiveBits;

  constructor(classCount: number) {
    this.#bits = new AdaptiveBits(classCount * contextsPerClass);
    for (let tagClass = 0; tagClass < classCount; tagClass++) {
      this.#bits.expect(tagClass * contextsPerClass + sign, 1 / 32);
      this.#bits.expect(tagClass * contextsPerClass + wide, 1 / 32);
    }
  }

  code(coder: Coder, value: number, tagClass: number): number {
    const bits = this.#bits;
    const base = tagClass * contextsPerClass;
    const negative = bits.bit(coder, base + sign, value < 0 ? 1 : 0);
    const magnitude = Math.abs(value);
    const length = this.#codeLength(coder, base, bitLength(magnitude));
    if (length === 0) return 0;
    const prefixNow = length - 1 < prefixBits ? length - 1 : prefixBits;
    const rest = length - 1 - prefixNow;
    const grain = 2 ** rest;
    const top = Math.floor(magnitude / grain) & ((1 << prefixNow) - 1);
    const context = base + prefix + (Math.min(length, lengthMax) << prefixBits);
    const known = (1 << prefixNow) + bits.tree(coder, context, top, prefixNow);
    const coded = known * grain + coder.direct(magnitude % grain, rest);
    return negative === 1 ? -coded : coded;
  }

  #codeLength(coder: Coder, base: number, length: number): number {
    const isWide = this.#bits.bit(coder, base + wide, length >> narrowBits === 0 ? 0 : 1);
    if (isWide === 0) return this.#bits.tree(coder, base + narrowLength, length, narrowBits);
    const coded = this.#bits.tree(coder, base + wideLength, length, wideBits);
    if (coded > stepBitsMax) throw new MalformedBlock(`a first value of ${coded} bits`);
    return coded;
  }
}
