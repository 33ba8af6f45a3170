/** A residual to patterns: how things are just now, as one point, and how near the nearest remembered one is. */
import { f32, f64 } from "@weir/contracts/elements.ts";
import { type ResidualKind, shareOf } from "./residual.ts";
import { Habit, type HabitOptions } from "./season-residuals.ts";

/** Readings of the two means and of the spread that make a pattern. */
const shortLength = 4;
const longLength = 64;
const spreadLength = 16;
const habitOptions: HabitOptions = { days: 1, binCount: 48, length: 20 };
/** Distance to the short mean, of the short mean to the long one, spread, distance to the hour's habit. */
const size = 4;
const nearestAt = size;
const distanceAt = size + 1;
/** Each of them in units of its own root mean square over so many readings. */
const scaleLength = 10_000;
/** A pattern this many times farther than usual is remembered instead of the one not met for longest. */
const newRatio = 2;
const usualLength = 1_000;
/** How far the nearest pattern moves towards the present one. */
const pull = 0.05;
/** The first readings say nothing about the usual distance. */
const settleCount = 20;
const patternsMin = 4;

const at = { count: 0, means: 1, spread: 3, scales: 4, filled: 8, compared: 9, usual: 10, end: 11 };

/**
 * Distance to the nearest of `patternCount` remembered patterns, which is how an unusual combination of
 * usual values is seen. Leader clustering with a fixed number of leaders: bounded time and memory, and a
 * pattern once seen is known.
 *
 * @see Hartigan, "Clustering Algorithms", 1975, chapter 3; Carpenter, Grossberg, Rosen, "Fuzzy ART",
 * Neural Networks 4 (1991).
 */
export const toNearestPattern = (patternCount: number): ResidualKind => ({
  doubles: at.end,
  // Each pattern's numbers, when each was last met, the habit.
  singles: patternCount * (size + 1) + habitOptions.binCount,
  bytes: habitOptions.binCount,
  hasUnit: false,
  create: ({ doubles: state, singles, bytes }) => {
    const patterns = singles.subarray(0, patternCount * size);
    const metAt = singles.subarray(patternCount * size, patternCount * (size + 1));
    const habit = new Habit(habitOptions, singles.subarray(patternCount * (size + 1)), bytes);
    /** The present pattern; which remembered one is nearest, and how far it is. */
    const now = new Float64Array(size + 2);
    /** Means, spread and scales as they will be after the reading. */
    const next = new Float64Array(at.filled);

    const describe = (value: number, timeMs: number) => {
      const count = f64(state, at.count) + 1;
      const follow = (place: number, length: number, x: number): number => {
        next[place] = f64(state, place) + shareOf(length, count) * (x - f64(state, place));
        return f64(next, place);
      };
      const short = follow(at.means, shortLength, value);
      const long = follow(at.means + 1, longLength, short);
      now[0] = value - short;
      now[1] = short - long;
      now[2] = follow(at.spread, spreadLength, Math.abs(now[0]));
      now[3] = value - (habit.mean(habit.binOf(timeMs)) ?? value);
      for (let i = 0; i < size; i++) {
        const square = follow(at.scales + i, scaleLength, f64(now, i) * f64(now, i));
        now[i] = square === 0 ? 0 : f64(now, i) / Math.sqrt(square);
      }
    };
    const search = () => {
      let least = Number.POSITIVE_INFINITY;
      let nearest = -1;
      for (let p = 0; p < f64(state, at.filled); p++) {
        let sum = 0;
        for (let i = 0; i < size && sum < least; i++)
          sum += (f32(patterns, p * size + i) - f64(now, i)) ** 2;
        if (sum >= least) continue;
        least = sum;
        nearest = p;
      }
      now[nearestAt] = nearest;
      now[distanceAt] = nearest < 0 ? 0 : Math.sqrt(least);
    };
    const place = (): number => {
      if (f64(state, at.filled) < patternCount) {
        const filled = f64(state, at.filled);
        state[at.filled] = filled + 1;
        return filled;
      }
      let oldest = 0;
      for (let p = 1; p < patternCount; p++) if (f32(metAt, p) < f32(metAt, oldest)) oldest = p;
      return oldest;
    };
    const remember = (count: number) => {
      const nearest = f64(now, nearestAt);
      const distance = f64(now, distanceAt);
      if (nearest >= 0 && count > settleCount) {
        const compared = f64(state, at.compared) + 1;
        state[at.compared] = compared;
        const share = shareOf(usualLength, compared);
        state[at.usual] = f64(state, at.usual) + share * (distance - f64(state, at.usual));
      }
      const isNew =
        distance > newRatio * f64(state, at.usual) || f64(state, at.filled) < patternsMin;
      const p = isNew ? place() : nearest;
      const share = isNew ? 1 : pull;
      for (let i = 0; i < size; i++) {
        const was = isNew ? 0 : f32(patterns, p * size + i);
        patterns[p * size + i] = was + share * (f64(now, i) - was);
      }
      metAt[p] = count;
    };
    return {
      peek: (value, timeMs) => {
        describe(value, timeMs);
        search();
        return 2 * f64(state, at.filled) < patternCount ? 0 : f64(now, distanceAt);
      },
      learn: (value, timeMs) => {
        const count = f64(state, at.count) + 1;
        remember(count);
        state.set(next.subarray(at.means), at.means);
        state[at.count] = count;
        habit.learn(habit.binOf(timeMs), value);
      },
    };
  },
});
