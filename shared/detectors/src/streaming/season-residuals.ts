/** Residuals to the habit of the hour: what is usual at this time of the day or of the week. */
import { type ResidualKind, shareOf } from "./residual.ts";

export const dayMs = 86_400_000;
export const weekMs = 7 * dayMs;

/** Readings over which the mean runs that stands in for hours not seen yet. */
const fallbackLength = 500;

export interface HabitOptions {
  /** Length of the season. */
  periodMs: number;
  /** Parts into which it is cut. */
  binCount: number;
  /** Readings of a part that its mean remembers. */
  length: number;
  /** Readings over which the distance is averaged. */
  smoothing: number;
}

/** Distance to the mean of the same part of earlier days or weeks. */
export const toHabit = (options: HabitOptions): ResidualKind => {
  const { periodMs, binCount, length, smoothing } = options;
  return {
    doubles: 3,
    singles: 2 * binCount,
    create: (state, table) => {
      const residual = (value: number, timeMs: number): number => {
        const bin = binOf(timeMs, periodMs, binCount);
        return value - (table[binCount + bin] === 0 ? state[1]! : table[bin]!);
      };
      const smooth = (value: number, timeMs: number): number =>
        state[2]! + (residual(value, timeMs) - state[2]!) / smoothing;
      return {
        peek: (value, timeMs) => (state[0] === 0 ? 0 : smooth(value, timeMs)),
        learn: (value, timeMs) => {
          if (state[0]! > 0) state[2] = smooth(value, timeMs);
          state[0] = state[0]! + 1;
          state[1] = state[1]! + shareOf(fallbackLength, state[0]) * (value - state[1]!);
          const bin = binOf(timeMs, periodMs, binCount);
          const count = Math.min(length, table[binCount + bin]! + 1);
          table[binCount + bin] = count;
          table[bin] = table[bin]! + (value - table[bin]!) / count;
        },
      };
    },
  };
};

export interface EnvelopeOptions {
  periodMs: number;
  binCount: number;
  /** Share of its width that the envelope of a part loses each season. */
  shrink: number;
}

/** How far a value is outside what this part of the season, or the parts beside it, have had. */
export const outsideEnvelope = (options: EnvelopeOptions): ResidualKind => {
  const { periodMs, binCount, shrink } = options;
  return {
    doubles: 1,
    // Lowest and highest of each part; a part not seen has a highest below its lowest.
    singles: 2 * binCount,
    create: (state, table) => {
      const isSeen = (bin: number): boolean =>
        state[0] !== 0 && table[bin]! <= table[binCount + bin]!;
      return {
        peek: (value, timeMs) => {
          const bin = binOf(timeMs, periodMs, binCount);
          let low = Number.POSITIVE_INFINITY;
          let high = Number.NEGATIVE_INFINITY;
          for (const near of [bin, (bin + 1) % binCount, (bin + binCount - 1) % binCount]) {
            if (!isSeen(near)) continue;
            low = Math.min(low, table[near]!);
            high = Math.max(high, table[binCount + near]!);
          }
          return low > high ? 0 : Math.max(0, value - high, low - value);
        },
        learn: (value, timeMs) => {
          if (state[0] === 0) {
            table.fill(Number.POSITIVE_INFINITY, 0, binCount);
            table.fill(Number.NEGATIVE_INFINITY, binCount);
          }
          const bin = binOf(timeMs, periodMs, binCount);
          // state[0]: part of the reading before, plus one.
          if (state[0] !== bin + 1 && table[bin]! <= table[binCount + bin]!) {
            const width = table[binCount + bin]! - table[bin]!;
            table[bin] = table[bin]! + shrink * width;
            table[binCount + bin] = table[binCount + bin]! - shrink * width;
          }
          state[0] = bin + 1;
          table[bin] = Math.min(table[bin]!, value);
          table[binCount + bin] = Math.max(table[binCount + bin]!, value);
        },
      };
    },
  };
};

const binOf = (timeMs: number, periodMs: number, binCount: number): number =>
  Math.floor(((((timeMs % periodMs) + periodMs) % periodMs) / periodMs) * binCount) % binCount;
