/*
  Qualities, and which readings have no value (NaN), as runs of states. A column in which every
  reading is good and has a value costs a fraction of a bit.

    plain     1 bit
    else runs: hole 1 bit, quality 2 bits (or 8), length
*/
import { f64, u8 } from "../elements.ts";
import { AdaptiveBits, integerContexts } from "./adaptive-bits.ts";
import { type Coder, MalformedBlock } from "./range-coder.ts";

const hole = 256;
const wideQuality = 4;
const contexts = { plain: 0, hole: 2, wide: 4, quality: 5, length: 16 };

export class StateRuns {
  readonly #bits = new AdaptiveBits(contexts.length + integerContexts);
  #lastPlain = 1;

  /**
   * Codes `qualities`; sets NaN in `values` where there is none, when decoding.
   * Returns how many readings have a value.
   */
  code(coder: Coder, qualities: Uint8Array, values: Float64Array): number {
    const context = contexts.plain + this.#lastPlain;
    const plain = this.#bits.bit(coder, context, isPlain(coder, qualities, values));
    this.#lastPlain = plain;
    if (plain === 1) return qualities.length;
    let valued = 0;
    let at = 0;
    while (at < qualities.length) {
      const state = this.#codeState(coder, coder.decoding ? 0 : stateAt(qualities, values, at));
      const length = coder.decoding ? 0 : runLength(qualities, values, at);
      const run = 1 + this.#bits.integer(coder, contexts.length, length - 1);
      if (at + run > qualities.length) throw new MalformedBlock("a quality run past its column");
      if (coder.decoding) {
        qualities.fill(state & 255, at, at + run);
        if (state >= hole) values.fill(Number.NaN, at, at + run);
      }
      if (state < hole) valued += run;
      at += run;
    }
    return valued;
  }

  #codeState(coder: Coder, state: number): number {
    const isHole = this.#bits.bit(coder, contexts.hole, state >= hole ? 1 : 0);
    const quality = state & 255;
    const wide = this.#bits.bit(coder, contexts.wide, quality >= wideQuality ? 1 : 0);
    const coded =
      wide === 1
        ? coder.direct(quality, 8)
        : this.#bits.tree(coder, contexts.quality + 4 * isHole, quality, 2);
    return coded + hole * isHole;
  }
}

const stateAt = (qualities: Uint8Array, values: Float64Array, at: number): number =>
  u8(qualities, at) + (Number.isNaN(values[at]) ? hole : 0);

function isPlain(coder: Coder, qualities: Uint8Array, values: Float64Array): number {
  if (coder.decoding) return 0;
  for (let i = 0; i < qualities.length; i++) {
    const value = f64(values, i);
    // biome-ignore lint/suspicious/noSelfCompare: the cheapest test for NaN in this loop
    if (qualities[i] !== 0 || value !== value) return 0;
  }
  return 1;
}

function runLength(qualities: Uint8Array, values: Float64Array, from: number): number {
  const state = stateAt(qualities, values, from);
  let to = from + 1;
  while (to < qualities.length && stateAt(qualities, values, to) === state) to++;
  return to - from;
}
