/** Residuals to levels: means of several lengths, earlier values, the range so far, the usual spread. */
import { type ResidualKind, shareOf } from "./residual.ts";

/** Distance to the mean of about the last `length` readings. */
export const toMean = (length: number): ResidualKind => ({
  doubles: 2,
  singles: 0,
  create: (state) => ({
    peek: (value) => (state[0] === 0 ? 0 : value - state[1]!),
    learn: (value) => {
      state[0] = state[0]! + 1;
      state[1] = state[1]! + shareOf(length, state[0]) * (value - state[1]!);
    },
  }),
});

/** Distance of a short mean from a long one: a drift, or a step that stays. */
export const meanToMean = (shortLength: number, longLength: number): ResidualKind => ({
  doubles: 3,
  singles: 0,
  create: (state) => {
    const nextShort = (value: number) =>
      state[1]! + shareOf(shortLength, state[0]! + 1) * (value - state[1]!);
    return {
      peek: (value) => (state[0] === 0 ? 0 : nextShort(value) - state[2]!),
      learn: (value) => {
        state[1] = nextShort(value);
        state[0] = state[0]! + 1;
        state[2] = state[2]! + shareOf(longLength, state[0]) * (value - state[2]!);
      },
    };
  },
});

/** Difference to the reading `lag` before. */
export const toEarlier = (lag: number): ResidualKind => ({
  doubles: 1,
  singles: lag,
  create: (state, ring) => ({
    peek: (value) => (state[0]! < lag ? 0 : value - ring[state[0]! % lag]!),
    learn: (value) => {
      ring[state[0]! % lag] = value;
      state[0] = state[0]! + 1;
    },
  }),
});

/** How far a mean of about `length` readings stands outside the range in which it has been. */
export const outsideRange = (length: number): ResidualKind => ({
  doubles: 4,
  singles: 0,
  create: (state) => {
    const next = (value: number) =>
      state[1]! + shareOf(length, state[0]! + 1) * (value - state[1]!);
    return {
      peek: (value) => {
        if (state[0]! < length) return 0;
        const mean = next(value);
        return Math.max(0, mean - state[3]!, state[2]! - mean);
      },
      learn: (value) => {
        const mean = next(value);
        const isFirst = state[0]! < length;
        state[0] = state[0]! + 1;
        state[1] = mean;
        state[2] = isFirst ? mean : Math.min(state[2]!, mean);
        state[3] = isFirst ? mean : Math.max(state[3]!, mean);
      },
    };
  },
});

/** How much the deviations of the last `shortLength` readings differ from those of the last `longLength`. */
export const spreadToSpread = (shortLength: number, longLength: number): ResidualKind => ({
  doubles: 4,
  singles: 0,
  create: (state) => ({
    // Of what came before: the reading itself is toMean's business.
    peek: () => (state[0]! < shortLength ? 0 : state[2]! - state[3]!),
    learn: (value) => {
      const deviation = state[0] === 0 ? 0 : Math.abs(value - state[1]!);
      state[0] = state[0]! + 1;
      state[1] = state[1]! + shareOf(centreLength, state[0]) * (value - state[1]!);
      state[2] = state[2]! + shareOf(shortLength, state[0]) * (deviation - state[2]!);
      state[3] = state[3]! + shareOf(longLength, state[0]) * (deviation - state[3]!);
    },
  }),
});

const centreLength = 10;

/** How far the whole of the last `length` readings lies on one side of a mean over `longLength`. */
export const sustained = (length: number, longLength: number): ResidualKind => ({
  doubles: 2,
  singles: length,
  create: (state, ring) => ({
    peek: (value) => {
      if (state[0]! < length) return 0;
      let low = value;
      let high = value;
      const oldest = state[0]! % length;
      for (let i = 0; i < length; i++) {
        if (i === oldest) continue;
        low = Math.min(low, ring[i]!);
        high = Math.max(high, ring[i]!);
      }
      return Math.max(0, low - state[1]!, state[1]! - high);
    },
    learn: (value) => {
      ring[state[0]! % length] = value;
      state[0] = state[0]! + 1;
      state[1] = state[1]! + shareOf(longLength, state[0]) * (value - state[1]!);
    },
  }),
});
