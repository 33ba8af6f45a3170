/**
 * One LSTM layer over a window, forward and back, time-major [T, B, …], float64.
 * Gates i, f, g, o; c' = f·c + i·g, h = o·tanh(c'). The input's part of the gates is given by the
 * caller, who may know it for all steps at once (the decoder's input never changes).
 *
 * @see Hochreiter, Schmidhuber 1997, with the forget gate of Gers et al. 2000.
 */
import { f64 } from "@weir/contracts/elements.ts";
import { addProduct, addProductOfTransposed, addTransposedProduct } from "./matrix-product.ts";

export interface LstmTape {
  steps: number;
  batch: number;
  hidden: number;
  /** Activated gates [T, B, 4H]. */
  gates: Float64Array;
  /** Cell states [T + 1, B, H], the first all 0. */
  cells: Float64Array;
  /** Outputs [T + 1, B, H], the first all 0. */
  states: Float64Array;
}

export const lstmTape = (steps: number, batch: number, hidden: number): LstmTape => ({
  steps,
  batch,
  hidden,
  gates: new Float64Array(steps * batch * 4 * hidden),
  cells: new Float64Array((steps + 1) * batch * hidden),
  states: new Float64Array((steps + 1) * batch * hidden),
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Fills `tape`, whose gates already hold input·Wx + bias for every step. */
export function lstmForward(tape: LstmTape, stateWeight: Float64Array): void {
  const { steps, batch, hidden, gates, cells, states } = tape;
  const width = 4 * hidden;
  const shape = { rows: batch, inner: hidden, columns: width };
  for (let t = 0; t < steps; t++) {
    const at = t * batch * hidden;
    addProduct(
      { data: gates, offset: t * batch * width },
      { data: states, offset: at },
      { data: stateWeight, offset: 0, shape },
    );
    for (let b = 0; b < batch; b++) {
      const row = (t * batch + b) * width;
      for (let u = 0; u < hidden; u++) {
        const i = sigmoid(f64(gates, row + u));
        const f = sigmoid(f64(gates, row + hidden + u));
        const g = Math.tanh(f64(gates, row + 2 * hidden + u));
        const o = sigmoid(f64(gates, row + 3 * hidden + u));
        const place = at + b * hidden + u;
        const next = place + batch * hidden;
        const cell = f * f64(cells, place) + i * g;
        cells[next] = cell;
        states[next] = o * Math.tanh(cell);
        gates[row + u] = i;
        gates[row + hidden + u] = f;
        gates[row + 2 * hidden + u] = g;
        gates[row + 3 * hidden + u] = o;
      }
    }
  }
}

/**
 * Turns `tape.gates` into the gradients of the gates before activation, [T, B, 4H], in place, and
 * adds to the gradient of the recurrent weights. `stateGradients` is the gradient of each output
 * [T, B, H] from the layer above; it is used up.
 */
export function lstmBackward(
  tape: LstmTape,
  stateGradients: Float64Array,
  {
    stateWeight,
    stateWeightGradient,
  }: { stateWeight: Float64Array; stateWeightGradient: Float64Array },
): void {
  const { steps, batch, hidden, gates, cells, states } = tape;
  const width = 4 * hidden;
  const cellGradient = new Float64Array(batch * hidden);
  for (let t = steps - 1; t >= 0; t--) {
    const at = t * batch * hidden;
    for (let b = 0; b < batch; b++) {
      const row = (t * batch + b) * width;
      for (let u = 0; u < hidden; u++) {
        const place = at + b * hidden + u;
        const i = f64(gates, row + u);
        const f = f64(gates, row + hidden + u);
        const g = f64(gates, row + 2 * hidden + u);
        const o = f64(gates, row + 3 * hidden + u);
        const squashed = Math.tanh(f64(cells, place + batch * hidden));
        const dState = f64(stateGradients, place);
        const dCell = f64(cellGradient, b * hidden + u) + dState * o * (1 - squashed * squashed);
        gates[row + u] = dCell * g * i * (1 - i);
        gates[row + hidden + u] = dCell * f64(cells, place) * f * (1 - f);
        gates[row + 2 * hidden + u] = dCell * i * (1 - g * g);
        gates[row + 3 * hidden + u] = dState * squashed * o * (1 - o);
        cellGradient[b * hidden + u] = dCell * f;
      }
    }
    const gateGradients = { data: gates, offset: t * batch * width };
    addTransposedProduct(
      { data: stateWeightGradient, offset: 0 },
      { data: states, offset: at },
      { ...gateGradients, shape: { rows: hidden, inner: batch, columns: width } },
    );
    if (t > 0) {
      addProductOfTransposed({ data: stateGradients, offset: at - batch * hidden }, gateGradients, {
        data: stateWeight,
        offset: 0,
        shape: { rows: batch, inner: width, columns: hidden },
      });
    }
  }
}
