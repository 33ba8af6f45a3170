/**
 * Time as an argument. Two clocks reach every process: the plant's (calendar, rules, windows; it may
 * run faster in a simulation) and the I/O clock (deadlines of sockets, always real).
 */

import { performance } from "node:perf_hooks";
import { f64 } from "@weir/contracts/elements.ts";
import { RuntimeFault } from "./faults.ts";

export type Cancel = () => void;

export interface Clock {
  /** UTC milliseconds. May jump when the operating system corrects it. */
  nowMs(): number;
  /** Milliseconds since some fixed instant; never jumps, never goes back. */
  monotonicMs(): number;
  /** Runs `task` once, `delayMs` later on this clock. */
  after(delayMs: number, task: () => void): Cancel;
  /** Resolves `delayMs` later on this clock; rejects with the signal's reason when it aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** How a plant clock relates to real time: plant = from + (real − at) × rate. */
export interface ClockSpec {
  rate: number;
  fromMs: number;
  atMs: number;
}

export const rateMax = 20_000;

/** The longest delay that setTimeout keeps, milliseconds. */
const timerDelayMax = 2 ** 31 - 1;

type SetTimer = (task: () => void, delayMs: number) => Cancel;

const setSystemTimer: SetTimer = (task, delayMs) => {
  const timer = setTimeout(task, Math.min(delayMs, timerDelayMax));
  return () => clearTimeout(timer);
};

class RealClock implements Clock {
  readonly #spec: ClockSpec;
  readonly #originMs = performance.timeOrigin;
  readonly #setTimer: SetTimer;
  /** One number: real milliseconds by which this clock is ahead. */
  readonly #aheadMs: Float64Array;

  constructor(spec: ClockSpec, setTimer = setSystemTimer, aheadMs = new Float64Array(1)) {
    this.#spec = spec;
    this.#setTimer = setTimer;
    this.#aheadMs = aheadMs;
  }

  nowMs(): number {
    const { fromMs, atMs, rate } = this.#spec;
    return fromMs + (Date.now() + f64(this.#aheadMs, 0) - atMs) * rate;
  }

  monotonicMs(): number {
    const { atMs, rate } = this.#spec;
    return (this.#originMs + performance.now() + f64(this.#aheadMs, 0) - atMs) * rate;
  }

  after(delayMs: number, task: () => void): Cancel {
    return this.#setTimer(task, Math.max(0, delayMs / this.#spec.rate));
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }
}

/** `sleep` in terms of `after`, for any clock. */
export function sleepOn(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** Real time: the I/O clock of every process, and the plant clock of a real plant. */
export const systemClock = (): Clock => new RealClock({ rate: 1, fromMs: 0, atMs: 0 });

/**
 * Real time that is also passed by hand, with timers that run only then, once each. To the compiler it is
 * the same kind of clock as the others: for rehearsals of code that must be compiled when it is needed.
 */
export function rehearsalClock(): { clock: Clock; pass(ms: number): void } {
  const aheadMs = new Float64Array(1);
  let timers: { dueMs: number; task: () => void }[] = [];
  const setTimer: SetTimer = (task, delayMs) => {
    const timer = { dueMs: clock.monotonicMs() + delayMs, task };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  const clock = new RealClock({ rate: 1, fromMs: 0, atMs: 0 }, setTimer, aheadMs);
  return {
    clock,
    pass: (ms) => {
      aheadMs[0] = f64(aheadMs, 0) + ms;
      const nowMs = clock.monotonicMs();
      const due = timers.filter(({ dueMs }) => dueMs <= nowMs);
      timers = timers.filter(({ dueMs }) => dueMs > nowMs);
      for (const { task } of due) task();
    },
  };
}

/** A plant clock that runs `spec.rate` times as fast as real time. */
export const scaledClock = (spec: ClockSpec): Clock => new RealClock(spec);

/**
 * Reads "rate=60,from=2026-06-02T05:00:00Z,at=1780000000000" (`at`: real UTC milliseconds at which
 * the plant's calendar showed `from`). All processes given the same text share one plant time.
 * @throws Fault RUNTIME_CLOCK_SPEC
 */
export function parseClockSpec(text: string): ClockSpec {
  const fields = new Map(text.split(",").map((part) => part.split("=", 2) as [string, string]));
  const rate = Number(fields.get("rate"));
  const fromMs = Date.parse(fields.get("from") ?? "");
  const atMs = Number(fields.get("at"));
  const known = [...fields.keys()].every((key) => ["rate", "from", "at"].includes(key));
  if (!known || !(rate >= 1 && rate <= rateMax) || Number.isNaN(fromMs) || !Number.isFinite(atMs)) {
    throw new RuntimeFault("RUNTIME_CLOCK_SPEC", { text, rateMax });
  }
  return { rate, fromMs, atMs };
}

export const formatClockSpec = (spec: ClockSpec): string =>
  `rate=${spec.rate},from=${new Date(spec.fromMs).toISOString()},at=${spec.atMs}`;

/** The plant clock of a process: `--clock` text if given, else real time. */
export const plantClock = (text: string | undefined): Clock =>
  text === undefined || text === "" ? systemClock() : scaledClock(parseClockSpec(text));

/** Runs `task` every `periodMs` on a grid of the clock's monotonic time; late runs are skipped, never bunched. */
export function every(clock: Clock, periodMs: number, task: () => void): Cancel {
  let cancel: Cancel = () => {};
  let nextMs = clock.monotonicMs() + periodMs;
  const arm = () => {
    cancel = clock.after(nextMs - clock.monotonicMs(), () => {
      const lateMs = Math.max(0, clock.monotonicMs() - nextMs);
      nextMs += periodMs * (1 + Math.floor(lateMs / periodMs));
      arm();
      task();
    });
  };
  arm();
  return () => cancel();
}
