/**
 * High quantiles of a deviation without keeping its values: bins that grow with the value, eight to
 * the octave, found by the exponent and the upper three bits of the mantissa.
 */
import { f64, u32 } from "@weir/contracts/elements.ts";
import type { StateColumn } from "./rule-state.ts";

export const binsPerOctave = 8;
export const binCount = 160;
/** The first bin holds everything below this share of the scale; the last one is 2^20 times that. */
const firstShare = 1 / 64;
/** Bits of the upper half of a double that are below exponent and the three bits of the mantissa. */
const lowBits = 17;

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);
const upper = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Number of octave eighths: monotonic in `x` > 0. */
function eighths(x: number): number {
  double[0] = x;
  return u32(halves, upper) >>> lowBits;
}

const oneAt = eighths(1);

export class DeviationHistogram {
  /** Of each tag: its count, then its bins. */
  readonly #counts: Uint32Array;
  readonly #perUnit: Float64Array;
  readonly column: StateColumn;

  /** `scales`: a small step of each tag, in its unit. */
  constructor(scales: readonly number[]) {
    const perTag = 1 + binCount;
    this.#counts = new Uint32Array(perTag * scales.length);
    this.#perUnit = Float64Array.from(scales, (scale) => 1 / (scale * firstShare));
    this.column = { values: this.#counts, perTag, times: [] };
  }

  get stateBytes(): number {
    return this.#counts.byteLength + this.#perUnit.byteLength;
  }

  count(tag: number): number {
    return u32(this.#counts, (1 + binCount) * tag);
  }

  add(tag: number, deviation: number): void {
    const at = eighths(deviation * f64(this.#perUnit, tag)) - oneAt;
    const bin = at <= 0 ? 0 : at >= binCount ? binCount - 1 : at;
    const first = (1 + binCount) * tag;
    this.#counts[first] = u32(this.#counts, first) + 1;
    this.#counts[first + 1 + bin] = u32(this.#counts, first + 1 + bin) + 1;
  }

  /** Upper edge of the bin in which the quantile lies: at most 12.5 % too high, never too low. */
  quantile(tag: number, share: number): number {
    const first = (1 + binCount) * tag;
    const rank = share * u32(this.#counts, first);
    let below = 0;
    for (let bin = 0; bin < binCount; bin++) {
      below += u32(this.#counts, first + 1 + bin);
      if (below < rank) continue;
      const octave = Math.floor((bin + 1) / binsPerOctave);
      const eighth = (bin + 1) % binsPerOctave;
      return (2 ** octave * (1 + eighth / binsPerOctave)) / f64(this.#perUnit, tag);
    }
    return 0;
  }

  clear(tag: number): void {
    this.#counts.fill(0, (1 + binCount) * tag, (1 + binCount) * (tag + 1));
  }
}
