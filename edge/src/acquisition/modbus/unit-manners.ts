/** What a serial line's master has learned of each unit: how fast it answers, and whether it knows function 8. */

/** The usual turnaround forgets this much of itself with each faster answer. */
const keep = 0.98;
/** Introductions without an answer until a unit counts as deaf to function 8. */
const introductionsMax = 2;
/** Jitter of the operating system and of adapters, added to what was seen, milliseconds. */
const jitterMs = 5;

interface Manners {
  turnaroundMs: number;
  introductions: number;
  hears: boolean | undefined;
  returns: boolean;
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

  /** Whether `unit` answers function 8, with its data or with a refusal; undefined before it was asked. */
  hears(unit: number): boolean | undefined {
    return this.#of(unit).hears;
  }

  /** `unit` returns the data of function 8. */
  returns(unit: number): boolean {
    return this.#of(unit).returns;
  }

  heard(unit: number, hasReturned: boolean): void {
    const manners = this.#of(unit);
    manners.hears = true;
    if (hasReturned) manners.returns = true;
  }

  wasSilent(unit: number): void {
    const manners = this.#of(unit);
    manners.introductions++;
    if (manners.introductions >= introductionsMax) manners.hears = false;
  }

  #of(unit: number): Manners {
    let manners = this.#units.get(unit);
    if (!manners) {
      manners = {
        turnaroundMs: this.#turnaroundMs,
        introductions: 0,
        hears: undefined,
        returns: false,
      };
      this.#units.set(unit, manners);
    }
    return manners;
  }
}
