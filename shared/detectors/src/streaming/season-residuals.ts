/** Residuals to habit: what is usual at this time of the day or of the week. */
import { f32, f64, u8 } from "@weir/contracts/elements.ts";
import { type ResidualKind, shareOf } from "./residual.ts";

const dayMs = 86_400_000;

export interface HabitOptions {
  /** Length of the season. */
  days: number;
  /** Parts into which it is cut. */
  binCount: number;
  /** Readings of a part that its mean remembers, at most 255. */
  length: number;
}

/** Means of the parts of a day or a week. */
export class Habit {
  readonly #means: Float32Array;
  readonly #counts: Uint8Array;
  readonly #options: HabitOptions;

  constructor(options: HabitOptions, means: Float32Array, counts: Uint8Array) {
    this.#options = options;
    this.#means = means;
    this.#counts = counts;
  }

  binOf(timeMs: number): number {
    return seasonBin(timeMs, this.#options.days, this.#options.binCount);
  }

  /** Undefined for a part not seen yet. */
  mean(bin: number): number | undefined {
    return this.#counts[bin] === 0 ? undefined : f32(this.#means, bin);
  }

  learn(bin: number, value: number): void {
    const count = Math.min(this.#options.length, u8(this.#counts, bin) + 1);
    this.#counts[bin] = count;
    this.#means[bin] = f32(this.#means, bin) + (value - f32(this.#means, bin)) / count;
  }
}

/** Readings of the mean that stands in for parts not seen yet. */
const fallbackLength = 500;

/** Distance to the habit, averaged over about `smoothing` readings. */
export const toHabit = (options: HabitOptions, smoothing: number): ResidualKind => ({
  doubles: 3,
  singles: options.binCount,
  bytes: options.binCount,
  hasUnit: true,
  create: ({ doubles: state, singles, bytes }) => {
    const habit = new Habit(options, singles, bytes);
    const next = (value: number, timeMs: number): number => {
      const residual = value - (habit.mean(habit.binOf(timeMs)) ?? f64(state, 1));
      return f64(state, 2) + (residual - f64(state, 2)) / smoothing;
    };
    return {
      peek: (value, timeMs) => (state[0] === 0 ? 0 : next(value, timeMs)),
      learn: (value, timeMs) => {
        if (f64(state, 0) > 0) state[2] = next(value, timeMs);
        state[0] = f64(state, 0) + 1;
        state[1] = f64(state, 1) + shareOf(fallbackLength, state[0]) * (value - f64(state, 1));
        habit.learn(habit.binOf(timeMs), value);
      },
    };
  },
});

/** Distance to the nearest habit of this part of the season and its neighbours: being early or late is no anomaly. */
export const toNearbyHabit = (options: HabitOptions): ResidualKind => ({
  doubles: 2,
  singles: options.binCount,
  bytes: options.binCount,
  hasUnit: true,
  create: ({ doubles: state, singles, bytes }) => {
    const habit = new Habit(options, singles, bytes);
    const { binCount } = options;
    return {
      peek: (value, timeMs) => {
        if (state[0] === 0) return 0;
        const bin = habit.binOf(timeMs);
        const usual = f64(state, 1);
        const here = habit.mean(bin) ?? usual;
        const next = habit.mean((bin + 1) % binCount) ?? usual;
        const previous = habit.mean((bin + binCount - 1) % binCount) ?? usual;
        const low = Math.min(here, next, previous);
        const high = Math.max(here, next, previous);
        return Math.max(0, value - high, low - value);
      },
      learn: (value, timeMs) => {
        state[0] = f64(state, 0) + 1;
        state[1] = f64(state, 1) + shareOf(fallbackLength, state[0]) * (value - f64(state, 1));
        habit.learn(habit.binOf(timeMs), value);
      },
    };
  },
});

/** Which of `binCount` equal parts of a season of so many days a time falls into. */
export function seasonBin(timeMs: number, days: number, binCount: number): number {
  const periodMs = days * dayMs;
  const intoMs = ((timeMs % periodMs) + periodMs) % periodMs;
  return Math.min(binCount - 1, Math.floor((intoMs / periodMs) * binCount));
}
