/** A residual to shapes: the last readings as one point, and how near the nearest remembered one is. */
import { type ResidualKind, shareOf } from "./residual.ts";

export interface ShapeOptions {
  /** Readings that make a shape. */
  pointCount: number;
  /** Readings from one of them to the next. */
  stride: number;
  /** Shapes remembered. */
  shapeCount: number;
  /** How far the nearest shape moves towards the present one. */
  rate: number;
}

/** A shape this many times farther than usual is remembered instead of the one not met for longest. */
const newShapeRatio = 3;
const nearLength = 500;
/** While memory fills, only each third shape is taken: neighbours are nearly the same. */
const fillEvery = 3;

/**
 * Root mean square distance to the nearest remembered shape: novelty of form at a level that is usual.
 * Leader clustering with a fixed number of leaders, so time and memory are bounded.
 *
 * @see Hartigan, "Clustering Algorithms", 1975, chapter 3 (quick partition).
 */
export const toNearestShape = (options: ShapeOptions): ResidualKind => {
  const { pointCount, stride, shapeCount, rate } = options;
  const ringLength = (pointCount - 1) * stride;
  return {
    // Readings, shapes, comparisons, usual distance.
    doubles: 4,
    // The ring, each shape's points, when each shape was last met.
    singles: ringLength + shapeCount * (pointCount + 1),
    create: (state, table) => {
      const metFrom = ringLength + shapeCount * pointCount;
      const shape = new Float64Array(pointCount);
      let nearest = 0;
      let distance = 0;
      const look = (value: number) => {
        shape[0] = value;
        for (let i = 1; i < pointCount; i++)
          shape[i] = table[(state[0]! - i * stride + ringLength) % ringLength]!;
        let least = Number.POSITIVE_INFINITY;
        for (let s = 0; s < state[1]!; s++) {
          const from = ringLength + s * pointCount;
          let sum = 0;
          for (let i = 0; i < pointCount && sum < least; i++)
            sum += (table[from + i]! - shape[i]!) ** 2;
          if (sum >= least) continue;
          least = sum;
          nearest = s;
        }
        distance = Math.sqrt(least / pointCount);
      };
      const remember = (s: number) => {
        table.set(shape, ringLength + s * pointCount);
        table[metFrom + s] = state[0]!;
      };
      const adapt = () => {
        if (state[1]! < shapeCount) {
          if (state[0]! % fillEvery !== 0) return;
          remember(state[1]!);
          state[1] = state[1]! + 1;
          return;
        }
        state[2] = state[2]! + 1;
        state[3] = state[3]! + shareOf(nearLength, state[2]) * (distance - state[3]!);
        if (distance > newShapeRatio * state[3]) {
          let oldest = 0;
          for (let s = 1; s < shapeCount; s++)
            if (table[metFrom + s]! < table[metFrom + oldest]!) oldest = s;
          remember(oldest);
          return;
        }
        const from = ringLength + nearest * pointCount;
        for (let i = 0; i < pointCount; i++)
          table[from + i] = table[from + i]! + rate * (shape[i]! - table[from + i]!);
        table[metFrom + nearest] = state[0]!;
      };
      return {
        peek: (value) => {
          if (state[0]! < ringLength) return 0;
          look(value);
          return state[1]! < shapeCount ? 0 : distance;
        },
        learn: (value) => {
          if (state[0]! >= ringLength) adapt();
          table[state[0]! % ringLength] = value;
          state[0] = state[0]! + 1;
        },
      };
    },
  };
};
