/**
 * Which blocks are polled faster than configured, and how much faster the bus allows. Each block costs
 * what it took so far; before its first answer what arithmetic says.
 */
import type { Block, BlockPoint } from "./block-plan.ts";

/** Share of the bus that hastened polls may fill: the rest is for writes and for what is late. */
export const hastenedLoadMax = 0.8;
/** Weight of the newest round trip in a block's cost. */
const newestWeight = 0.1;
/** Less than this is not worth a change. */
const factorMin = 1.05;

/** What is read at once, and how often. */
export interface Polled {
  periodMs: number;
  points: readonly Pick<BlockPoint, "kind" | "index">[];
}

export class PollRates<P extends Polled = Block> {
  /** What is wished for each tag; those at the usual rate are absent. */
  readonly #tagFactors = new Map<number, number>();
  readonly #costsMs = new Map<P, number>();
  readonly #arithmeticMs: (block: P) => number;

  constructor(arithmeticMs: (block: P) => number) {
    this.#arithmeticMs = arithmeticMs;
  }

  /** `tookMs`: bus time of one poll of `block`, quiet time after it included. */
  measured(block: P, tookMs: number): void {
    const known = this.#costsMs.get(block);
    const costMs = known === undefined ? tookMs : known + (tookMs - known) * newestWeight;
    this.#costsMs.set(block, costMs);
  }

  /** How many times as often as configured `block` is to be polled. */
  factorOf(block: P): number {
    let factor = 1;
    if (this.#tagFactors.size === 0) return factor;
    for (const { kind, index } of block.points) {
      if (kind === "tag") factor = Math.max(factor, this.#tagFactors.get(index) ?? 1);
    }
    return factor;
  }

  /** Grants `tags` up to `factor` times their rate, of what `blocks` leave free; returns the factor granted. */
  hasten(tags: readonly number[], factor: number, blocks: readonly P[]): number {
    for (const tag of tags) this.#tagFactors.delete(tag);
    if (factor < factorMin) return 1;
    const wanted = new Set(tags);
    const isWanted = (block: P) =>
      block.points.some(({ kind, index }) => kind === "tag" && wanted.has(index));
    const loadAt = (granted: number): number => {
      let load = 0;
      for (const block of blocks) {
        const own = this.factorOf(block);
        const rate = isWanted(block) ? Math.max(own, granted) : own;
        load += (rate * this.#costMs(block)) / block.periodMs;
      }
      return load;
    };
    if (!blocks.some(isWanted)) return 1;
    const granted = loadAt(factor) <= hastenedLoadMax ? factor : greatest(loadAt, factor);
    if (granted < factorMin) return 1;
    for (const tag of tags) this.#tagFactors.set(tag, granted);
    return granted;
  }

  #costMs(block: P): number {
    return this.#costsMs.get(block) ?? this.#arithmeticMs(block);
  }
}

/** Largest factor below `most`, in tenths, whose load is allowed; the load grows with the factor. */
function greatest(loadAt: (factor: number) => number, most: number): number {
  let low = 10;
  let high = Math.floor(most * 10);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (loadAt(middle / 10) <= hastenedLoadMax) low = middle;
    else high = middle - 1;
  }
  return low / 10;
}
