/**
 * Energy of a signal by octave: discrete wavelet transform with Daubechies' wavelet of four vanishing
 * moments (eight taps, "db4"), the signal taken as periodic, so that energies add up exactly.
 *
 * Level 1 holds roughly the upper half of the band (a quarter to half of the sampling rate), each further
 * level the octave below. O(n), the buffers are taken once.
 *
 * @see Daubechies, Ten Lectures on Wavelets (SIAM 1992), table 6.1; Mallat, "A theory for multiresolution
 * signal decomposition", IEEE PAMI 11 (1989). Checked against PyWavelets, mode "periodization".
 */

import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";

/** Low-pass taps; their squares sum to 1. The high-pass is their mirror with alternating signs. */
const low = Float64Array.of(
  0.2303778133088965,
  0.7148465705529157,
  0.6308807679298589,
  -0.027983769416859854,
  -0.18703481171909309,
  0.030841381835560764,
  0.0328830116668852,
  -0.010597401785069032,
);
/** Taps that lie before the pair of samples they stand for; where the periodic signal is cut in pairs. */
const lead = 3;
const high = low.map((_, i) => (i % 2 === 0 ? 1 : -1) * f64(low, low.length - 1 - i));

export class Daubechies4 {
  readonly levels: number;
  readonly size: number;
  readonly #approximation: Float64Array;
  readonly #next: Float64Array;

  /** `size`: samples of a transform, a multiple of 2^levels. */
  constructor(size: number, levels: number) {
    assert(size % 2 ** levels === 0 && size / 2 ** levels >= lead);
    this.size = size;
    this.levels = levels;
    this.#approximation = new Float64Array(size);
    this.#next = new Float64Array(size / 2);
  }

  /**
   * Mean square of `samples` (as many as `size`) in each level, level 1 first, into `energies`; what is
   * left, below the last level, is in none.
   */
  energies(samples: ArrayLike<number>, energies: Float64Array): void {
    assert(samples.length === this.size && energies.length >= this.levels);
    const a = this.#approximation;
    const next = this.#next;
    a.set(samples);
    for (let level = 0, count = this.size; level < this.levels; level++, count /= 2) {
      let energy = 0;
      for (let i = 0; i < count; i += 2) {
        let smooth = 0;
        let detail = 0;
        for (
          let t = 0, at = (i - lead + count) % count;
          t < low.length;
          t++, at = at + 1 === count ? 0 : at + 1
        ) {
          smooth += f64(low, t) * f64(a, at);
          detail += f64(high, t) * f64(a, at);
        }
        next[i >> 1] = smooth;
        energy += detail * detail;
      }
      a.set(next.subarray(0, count / 2));
      energies[level] = energy / this.size;
    }
  }
}
