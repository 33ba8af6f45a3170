/**
 * Power spectrum of a real signal through a Hann window.
 *
 * The powers are those of the signal: those of the bins around a line add up to its mean square
 * (A²/2 of a sine of amplitude A), those of all bins to the mean square of the windowed signal. Transform
 * of half the size, since the signal is real, in radix 4. All memory is taken once.
 *
 * @see Press et al., Numerical Recipes (3rd ed.), 12.3 "FFT of a single real function"; Harris, "On the
 * use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66 (1978).
 */

import { strict as assert } from "node:assert";
import { f64, u32 } from "@weir/contracts/elements.ts";

/** A line of the spectrum leaks so many bins to either side of its own through the Hann window. */
export const lineHalfWidthBins = 2;

export class HannSpectrum {
  readonly size: number;
  /** Mean square in each bin, 0 to half the sampling rate; overwritten by the next call. */
  readonly powers: Float64Array;
  readonly #window: Float64Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  readonly #signal: Float64Array;
  /** cos and −sin of 2πk/size. */
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
    this.#signal = new Float64Array(size);
    this.#re = new Float64Array(half);
    this.#im = new Float64Array(half);
    this.#cos = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: size }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
    const bits = Math.log2(half);
    this.#reversed = Uint32Array.from({ length: half }, (_, i) => reverse(i, bits));
  }

  /** Spectrum of `samples` (as many as `size`) without their mean. */
  transform(samples: ArrayLike<number>): Float64Array {
    assert(samples.length === this.size);
    const signal = this.#signal;
    signal.set(samples);
    let mean = 0;
    for (const sample of signal) mean += sample;
    mean /= signal.length;
    const re = this.#re;
    const im = this.#im;
    const window = this.#window;
    for (let i = 0; i < re.length; i++) {
      const at = u32(this.#reversed, i);
      re[at] = f64(window, 2 * i) * (f64(signal, 2 * i) - mean);
      im[at] = f64(window, 2 * i + 1) * (f64(signal, 2 * i + 1) - mean);
    }
    this.#butterflies();
    this.#separate();
    return this.powers;
  }

  /**
   * Complex transform of half the size in place; even samples were its real parts, odd its imaginary.
   * Two stages of radix 2 in one pass: three multiplications where they would take four.
   */
  #butterflies(): void {
    const re = this.#re;
    const im = this.#im;
    const cos = this.#cos;
    const sin = this.#sin;
    const count = re.length;
    let width = 1;
    if (Math.log2(count) % 2 === 1) {
      this.#firstStage();
      width = 2;
    }
    for (; width < count; width *= 4) {
      const step = this.size / (4 * width);
      for (let k = 0; k < width; k++) {
        const c1 = f64(cos, 2 * k * step);
        const s1 = f64(sin, 2 * k * step);
        const c2 = f64(cos, k * step);
        const s2 = f64(sin, k * step);
        const c3 = f64(cos, 3 * k * step);
        const s3 = f64(sin, 3 * k * step);
        for (let a = k; a < count; a += 4 * width) {
          const b = a + width;
          const c = b + width;
          const d = c + width;
          const bRe = f64(re, b) * c1 - f64(im, b) * s1;
          const bIm = f64(re, b) * s1 + f64(im, b) * c1;
          const cRe = f64(re, c) * c2 - f64(im, c) * s2;
          const cIm = f64(re, c) * s2 + f64(im, c) * c2;
          const dRe = f64(re, d) * c3 - f64(im, d) * s3;
          const dIm = f64(re, d) * s3 + f64(im, d) * c3;
          const sumRe = f64(re, a) + bRe;
          const sumIm = f64(im, a) + bIm;
          const differenceRe = f64(re, a) - bRe;
          const differenceIm = f64(im, a) - bIm;
          re[a] = sumRe + (cRe + dRe);
          im[a] = sumIm + (cIm + dIm);
          re[c] = sumRe - (cRe + dRe);
          im[c] = sumIm - (cIm + dIm);
          // −i times the difference: a quarter turn.
          re[b] = differenceRe + (cIm - dIm);
          im[b] = differenceIm - (cRe - dRe);
          re[d] = differenceRe - (cIm - dIm);
          im[d] = differenceIm + (cRe - dRe);
        }
      }
    }
  }

  /** Radix 2, without multiplications; where the number of stages is odd. */
  #firstStage(): void {
    const re = this.#re;
    const im = this.#im;
    for (let low = 0; low < re.length; low += 2) {
      const high = low + 1;
      const hr = f64(re, high);
      const hi = f64(im, high);
      re[high] = f64(re, low) - hr;
      im[high] = f64(im, low) - hi;
      re[low] = f64(re, low) + hr;
      im[low] = f64(im, low) + hi;
    }
  }

  /** The real signal's transform out of the complex one of half the size, as powers. */
  #separate(): void {
    const re = this.#re;
    const im = this.#im;
    const half = re.length;
    const powers = this.powers;
    powers[0] = ((f64(re, 0) + f64(im, 0)) ** 2 * this.#norm) / 2;
    powers[half] = ((f64(re, 0) - f64(im, 0)) ** 2 * this.#norm) / 2;
    for (let k = 1; k < half; k++) {
      const evenRe = (f64(re, k) + f64(re, half - k)) / 2;
      const evenIm = (f64(im, k) - f64(im, half - k)) / 2;
      const oddRe = (f64(im, k) + f64(im, half - k)) / 2;
      const oddIm = (f64(re, half - k) - f64(re, k)) / 2;
      const wr = f64(this.#cos, k);
      const wi = f64(this.#sin, k);
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
