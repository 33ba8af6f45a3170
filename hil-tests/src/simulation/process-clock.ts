/** The clock that one simulated process sees: a view of the world's clock that dies with the process. */
import { type Cancel, type Clock, sleepOn } from "@weir/runtime/clock.ts";

export interface ProcessClockOptions {
  /** Milliseconds of the world for one of this clock; 1 for a plant clock, more for an I/O clock. */
  rate: number;
  /** How far its calendar is ahead of the world's. */
  skewMs?: number;
}

export class ProcessClock implements Clock {
  readonly #world: Clock;
  readonly #rate: number;
  readonly #originMs: number;
  #skewMs: number;
  #isDead = false;

  /** `world` is in plant time, the finest grid of a simulation, so that its instants stay whole numbers. */
  constructor(world: Clock, { rate, skewMs = 0 }: ProcessClockOptions) {
    this.#world = world;
    this.#rate = rate;
    this.#skewMs = skewMs;
    this.#originMs = world.nowMs() - world.monotonicMs();
  }

  nowMs(): number {
    return this.#originMs + this.#skewMs + this.monotonicMs();
  }

  monotonicMs(): number {
    return this.#world.monotonicMs() / this.#rate;
  }

  after(delayMs: number, task: () => void): Cancel {
    return this.#world.after(delayMs * this.#rate, () => {
      if (!this.#isDead) task();
    });
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** Somebody sets the calendar; monotonic time goes on. */
  jump(byMs: number): void {
    this.#skewMs += byMs;
  }

  /** No timer of the process fires any more: what kill -9 leaves of it. */
  kill(): void {
    this.#isDead = true;
  }
}
