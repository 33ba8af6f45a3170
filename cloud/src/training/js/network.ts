/** The whole autoencoder in float64: what every other backend is compared with. */
import { f32, f64 } from "@weir/contracts/elements.ts";
import type { ModelDef } from "../model-def.ts";
import { tensorsOf } from "../model-def.ts";
import { type LstmTape, lstmBackward, lstmForward, lstmTape } from "./lstm-layer.ts";
import { addProduct, addProductOfTransposed, addTransposedProduct } from "./matrix-product.ts";

interface Pass {
  /** [T, B, C] */
  input: Float64Array;
  encoder: LstmTape;
  /** [B, Z] */
  latent: Float64Array;
  decoder: LstmTape;
  /** [T, B, C] */
  output: Float64Array;
}

const at = (data: Float64Array, offset = 0) => ({ data, offset });

/** `batch`: `count` windows of [T, C]. */
function forward(
  def: ModelDef,
  params: Float64Array,
  batch: { windows: Float32Array; count: number },
): Pass {
  const { channels, window, hidden, bottleneck } = def;
  const { count } = batch;
  const w = tensorsOf(def, params);
  const input = timeMajor(def, batch);
  const encoder = lstmTape(window, count, hidden);
  fillRows(encoder.gates, w.encoderBias);
  const width = 4 * hidden;
  addProduct(at(encoder.gates), at(input), {
    ...at(w.encoderInput),
    shape: { rows: window * count, inner: channels, columns: width },
  });
  lstmForward(encoder, w.encoderState);

  const latent = new Float64Array(count * bottleneck);
  fillRows(latent, w.latentBias);
  addProduct(at(latent), at(encoder.states, window * count * hidden), {
    ...at(w.latentWeight),
    shape: { rows: count, inner: hidden, columns: bottleneck },
  });

  const decoder = lstmTape(window, count, hidden);
  const repeated = new Float64Array(count * width);
  fillRows(repeated, w.decoderBias);
  addProduct(at(repeated), at(latent), {
    ...at(w.decoderInput),
    shape: { rows: count, inner: bottleneck, columns: width },
  });
  for (let t = 0; t < window; t++) decoder.gates.set(repeated, t * repeated.length);
  lstmForward(decoder, w.decoderState);

  const output = new Float64Array(window * count * channels);
  fillRows(output, w.outputBias);
  addProduct(at(output), at(decoder.states, count * hidden), {
    ...at(w.outputWeight),
    shape: { rows: window * count, inner: hidden, columns: channels },
  });
  return { input, encoder, latent, decoder, output };
}

/** Mean squared error of the batch and its gradient, in the layout of the parameters. */
export function lossAndGradient(
  def: ModelDef,
  params: Float64Array,
  batch: { windows: Float32Array; count: number },
): { loss: number; gradient: Float64Array } {
  const { channels, window, hidden, bottleneck } = def;
  const { count } = batch;
  const pass = forward(def, params, batch);
  const w = tensorsOf(def, params);
  const gradient = new Float64Array(params.length);
  const dw = tensorsOf(def, gradient);
  const width = 4 * hidden;
  const rows = window * count;

  let loss = 0;
  const scale = 1 / pass.output.length;
  const dOutput = pass.output.map((value, i) => {
    const error = value - f64(pass.input, i);
    loss += error * error * scale;
    return 2 * error * scale;
  });
  addTransposedProduct(at(dw.outputWeight), at(pass.decoder.states, count * hidden), {
    ...at(dOutput),
    shape: { rows: hidden, inner: rows, columns: channels },
  });
  addColumnSums(dw.outputBias, dOutput);

  const dDecoder = new Float64Array(rows * hidden);
  addProductOfTransposed(at(dDecoder), at(dOutput), {
    ...at(w.outputWeight),
    shape: { rows, inner: channels, columns: hidden },
  });
  lstmBackward(pass.decoder, dDecoder, {
    stateWeight: w.decoderState,
    stateWeightGradient: dw.decoderState,
  });
  // The decoder's input is the same at every step: its gradient is the sum over time.
  const summed = new Float64Array(count * width);
  for (let t = 0; t < window; t++) {
    for (let i = 0; i < summed.length; i++) {
      summed[i] = f64(summed, i) + f64(pass.decoder.gates, t * summed.length + i);
    }
  }
  addColumnSums(dw.decoderBias, summed);
  addTransposedProduct(at(dw.decoderInput), at(pass.latent), {
    ...at(summed),
    shape: { rows: bottleneck, inner: count, columns: width },
  });
  const dLatent = new Float64Array(count * bottleneck);
  addProductOfTransposed(at(dLatent), at(summed), {
    ...at(w.decoderInput),
    shape: { rows: count, inner: width, columns: bottleneck },
  });

  const last = window * count * hidden;
  addTransposedProduct(at(dw.latentWeight), at(pass.encoder.states, last), {
    ...at(dLatent),
    shape: { rows: hidden, inner: count, columns: bottleneck },
  });
  addColumnSums(dw.latentBias, dLatent);
  const dEncoder = new Float64Array(rows * hidden);
  addProductOfTransposed(at(dEncoder, last - count * hidden), at(dLatent), {
    ...at(w.latentWeight),
    shape: { rows: count, inner: bottleneck, columns: hidden },
  });
  lstmBackward(pass.encoder, dEncoder, {
    stateWeight: w.encoderState,
    stateWeightGradient: dw.encoderState,
  });
  addTransposedProduct(at(dw.encoderInput), at(pass.input), {
    ...at(pass.encoder.gates),
    shape: { rows: channels, inner: rows, columns: width },
  });
  addColumnSums(dw.encoderBias, pass.encoder.gates);
  return { loss, gradient };
}

/** Output of the network for each window, [count, T, C]. */
export function reconstruct(
  def: ModelDef,
  params: Float64Array,
  batch: { windows: Float32Array; count: number },
): Float32Array {
  const { channels, window } = def;
  const { output } = forward(def, params, batch);
  const windows = new Float32Array(output.length);
  for (let b = 0; b < batch.count; b++) {
    for (let t = 0; t < window; t++) {
      for (let c = 0; c < channels; c++) {
        windows[(b * window + t) * channels + c] = f64(
          output,
          (t * batch.count + b) * channels + c,
        );
      }
    }
  }
  return windows;
}

/** [B, T, C] to [T, B, C]. */
function timeMajor(
  def: ModelDef,
  { windows, count }: { windows: Float32Array; count: number },
): Float64Array {
  const { channels, window } = def;
  const input = new Float64Array(window * count * channels);
  for (let b = 0; b < count; b++) {
    for (let t = 0; t < window; t++) {
      for (let c = 0; c < channels; c++) {
        input[(t * count + b) * channels + c] = f32(windows, (b * window + t) * channels + c);
      }
    }
  }
  return input;
}

function fillRows(matrix: Float64Array, row: Float64Array): void {
  for (let offset = 0; offset < matrix.length; offset += row.length) matrix.set(row, offset);
}

function addColumnSums(sums: Float64Array, matrix: Float64Array): void {
  for (let offset = 0; offset < matrix.length; offset += sums.length) {
    for (let j = 0; j < sums.length; j++) sums[j] = f64(sums, j) + f64(matrix, offset + j);
  }
}
