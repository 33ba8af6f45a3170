/** How late this thread is: the delay of a timer that should fire every 250 ms, and when it did not run at all. */
import { f64 } from "@weir/contracts/elements.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";

const periodMs = 250;
const samplesMax = 512;
/** Newest stretches without a turn that are remembered. */
const stallsMax = 32;
/** A thread that is late by less has not stood still, I/O milliseconds. */
const stallMsMin = 50;

export interface LoopLagClocks {
  /** Plant time, in which stretches are told. */
  clock: Clock;
  ioClock: Clock;
}

/** Plant time, monotonic. */
interface Stall {
  fromMs: number;
  toMs: number;
}

export class LoopLag {
  readonly #clocks: LoopLagClocks;
  readonly #samplesMs = new Float64Array(samplesMax);
  #count = 0;
  readonly #stalls: Stall[] = [];
  #expectedMs: number;
  /** Of the newest turn: I/O and plant time. */
  #turnIoMs: number;
  #turnMs: number;
  readonly #cancel: Cancel;

  constructor(clocks: LoopLagClocks) {
    this.#clocks = clocks;
    const { clock, ioClock } = clocks;
    this.#turnIoMs = ioClock.monotonicMs();
    this.#turnMs = clock.monotonicMs();
    this.#expectedMs = this.#turnIoMs + periodMs;
    this.#cancel = every(ioClock, periodMs, () => this.#turn());
  }

  #turn(): void {
    const { clock, ioClock } = this.#clocks;
    const stall = this.#stallNow();
    if (stall) {
      this.#stalls.push(stall);
      if (this.#stalls.length > stallsMax) this.#stalls.shift();
    }
    this.#turnIoMs = ioClock.monotonicMs();
    this.#turnMs = clock.monotonicMs();
    const lateMs = this.#turnIoMs - this.#expectedMs;
    this.#samplesMs[this.#count++ % samplesMax] = Math.max(0, lateMs);
    this.#expectedMs += periodMs * Math.max(1, Math.round(lateMs / periodMs) + 1);
  }

  /** The stretch that ends now: this thread has been due since it began. */
  #stallNow(): Stall | undefined {
    const { clock, ioClock } = this.#clocks;
    const ioMs = ioClock.monotonicMs();
    const lateMs = ioMs - this.#expectedMs;
    if (lateMs < stallMsMin) return undefined;
    const toMs = clock.monotonicMs();
    // The plant's clock may run faster than the I/O clock.
    const rate = (toMs - this.#turnMs) / (ioMs - this.#turnIoMs);
    return { fromMs: toMs - lateMs * rate, toMs };
  }

  /** Plant milliseconds since `fromMs`, monotonic, in which this thread was due and did not run. */
  stalledMs(fromMs: number): number {
    const now = this.#stallNow();
    let sumMs = now ? overlapMs(now, fromMs) : 0;
    for (const stall of this.#stalls) sumMs += overlapMs(stall, fromMs);
    return sumMs;
  }

  /** 99th percentile of about the last two minutes, milliseconds. */
  p99(): number {
    const count = Math.min(this.#count, samplesMax);
    if (count === 0) return 0;
    return f64(this.#samplesMs.slice(0, count).sort(), Math.floor(0.99 * (count - 1)));
  }

  stop(): void {
    this.#cancel();
  }
}

const overlapMs = ({ fromMs, toMs }: Stall, sinceMs: number): number =>
  Math.max(0, toMs - Math.max(fromMs, sinceMs));
