/** What a serial line's master has learned of each unit: how fast it answers, and whether it knows function 8. */

/** The usual turnaround forgets this much of itself with each faster answer. */
const keep = 0.98;
/** Jitter of the operating system and of adapters, added to what was seen, milliseconds. */
const jitterMs = 5;

/**
 * What a unit does with return query data (function 8): gives its data back, refuses, or is silent, as
 * some are to every function they do not know.
 */
export type QueryManners = "unknown" | "returns" | "refuses" | "silent";

interface Manners {
  turnaroundMs: number;
  query: QueryManners;
}

export class UnitManners {
  readonly #turnaroundMs: number;
  readonly #units = new Map<number, Manners>();

  /** `turnaroundMs`: until something has been seen. */
  constructor(turnaroundMs: number) {
    this.#turnaroundMs = turnaroundMs;
  }

  answered(unit: number, turnaroundMs: number): void {
    const manners = this.#of(unit);
    manners.turnaroundMs = Math.max(turnaroundMs, manners.turnaroundMs * keep);
  }

  /** By this time after a request's last byte `unit` has usually begun to answer. */
  usualTurnaroundMs(unit: number): number {
    return 2 * this.#of(unit).turnaroundMs + jitterMs;
  }

  query(unit: number): QueryManners {
    return this.#of(unit).query;
  }

  setQuery(unit: number, query: QueryManners): void {
    this.#of(unit).query = query;
  }

  #of(unit: number): Manners {
    let manners = this.#units.get(unit);
    if (!manners) {
      manners = { turnaroundMs: this.#turnaroundMs, query: "unknown" };
      this.#units.set(unit, manners);
    }
    return manners;
  }
}
