/**
 * Simulated time for code that never awaits: timers run within `advance`, with no turn of the event
 * loop in between. Hundreds of times as fast as SimulatedClock, and the control half needs no more.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { type Cancel, type Clock, sleepOn } from "@weir/runtime/clock.ts";

interface Timer {
  dueMs: number;
  task: () => void;
}

export class SynchronousClock implements Clock {
  #monotonicMs = 0;
  #offsetMs: number;
  /** Earliest last. */
  readonly #timers: Timer[] = [];

  constructor(startMs = 0) {
    this.#offsetMs = startMs;
  }

  nowMs(): number {
    return this.#monotonicMs + this.#offsetMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Moves the calendar, not monotonic time. */
  skew(byMs: number): void {
    this.#offsetMs += byMs;
  }

  after(delayMs: number, task: () => void): Cancel {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), task };
    // Timers of the same instant run in the order in which they were set.
    let at = this.#timers.length;
    while (at > 0 && elementAt(this.#timers, at - 1).dueMs <= timer.dueMs) at--;
    this.#timers.splice(at, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  advance(byMs: number): void {
    const endMs = this.#monotonicMs + byMs;
    for (let next = this.#timers.at(-1); next && next.dueMs <= endMs; next = this.#timers.at(-1)) {
      this.#timers.pop();
      this.#monotonicMs = next.dueMs;
      next.task();
    }
    this.#monotonicMs = endMs;
  }
}
