/**
 * Butterworth band-pass, sample by sample: fourth order at each end, as a chain of biquads. What severity
 * is measured through; it goes on without a break from block to block, so that no burst is missed between
 * two windows.
 *
 * @see Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients" (W3C Note 2021);
 * the Q of each section from the poles of a fourth-order Butterworth filter.
 */
import { f64 } from "@weir/contracts/elements.ts";

export interface BandPassOptions {
  rateHz: number;
  lowHz: number;
  highHz: number;
}

/** 1 / (2 cos θ) of the pole pairs of a fourth-order Butterworth filter. */
const sectionQs = [1 / (2 * Math.cos(Math.PI / 8)), 1 / (2 * Math.cos((3 * Math.PI) / 8))];
const coefficientCount = 5;

export class BandPass {
  /** b0 b1 b2 a1 a2 of each section. */
  readonly #coefficients: Float64Array;
  /** Two memories of each section (transposed direct form II). */
  readonly #memory: Float64Array;
  readonly #sectionCount = 2 * sectionQs.length;

  constructor({ rateHz, lowHz, highHz }: BandPassOptions) {
    const sections = sectionQs.flatMap((q) => [
      biquad("high", (2 * Math.PI * lowHz) / rateHz, q),
      biquad("low", (2 * Math.PI * highHz) / rateHz, q),
    ]);
    this.#coefficients = Float64Array.from(sections.flat());
    this.#memory = new Float64Array(2 * this.#sectionCount);
  }

  /** Filters one sample. */
  step(sample: number): number {
    const c = this.#coefficients;
    const m = this.#memory;
    let x = sample;
    for (let s = 0; s < this.#sectionCount; s++) {
      const at = s * coefficientCount;
      const y = f64(c, at) * x + f64(m, 2 * s);
      m[2 * s] = f64(c, at + 1) * x - f64(c, at + 3) * y + f64(m, 2 * s + 1);
      m[2 * s + 1] = f64(c, at + 2) * x - f64(c, at + 4) * y;
      x = y;
    }
    return x;
  }

  /** Forgets what came before. */
  reset(): void {
    this.#memory.fill(0);
  }
}

function biquad(pass: "low" | "high", omega: number, q: number): number[] {
  const cos = Math.cos(omega);
  const alpha = Math.sin(omega) / (2 * q);
  const a0 = 1 + alpha;
  const edge = pass === "low" ? 1 - cos : 1 + cos;
  const middle = pass === "low" ? edge : -edge;
  return [edge / 2 / a0, middle / a0, edge / 2 / a0, (-2 * cos) / a0, (1 - alpha) / a0];
}
