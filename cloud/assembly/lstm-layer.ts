/**
 * One LSTM layer, forward and back, time-major; gates i, f, g, o. The same steps as
 * src/training/js/lstm-layer.ts, which says more.
 */
import { flush4, sigmoid4, tanh4 } from "./activation";
import { at, take, zero } from "./arena";
import { addProduct, pack } from "./matrix";

/** Time steps whose gate gradients are packed together for the weight gradients. */
const blockSteps: i32 = 8;

export class LstmLayer {
  steps: i32;
  batch: i32;
  hidden: i32;
  /** [T, B, 4H] */
  gates: usize;
  /** [T + 1, B, H], the first 0. */
  cells: usize;
  states: usize;
  /** tanh of the cells, [T, B, H] */
  squashed: usize;
  /** Gradient of the outputs, [T, B, H] */
  stateGradients: usize;
  cellGradient: usize;
  /** Packed recurrent weights: as they are, and transposed. */
  packed: usize;

  constructor(steps: i32, batch: i32, hidden: i32) {
    this.steps = steps;
    this.batch = batch;
    this.hidden = hidden;
    this.gates = take(steps * batch * 4 * hidden);
    this.cells = take((steps + 1) * batch * hidden);
    this.states = take((steps + 1) * batch * hidden);
    this.squashed = take(steps * batch * hidden);
    this.stateGradients = take(steps * batch * hidden);
    this.cellGradient = take(batch * hidden);
    this.packed = take(4 * hidden * hidden);
  }

  /** `gates` already hold input·Wx + bias. */
  forward(stateWeight: usize): void {
    const batch = this.batch;
    const hidden = this.hidden;
    const width = 4 * hidden;
    const area = batch * hidden;
    pack(this.packed, stateWeight, hidden, width, width, 1);
    for (let t: i32 = 0; t < this.steps; t++) {
      const gates = at(this.gates, t * batch * width);
      addProduct(gates, at(this.states, t * area), this.packed, batch, width, hidden, hidden, 1);
      this.activate(t);
    }
  }

  private activate(t: i32): void {
    const hidden = this.hidden;
    const area = this.batch * hidden;
    const gate = (<usize>hidden) << 2;
    for (let b: i32 = 0; b < this.batch; b++) {
      let row = at(this.gates, (t * this.batch + b) * 4 * hidden);
      let place = at(0, t * area + b * hidden);
      for (let u: i32 = 0; u < hidden; u += 4) {
        const i = sigmoid4(v128.load(row));
        const f = sigmoid4(v128.load(row + gate));
        const g = tanh4(v128.load(row + 2 * gate));
        const o = sigmoid4(v128.load(row + 3 * gate));
        const cell = f32x4.add(f32x4.mul(f, v128.load(this.cells + place)), f32x4.mul(i, g));
        const squashed = tanh4(cell);
        const next = place + ((<usize>area) << 2);
        v128.store(this.cells + next, cell);
        v128.store(this.states + next, f32x4.mul(o, squashed));
        v128.store(this.squashed + place, squashed);
        v128.store(row, i);
        v128.store(row + gate, f);
        v128.store(row + 2 * gate, g);
        v128.store(row + 3 * gate, o);
        row += 16;
        place += 16;
      }
    }
  }

  /** `gates` become their gradients before activation; `stateGradients` is used up. */
  backward(stateWeight: usize): void {
    const batch = this.batch;
    const hidden = this.hidden;
    const width = 4 * hidden;
    const area = batch * hidden;
    pack(this.packed, stateWeight, width, hidden, 1, width);
    zero(this.cellGradient, area);
    for (let t: i32 = this.steps - 1; t >= 0; t--) {
      this.deactivate(t);
      if (t === 0) break;
      const gates = at(this.gates, t * batch * width);
      const before = at(this.stateGradients, (t - 1) * area);
      addProduct(before, gates, this.packed, batch, hidden, width, width, 1);
    }
  }

  private deactivate(t: i32): void {
    const hidden = this.hidden;
    const area = this.batch * hidden;
    const gate = (<usize>hidden) << 2;
    const one = f32x4.splat(1);
    for (let b: i32 = 0; b < this.batch; b++) {
      let row = at(this.gates, (t * this.batch + b) * 4 * hidden);
      let place = at(0, t * area + b * hidden);
      let carried = at(this.cellGradient, b * hidden);
      for (let u: i32 = 0; u < hidden; u += 4) {
        const i = v128.load(row);
        const f = v128.load(row + gate);
        const g = v128.load(row + 2 * gate);
        const o = v128.load(row + 3 * gate);
        const squashed = v128.load(this.squashed + place);
        const dState = flush4(v128.load(this.stateGradients + place));
        const curve = f32x4.sub(one, f32x4.mul(squashed, squashed));
        let dCell = f32x4.mul(f32x4.mul(dState, o), curve);
        dCell = flush4(f32x4.add(dCell, v128.load(carried)));
        const dI = f32x4.mul(f32x4.mul(dCell, g), f32x4.mul(i, f32x4.sub(one, i)));
        const previous = v128.load(this.cells + place);
        const dF = f32x4.mul(f32x4.mul(dCell, previous), f32x4.mul(f, f32x4.sub(one, f)));
        const dG = f32x4.mul(f32x4.mul(dCell, i), f32x4.sub(one, f32x4.mul(g, g)));
        const dO = f32x4.mul(f32x4.mul(dState, squashed), f32x4.mul(o, f32x4.sub(one, o)));
        v128.store(row, flush4(dI));
        v128.store(row + gate, flush4(dF));
        v128.store(row + 2 * gate, flush4(dG));
        v128.store(row + 3 * gate, flush4(dO));
        v128.store(carried, f32x4.mul(dCell, f));
        row += 16;
        place += 16;
        carried += 16;
      }
    }
  }

  /** After `backward`: adds to the gradient of the recurrent weights and, unless 0, of the input's. */
  addWeightGradients(
    stateGradient: usize,
    inputGradient: usize,
    input: usize,
    inputs: i32,
    scratch: usize,
  ): void {
    const batch = this.batch;
    const hidden = this.hidden;
    const width = 4 * hidden;
    for (let t: i32 = 0; t < this.steps; t += blockSteps) {
      const rows = min(blockSteps, this.steps - t) * batch;
      const first = t * batch;
      pack(scratch, at(this.gates, first * width), rows, width, width, 1);
      const states = at(this.states, first * hidden);
      addProduct(stateGradient, states, scratch, hidden, width, rows, 1, hidden);
      if (inputGradient === 0) continue;
      addProduct(inputGradient, at(input, first * inputs), scratch, inputs, width, rows, 1, inputs);
    }
  }

  scratchCount(): i32 {
    return blockSteps * this.batch * 4 * this.hidden;
  }
}
