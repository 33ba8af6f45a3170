/**
 * Power spectrum of a real signal through a Hann window.
 *
 * The powers are those of the signal: those of the bins around a line add up to its mean square
 * (A²/2 of a sine of amplitude A), those of all bins to the mean square of the windowed signal. Radix-2
 * transform of half the size, since the signal is real. All memory is taken once.
 *
 * @see Press et al., Numerical Recipes (3rd ed.), 12.3 "FFT of a single real function"; Harris, "On the
 * use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66 (1978).
 */
import { strict as assert } from "node:assert";

/** A line of the spectrum leaks so many bins to either side of its own through the Hann window. */
export const lineHalfWidthBins = 2;

export class HannSpectrum {
  readonly size: number;
  /** Mean square in each bin, 0 to half the sampling rate; overwritten by the next call. */
  readonly powers: Float64Array;
  readonly #window: Float64Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  /** cos and −sin of 2πk/size, k up to half the size. */
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #reversed: Uint32Array;
  readonly #norm: number;

  /** `size`: samples of a transform, a power of two. */
  constructor(size: number) {
    assert(Number.isInteger(Math.log2(size)) && size >= 4);
    this.size = size;
    const half = size / 2;
    this.powers = new Float64Array(half + 1);
    // Periodic, not symmetric: its transform then has exactly three bins.
    this.#window = Float64Array.from(
      { length: size },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size),
    );
    const weight = this.#window.reduce((sum, w) => sum + w * w, 0);
    this.#norm = 2 / (size * weight);
    this.#re = new Float64Array(half);
    this.#im = new Float64Array(half);
    this.#cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: half }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
    const bits = Math.log2(half);
    this.#reversed = Uint32Array.from({ length: half }, (_, i) => reverse(i, bits));
  }

  /** Spectrum of `samples` (as many as `size`) without their mean. */
  transform(samples: ArrayLike<number>): Float64Array {
    assert(samples.length === this.size);
    let mean = 0;
    for (let i = 0; i < samples.length; i++) mean += samples[i]!;
    mean /= samples.length;
    const re = this.#re;
    const im = this.#im;
    const window = this.#window;
    for (let i = 0; i < re.length; i++) {
      const at = this.#reversed[i]!;
      re[at] = window[2 * i]! * (samples[2 * i]! - mean);
      im[at] = window[2 * i + 1]! * (samples[2 * i + 1]! - mean);
    }
    this.#butterflies();
    this.#separate();
    return this.powers;
  }

  /** Complex transform of half the size in place; even samples were its real parts, odd its imaginary. */
  #butterflies(): void {
    const re = this.#re;
    const im = this.#im;
    const count = re.length;
    for (let width = 2; width <= count; width *= 2) {
      const step = this.size / width;
      const half = width / 2;
      for (let at = 0; at < count; at += width) {
        for (let k = 0, t = 0; k < half; k++, t += step) {
          const wr = this.#cos[t]!;
          const wi = this.#sin[t]!;
          const low = at + k;
          const high = low + half;
          const hr = re[high]! * wr - im[high]! * wi;
          const hi = re[high]! * wi + im[high]! * wr;
          re[high] = re[low]! - hr;
          im[high] = im[low]! - hi;
          re[low] = re[low]! + hr;
          im[low] = im[low]! + hi;
        }
      }
    }
  }

  /** The real signal's transform out of the complex one of half the size, as powers. */
  #separate(): void {
    const re = this.#re;
    const im = this.#im;
    const half = re.length;
    const powers = this.powers;
    powers[0] = ((re[0]! + im[0]!) ** 2 * this.#norm) / 2;
    powers[half] = ((re[0]! - im[0]!) ** 2 * this.#norm) / 2;
    for (let k = 1; k < half; k++) {
      const evenRe = (re[k]! + re[half - k]!) / 2;
      const evenIm = (im[k]! - im[half - k]!) / 2;
      const oddRe = (im[k]! + im[half - k]!) / 2;
      const oddIm = (re[half - k]! - re[k]!) / 2;
      const wr = this.#cos[k]!;
      const wi = this.#sin[k]!;
      const xRe = evenRe + wr * oddRe - wi * oddIm;
      const xIm = evenIm + wr * oddIm + wi * oddRe;
      powers[k] = (xRe * xRe + xIm * xIm) * this.#norm;
    }
  }
}

function reverse(value: number, bits: number): number {
  let result = 0;
  for (let i = 0; i < bits; i++) result = (result << 1) | ((value >> i) & 1);
  return result;
}
