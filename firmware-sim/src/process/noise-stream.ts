/**
 * Gaussian noise at a few nanoseconds a value: a congruential generator walks through one shared table of
 * normal quantiles, small enough to stay in the cache. Each name has its own walk, so adding one never
 * moves the others.
 */
import { f32 } from "@weir/contracts/elements.ts";
import { hash32 } from "@weir/runtime/random.ts";

const tableBits = 13;
const tableSize = 1 << tableBits;

const table = Float32Array.from({ length: tableSize }, (_, i) => quantile((i + 0.5) / tableSize));

/** Normal quantile by bisection; only at start. */
function quantile(p: number): number {
  let low = -6;
  let high = 6;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (cumulative(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Normal distribution function (Abramowitz & Stegun 26.2.17, |error| < 7.5e-8). */
function cumulative(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - tail : tail;
}

export class NoiseStream {
  #state: number;

  constructor(seed: number, id: string) {
    this.#state = hash32(`${seed}/${id}`);
  }

  /** Standard normal, |z| ≤ 3.9. */
  gaussian(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) | 0;
    return f32(table, this.#state >>> (32 - tableBits));
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) | 0;
    return (this.#state >>> 0) / 2 ** 32;
  }

  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }
}
