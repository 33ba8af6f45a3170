/**
 * Which readings of a device that speaks by itself are taken: about one in each of the tag's periods,
 * whatever the device's own rhythm. A device whose rhythm is the period loses none to its jitter.
 */
import { f64, numberAt } from "@weir/contracts/elements.ts";

/** A reading may come this share of a period before it is due. */
const earlyShare = 0.2;
/** After one that came late the next is due half a period on at the earliest. */
const lateShare = 0.5;

export class ReadingPace {
  readonly #usualMs: readonly number[];
  readonly #periodsMs: Float64Array;
  readonly #dueMs: Float64Array;

  constructor(periodsMs: readonly number[]) {
    this.#usualMs = periodsMs;
    this.#periodsMs = Float64Array.from(periodsMs);
    this.#dueMs = new Float64Array(periodsMs.length).fill(Number.NEGATIVE_INFINITY);
  }

  /** Takes readings of `index` `factor` times as often as usual. */
  hasten(index: number, factor: number): void {
    const periodMs = numberAt(this.#usualMs, index) / factor;
    if (periodMs === this.#periodsMs[index]) return;
    this.#periodsMs[index] = periodMs;
    this.#dueMs[index] = Number.NEGATIVE_INFINITY;
  }

  /** True when the reading of `index` is to be taken; `nowMs`: its time, monotonic, plant clock. */
  take(index: number, nowMs: number): boolean {
    const periodMs = f64(this.#periodsMs, index);
    const dueMs = f64(this.#dueMs, index);
    if (nowMs < dueMs - earlyShare * periodMs) return false;
    this.#dueMs[index] =
      dueMs === Number.NEGATIVE_INFINITY
        ? nowMs + periodMs
        : Math.max(dueMs + periodMs, nowMs + lateShare * periodMs);
    return true;
  }
}
