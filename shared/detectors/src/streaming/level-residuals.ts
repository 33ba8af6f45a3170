/** Residuals to levels: means of several lengths, the reading before, the range so far. */
import { f64 } from "@weir/contracts/elements.ts";
import { type ResidualKind, shareOf } from "./residual.ts";

/** Distance to the mean of about the last `length` readings. */
export const toMean = (length: number): ResidualKind => ({
  doubles: 2,
  singles: 0,
  bytes: 0,
  hasUnit: true,
  create: ({ doubles: state }) => ({
    peek: (value) => (state[0] === 0 ? 0 : value - f64(state, 1)),
    learn: (value) => {
      state[0] = f64(state, 0) + 1;
      state[1] = f64(state, 1) + shareOf(length, state[0]) * (value - f64(state, 1));
    },
  }),
});

/** Distance of a short mean from a long one: a drift, or a step that stays. */
export const meanToMean = (shortLength: number, longLength: number): ResidualKind => ({
  doubles: 3,
  singles: 0,
  bytes: 0,
  hasUnit: true,
  create: ({ doubles: state }) => {
    const nextShort = (value: number) =>
      f64(state, 1) + shareOf(shortLength, f64(state, 0) + 1) * (value - f64(state, 1));
    return {
      peek: (value) => (state[0] === 0 ? 0 : nextShort(value) - f64(state, 2)),
      learn: (value) => {
        state[1] = nextShort(value);
        state[0] = f64(state, 0) + 1;
        state[2] = f64(state, 2) + shareOf(longLength, state[0]) * (value - f64(state, 2));
      },
    };
  },
});

/** Difference to the reading before. */
export const toPrevious: ResidualKind = {
  doubles: 2,
  singles: 0,
  bytes: 0,
  hasUnit: true,
  create: ({ doubles: state }) => ({
    peek: (value) => (state[0] === 0 ? 0 : value - f64(state, 1)),
    learn: (value) => {
      state[0] = 1;
      state[1] = value;
    },
  }),
};

/** A sensor leaves its range by less than this share of it again and again. */
const trifleOfRange = 0.01;

/** How far a mean of about `length` readings stands outside the range in which it has been. */
export const outsideRange = (length: number): ResidualKind => ({
  doubles: 4,
  singles: 0,
  bytes: 0,
  hasUnit: true,
  create: ({ doubles: state }) => {
    const next = (value: number) =>
      f64(state, 1) + shareOf(length, f64(state, 0) + 1) * (value - f64(state, 1));
    return {
      peek: (value) => {
        if (f64(state, 0) < length) return 0;
        const mean = next(value);
        return Math.max(0, mean - f64(state, 3), f64(state, 2) - mean);
      },
      trifle: () => trifleOfRange * (f64(state, 3) - f64(state, 2)),
      learn: (value) => {
        const mean = next(value);
        const isLearning = f64(state, 0) < length;
        state[0] = f64(state, 0) + 1;
        state[1] = mean;
        state[2] = isLearning ? mean : Math.min(f64(state, 2), mean);
        state[3] = isLearning ? mean : Math.max(f64(state, 3), mean);
      },
    };
  },
});
