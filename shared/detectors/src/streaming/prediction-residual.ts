/** A residual to what the last readings let one expect. */
import { f64 } from "@weir/contracts/elements.ts";
import type { ResidualKind } from "./residual.ts";

/** Readings after which the centre stays where it is, and over which the spread is taken. */
const centreCount = 20;
const spreadLength = 1_000;
/** What the past keeps of its weight each reading. */
const keep = 0.999;
const firstUncertainty = 100;
/** A single reading teaches as if it were at most this many spreads off. */
const clip = 3;
/** Without excitement the uncertainty would grow for ever. */
const uncertaintyMax = 1e4;

/**
 * One step ahead by an autoregression of the given order with an offset, fitted by recursive least
 * squares with forgetting.
 *
 * @see Haykin, "Adaptive Filter Theory", chapter on recursive least squares.
 */
export const toPrediction = (order: number): ResidualKind => {
  const size = order + 1;
  const at = {
    count: 0,
    centre: 1,
    variance: 2,
    weights: 3,
    inputs: 3 + size,
    matrix: 3 + 2 * size,
  };
  /** Scratch of one fit. */
  const gain = new Float64Array(size);
  return {
    doubles: at.matrix + size * size,
    singles: 0,
    bytes: 0,
    hasUnit: true,
    create: ({ doubles: state }) => {
      const weights = state.subarray(at.weights, at.inputs);
      const inputs = state.subarray(at.inputs, at.matrix);
      const matrix = state.subarray(at.matrix);
      const begin = (value: number) => {
        state[at.centre] = value;
        weights[0] = 1;
        inputs[order] = 1;
        for (let i = 0; i < size; i++) matrix[i * size + i] = firstUncertainty;
      };
      /** In spreads from the centre; nought until there is a spread. */
      const scaled = (value: number): number =>
        state[at.variance] === 0
          ? 0
          : (value - f64(state, at.centre)) / Math.sqrt(f64(state, at.variance));
      const error = (value: number): number => {
        let expected = 0;
        for (let i = 0; i < size; i++) expected += f64(weights, i) * f64(inputs, i);
        return scaled(value) - expected;
      };
      const fit = (mistake: number) => {
        let scale = keep;
        for (let i = 0; i < size; i++) {
          let sum = 0;
          for (let j = 0; j < size; j++) sum += f64(matrix, i * size + j) * f64(inputs, j);
          gain[i] = sum;
          scale += sum * f64(inputs, i);
        }
        let uncertainty = 0;
        for (let i = 0; i < size; i++) {
          weights[i] = f64(weights, i) + (f64(gain, i) / scale) * mistake;
          for (let j = 0; j < size; j++)
            matrix[i * size + j] =
              (f64(matrix, i * size + j) - (f64(gain, i) * f64(gain, j)) / scale) / keep;
          uncertainty += f64(matrix, i * size + i);
        }
        if (uncertainty > uncertaintyMax)
          for (let i = 0; i < matrix.length; i++) matrix[i] = f64(matrix, i) / 2;
      };
      return {
        peek: (value) => error(value) * Math.sqrt(f64(state, at.variance)),
        learn: (value) => {
          if (state[at.count] === 0) begin(value);
          const input = scaled(value);
          fit(Math.max(-clip, Math.min(clip, error(value))));
          inputs.copyWithin(1, 0, order - 1);
          inputs[0] = input;
          const count = f64(state, at.count) + 1;
          state[at.count] = count;
          const away = value - f64(state, at.centre);
          const share = 1 / Math.min(count, spreadLength);
          state[at.variance] = (1 - share) * f64(state, at.variance) + share * away * away;
          if (count < centreCount) state[at.centre] = f64(state, at.centre) + away / count;
        },
      };
    },
  };
};
