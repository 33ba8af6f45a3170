/** Time that moves only when told to, so a week of plant life runs in seconds. */
import { elementAt } from "@weir/contracts/elements.ts";
import { type Cancel, type Clock, sleepOn } from "./clock.ts";

interface Timer {
  dueMs: number;
  order: number;
  task: () => void;
}

export class SimulatedClock implements Clock {
  #monotonicMs = 0;
  #offsetMs: number;
  #order = 0;
  readonly #timers: Timer[] = []; // binary heap, earliest first

  constructor(startMs: number) {
    this.#offsetMs = startMs;
  }

  nowMs(): number {
    return this.#monotonicMs + this.#offsetMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Moves the calendar but not monotonic time: what NTP does to an edge box at boot. */
  skew(byMs: number): void {
    this.#offsetMs += byMs;
  }

  after(delayMs: number, task: () => void): Cancel {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), order: this.#order++, task };
    this.#push(timer);
    return () => {
      timer.task = () => {};
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** Runs every timer due within `byMs`, in order, letting promises settle after each. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#monotonicMs + byMs;
    await settle();
    for (let next = this.#timers[0]; next && next.dueMs <= endMs; next = this.#timers[0]) {
      this.#pop();
      this.#monotonicMs = next.dueMs;
      next.task();
      await settle();
    }
    this.#monotonicMs = endMs;
    await settle();
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    heap.push(timer);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!before(elementAt(heap, i), elementAt(heap, parent))) break;
      swap(heap, i, parent);
      i = parent;
    }
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && before(elementAt(heap, child), elementAt(heap, least)))
          least = child;
      }
      if (least === i) return;
      swap(heap, i, least);
      i = least;
    }
  }
}

const before = (a: Timer, b: Timer): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);

function swap(heap: Timer[], i: number, j: number): void {
  [heap[i], heap[j]] = [elementAt(heap, j), elementAt(heap, i)];
}

/** Lets every promise chain that can move without a timer run to its end. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
