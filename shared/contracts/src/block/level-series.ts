/*
  A series of few distinct values: states, set points, a stuck instrument that flickers by one step.

    count     3 bits: distinct values − 1, 2 to 8
    values    differences from the first value of the series, in order of appearance
    readings  same as the one before, given that one and whether it was a change; else which
*/
import { f64, numberAt } from "../elements.ts";
import { AdaptiveBits, integerContexts } from "./adaptive-bits.ts";
import { type Coder, MalformedBlock } from "./range-coder.ts";

export const levelsMax = 8;

const countBits = 3;
const negative = 8;
const difference = 9;
const sharedContexts = difference + integerContexts;

const same = 0;
const which = 2 * levelsMax;
const ownContexts = which + levelsMax * levelsMax;

/** The distinct values of `series` in order of appearance; `undefined` when they are too many. */
export function levelsOf(series: Float64Array, count: number): number[] | undefined {
  const levels: number[] = [];
  for (let i = 0; i < count; i++) {
    const value = f64(series, i);
    if (i > 0 && value === series[i - 1]) continue;
    if (levels.includes(value)) continue;
    if (levels.length === levelsMax) return undefined;
    levels.push(value);
  }
  return levels;
}

export class LevelSeries {
  readonly #shared = new AdaptiveBits(sharedContexts);

  /** Codes `series[1..count)`; `levels` as `levelsOf` found them, ignored when decoding. */
  code(coder: Coder, series: Float64Array, count: number, levels: readonly number[]): void {
    const known = this.#codeLevels(coder, f64(series, 0), levels);
    codeSymbols(coder, series, count, known);
  }

  #codeLevels(coder: Coder, first: number, levels: readonly number[]): number[] {
    const size = 1 + this.#shared.tree(coder, 0, levels.length - 1, countBits);
    if (size < 2) throw new MalformedBlock("a series of one level");
    const known = [first];
    for (let i = 1; i < size; i++) {
      const distance = (levels[i] ?? 0) - first;
      const below = this.#shared.bit(coder, negative, distance < 0 ? 1 : 0);
      const magnitude = this.#shared.integer(coder, difference, Math.abs(distance));
      known.push(first + (below === 1 ? -magnitude : magnitude));
    }
    return known;
  }
}

/** What the readings cost, without the list of levels. */
export function codeSymbols(
  coder: Coder,
  series: Float64Array,
  count: number,
  levels: readonly number[],
): void {
  const bits = new AdaptiveBits(ownContexts);
  const width = 32 - Math.clz32(levels.length - 1);
  let symbol = 0;
  let changed = 0;
  for (let i = 1; i < count; i++) {
    const now = coder.decoding ? 0 : levels.indexOf(f64(series, i));
    const stays = bits.bit(coder, same + 2 * symbol + changed, now === symbol ? 1 : 0);
    changed = 1 - stays;
    if (stays === 0) {
      if (levels.length === 2) symbol = 1 - symbol;
      else symbol = bits.tree(coder, which + levelsMax * symbol, now, width);
      if (symbol >= levels.length) throw new MalformedBlock(`level ${symbol} of ${levels.length}`);
    }
    series[i] = numberAt(levels, symbol);
  }
}
