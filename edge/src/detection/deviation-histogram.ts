/** High quantiles of a deviation without keeping its values: logarithmic bins, eight to the octave. */

const binsPerOctave = 8;
export const binCount = 160;
/** The first bin holds everything below this share of the scale; the last one is 2^20 times that. */
const firstShare = 1 / 64;

export class DeviationHistogram {
  readonly #bins: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #first: Float64Array;

  /** `scales`: a small step of each tag, in its unit. */
  constructor(scales: readonly number[]) {
    this.#bins = new Uint32Array(binCount * scales.length);
    this.#counts = new Uint32Array(scales.length);
    this.#first = Float64Array.from(scales, (scale) => scale * firstShare);
  }

  get stateBytes(): number {
    return this.#bins.byteLength + this.#counts.byteLength + this.#first.byteLength;
  }

  count(tag: number): number {
    return this.#counts[tag]!;
  }

  add(tag: number, deviation: number): void {
    const octaves = Math.log2(deviation / this.#first[tag]!);
    const bin = octaves > 0 ? Math.min(binCount - 1, Math.floor(octaves * binsPerOctave)) : 0;
    this.#bins[binCount * tag + bin]!++;
    this.#counts[tag]!++;
  }

  /** Upper edge of the bin in which the quantile lies: at most 9 % too high, never too low. */
  quantile(tag: number, share: number): number {
    const rank = share * this.#counts[tag]!;
    let below = 0;
    for (let bin = 0; bin < binCount; bin++) {
      below += this.#bins[binCount * tag + bin]!;
      if (below >= rank) return this.#first[tag]! * 2 ** ((bin + 1) / binsPerOctave);
    }
    return 0;
  }

  clear(tag: number): void {
    this.#bins.fill(0, binCount * tag, binCount * (tag + 1));
    this.#counts[tag] = 0;
  }
}
