/** Group commit: whoever needs a commit says within what time; the earliest wish wins. */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";

export class CommitTimer {
  readonly #clock: Clock;
  readonly #commit: () => void;
  #dueMs = Number.POSITIVE_INFINITY;
  #cancel: Cancel = () => {};

  constructor(clock: Clock, commit: () => void) {
    this.#clock = clock;
    this.#commit = commit;
  }

  within(delayMs: number): void {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    if (dueMs >= this.#dueMs) return;
    this.#cancel();
    this.#dueMs = dueMs;
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.#commit();
    });
  }

  cancel(): void {
    this.#cancel();
    this.#dueMs = Number.POSITIVE_INFINITY;
  }
}
