/*
  Values that are no whole steps: each float64 XORed with the one before (Gorilla, Pelkonen et al.,
  VLDB 2015), leading and trailing zero bits coded adaptively, the bits between direct. Bit-exact.
*/
import { f64, u32 } from "../elements.ts";
import { AdaptiveBits } from "./adaptive-bits.ts";
import { type Coder, MalformedBlock } from "./range-coder.ts";

const float = new Float64Array(1);
const word = new Uint32Array(float.buffer);
/** Index of the high word in memory. */
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const low = 1 - high;

const contexts = { leading: 0, trailing: 128 };

export class FloatValues {
  readonly #bits = new AdaptiveBits(contexts.trailing + 64);

  /** Codes `values[0..count)`. */
  code(coder: Coder, values: Float64Array, count: number): void {
    let previousHigh = 0;
    let previousLow = 0;
    for (let i = 0; i < count; i++) {
      float[0] = f64(values, i);
      const xorHigh = u32(word, high) ^ previousHigh;
      const xorLow = u32(word, low) ^ previousLow;
      const [codedHigh, codedLow] = this.#xor(coder, xorHigh >>> 0, xorLow >>> 0);
      previousHigh ^= codedHigh;
      previousLow ^= codedLow;
      word[high] = previousHigh;
      word[low] = previousLow;
      values[i] = f64(float, 0);
    }
  }

  #xor(coder: Coder, xorHigh: number, xorLow: number): [number, number] {
    const leadingNow = xorHigh !== 0 ? Math.clz32(xorHigh) : 32 + Math.clz32(xorLow);
    const leading = this.#bits.tree(coder, contexts.leading, leadingNow, 7);
    if (leading === 64) return [0, 0];
    if (leading > 64) throw new MalformedBlock(`${leading} leading zero bits`);
    const trailingNow = xorLow !== 0 ? trailingZeros(xorLow) : 32 + trailingZeros(xorHigh);
    const trailing = this.#bits.tree(coder, contexts.trailing, trailingNow, 6);
    if (leading + trailing > 63) throw new MalformedBlock("an XOR of more zeros than bits");
    // The first bit after the leading zeros is 1; so is the last before the trailing ones.
    const highBits = Math.max(0, 32 - leading - Math.max(0, trailing - 32));
    const highShift = Math.max(0, trailing - 32);
    const lowBits = Math.max(0, 32 - trailing - Math.max(0, leading - 32));
    const codedHigh =
      highBits > 0 ? coder.direct(xorHigh >>> highShift, highBits) * 2 ** highShift : 0;
    const codedLow = lowBits > 0 ? coder.direct(xorLow >>> trailing, lowBits) * 2 ** trailing : 0;
    return [codedHigh | 0, codedLow | 0];
  }
}

const trailingZeros = (bits: number): number => 31 - Math.clz32(bits & -bits);
