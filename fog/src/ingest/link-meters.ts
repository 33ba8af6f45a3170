/** Small measurements of one edge's link. */

/** Batches whose skew counts. */
const skewWindow = 31;

/** A median further off than this, and than the way may add, is told as a clock that is wrong. */
export const skewTellMs = 60_000;

/** Rates are means over at least this long, plant milliseconds. */
const rateWindowMs = 60_000;

/** Median of the newest samples, milliseconds. */
export class SkewMeter {
  readonly #samples: number[] = [];
  #next = 0;

  take(skewMs: number): void {
    this.#samples[this.#next] = skewMs;
    this.#next = (this.#next + 1) % skewWindow;
  }

  /** 0 before the first sample. */
  medianMs(): number {
    const sorted = [...this.#samples].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }
}

/** Counts per second over the last full window; 0 when nothing has come for three windows. */
export class RateMeter {
  #openedMs = Number.NaN;
  #count = 0;
  #perSecond = 0;

  take(count: number, nowMs: number): void {
    if (Number.isNaN(this.#openedMs)) this.#openedMs = nowMs;
    this.#count += count;
    const elapsedMs = nowMs - this.#openedMs;
    if (elapsedMs < rateWindowMs) return;
    this.#perSecond = (this.#count * 1_000) / elapsedMs;
    this.#count = 0;
    this.#openedMs = nowMs;
  }

  perSecond(nowMs: number): number {
    return nowMs - this.#openedMs > 3 * rateWindowMs ? 0 : this.#perSecond;
  }
}
