/** Slow units of the process take one step for several of the plant's, on whole multiples of their period. */
export class Rhythm {
  readonly #periodS: number;
  #lastMs: number;

  constructor(periodS: number, startMs: number) {
    this.#periodS = periodS;
    this.#lastMs = startMs;
  }

  /** Seconds that the unit has to live now; 0 when it waits. */
  due(nowMs: number): number {
    const elapsedS = (nowMs - this.#lastMs) / 1000;
    if (elapsedS < this.#periodS && Math.round(nowMs / 1000) % this.#periodS !== 0) return 0;
    this.#lastMs = nowMs;
    return elapsedS;
  }
}
