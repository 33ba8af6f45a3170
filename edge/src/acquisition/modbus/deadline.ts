/**
 * One deadline that is set and cleared thousands of times a minute, on one timer: a timer for each
 * request would be the largest source of garbage on the control thread.
 */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";

export class Deadline {
  readonly #clock: Clock;
  readonly #onPassed: () => void;
  /** Monotonic; infinite when nothing is awaited. */
  #dueMs = Number.POSITIVE_INFINITY;
  /** When the timer fires; infinite without one. */
  #timerMs = Number.POSITIVE_INFINITY;
  #cancel: Cancel = () => {};

  constructor(clock: Clock, onPassed: () => void) {
    this.#clock = clock;
    this.#onPassed = onPassed;
  }

  set(delayMs: number): void {
    this.#dueMs = this.#clock.monotonicMs() + delayMs;
    // A timer that is too early finds out when it fires, and waits for the rest.
    if (this.#timerMs > this.#dueMs) this.#arm();
  }

  clear(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.clear();
    this.#cancel();
    this.#timerMs = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    this.#cancel();
    this.#timerMs = this.#dueMs;
    this.#cancel = this.#clock.after(this.#dueMs - this.#clock.monotonicMs(), () => this.#look());
  }

  #look(): void {
    this.#timerMs = Number.POSITIVE_INFINITY;
    if (this.#dueMs === Number.POSITIVE_INFINITY) return;
    // Timers of the operating system may fire a fraction of a millisecond early.
    if (this.#clock.monotonicMs() < this.#dueMs - earlyMs) {
      this.#arm();
      return;
    }
    this.clear();
    this.#onPassed();
  }
}

const earlyMs = 0.5;
