/** Chance as an argument: a seeded generator, one stream for each name, so a run replays from its seed. */

export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  gaussian(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
}

/** FNV-1a, 32 bits. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

class Mulberry32 implements Random {
  #state: number;
  #spare = Number.NaN;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Marsaglia's polar method; the second value of each pair is kept for the next call. */
  gaussian(): number {
    const kept = this.#spare;
    if (!Number.isNaN(kept)) {
      this.#spare = Number.NaN;
      return kept;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        this.#spare = v * scale;
        return u * scale;
      }
    }
  }

  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }
}

/** The stream `name` of `seed`. Adding a stream never moves the others. */
export const seeded = (seed: number, name = ""): Random =>
  new Mulberry32(hash32(`${seed}/${name}`));
