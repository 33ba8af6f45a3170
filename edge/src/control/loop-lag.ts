/** How late this thread is: the delay of a timer that should fire every 250 ms. */
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";

const periodMs = 250;
const samplesMax = 512;

export class LoopLag {
  readonly #samplesMs = new Float64Array(samplesMax);
  #count = 0;
  readonly #cancel: Cancel;

  constructor(ioClock: Clock) {
    let expectedMs = ioClock.monotonicMs() + periodMs;
    this.#cancel = every(ioClock, periodMs, () => {
      const nowMs = ioClock.monotonicMs();
      this.#samplesMs[this.#count++ % samplesMax] = Math.max(0, nowMs - expectedMs);
      expectedMs += periodMs * Math.max(1, Math.round((nowMs - expectedMs) / periodMs) + 1);
    });
  }

  /** 99th percentile of about the last two minutes, milliseconds. */
  p99(): number {
    const count = Math.min(this.#count, samplesMax);
    if (count === 0) return 0;
    return this.#samplesMs.slice(0, count).sort()[Math.floor(0.99 * (count - 1))]!;
  }

  stop(): void {
    this.#cancel();
  }
}
