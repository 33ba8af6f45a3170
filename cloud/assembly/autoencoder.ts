/**
 * The autoencoder's kernel: one instance of this module is one trainer. All sizes are padded by
 * the host (batch to 4, channels, hidden and bottleneck to 8) with zero weights, which stay zero.
 * Parameters are one array in the order of src/training/model-def.ts, padded.
 */
import { AdamStep, adam, squaredNorm } from "./adam";
import { at, take, zero } from "./arena";
import { LstmLayer } from "./lstm-layer";
import { addColumnSums, addProduct, fillRows, pack } from "./matrix";

let steps: i32 = 0;
let batch: i32 = 0;
let channels: i32 = 0;
let hidden: i32 = 0;
let bottleneck: i32 = 0;
let paramCount: i32 = 0;
let params: usize = 0;
let gradient: usize = 0;
let firstMoment: usize = 0;
let secondMoment: usize = 0;
let input: usize = 0;
let output: usize = 0;
let outputGradient: usize = 0;
let latent: usize = 0;
let latentGradient: usize = 0;
let repeated: usize = 0;
let scratch: usize = 0;
let encoder: LstmLayer = changetype<LstmLayer>(0);
let decoder: LstmLayer = changetype<LstmLayer>(0);
let step: AdamStep = changetype<AdamStep>(0);

/** Tensors of the parameters, in order; offsets in floats. */
class Tensors {
  constructor(
    public encoderInput: usize,
    public encoderState: usize,
    public encoderBias: usize,
    public latentWeight: usize,
    public latentBias: usize,
    public decoderInput: usize,
    public decoderState: usize,
    public decoderBias: usize,
    public outputWeight: usize,
    public outputBias: usize,
    public end: usize,
  ) {}
}

function tensorsFrom(base: usize): Tensors {
  const width = 4 * hidden;
  const encoderState = at(base, channels * width);
  const encoderBias = at(encoderState, hidden * width);
  const latentWeight = at(encoderBias, width);
  const latentBias = at(latentWeight, hidden * bottleneck);
  const decoderInput = at(latentBias, bottleneck);
  const decoderState = at(decoderInput, bottleneck * width);
  const decoderBias = at(decoderState, hidden * width);
  const outputWeight = at(decoderBias, width);
  const outputBias = at(outputWeight, hidden * channels);
  const end = at(outputBias, channels);
  return new Tensors(
    base,
    encoderState,
    encoderBias,
    latentWeight,
    latentBias,
    decoderInput,
    decoderState,
    decoderBias,
    outputWeight,
    outputBias,
    end,
  );
}

let w: Tensors = changetype<Tensors>(0);
let dw: Tensors = changetype<Tensors>(0);

/** Takes all memory; padded sizes. Called once. */
export function setup(t: i32, b: i32, c: i32, h: i32, z: i32): void {
  steps = t;
  batch = b;
  channels = c;
  hidden = h;
  bottleneck = z;
  step = new AdamStep();
  w = tensorsFrom(0);
  paramCount = <i32>(w.end >> 2);
  params = take(paramCount);
  gradient = take(paramCount);
  firstMoment = take(paramCount);
  secondMoment = take(paramCount);
  w = tensorsFrom(params);
  dw = tensorsFrom(gradient);
  input = take(steps * batch * channels);
  output = take(steps * batch * channels);
  outputGradient = take(steps * batch * channels);
  latent = take(batch * bottleneck);
  latentGradient = take(batch * bottleneck);
  repeated = take(batch * 4 * hidden);
  encoder = new LstmLayer(steps, batch, hidden);
  decoder = new LstmLayer(steps, batch, hidden);
  const widest = max(4 * hidden * max(channels, bottleneck), steps * batch * channels);
  scratch = take(max(widest, max(encoder.scratchCount(), 4 * hidden * batch)));
}

export function paramsAt(): usize {
  return params;
}
export function gradientAt(): usize {
  return gradient;
}
export function inputAt(): usize {
  return input;
}
export function outputAt(): usize {
  return output;
}
export function parameterCount(): i32 {
  return paramCount;
}

/** `input` [T, B, C] to `output`, same shape. */
export function forward(): void {
  const width = 4 * hidden;
  const rows = steps * batch;
  fillRows(encoder.gates, w.encoderBias, rows, width);
  pack(scratch, w.encoderInput, channels, width, width, 1);
  addProduct(encoder.gates, input, scratch, rows, width, channels, channels, 1);
  encoder.forward(w.encoderState);

  fillRows(latent, w.latentBias, batch, bottleneck);
  pack(scratch, w.latentWeight, hidden, bottleneck, bottleneck, 1);
  const last = at(encoder.states, rows * hidden);
  addProduct(latent, last, scratch, batch, bottleneck, hidden, hidden, 1);

  fillRows(repeated, w.decoderBias, batch, width);
  pack(scratch, w.decoderInput, bottleneck, width, width, 1);
  addProduct(repeated, latent, scratch, batch, width, bottleneck, bottleneck, 1);
  fillRows(decoder.gates, repeated, steps, batch * width);
  decoder.forward(w.decoderState);

  fillRows(output, w.outputBias, rows, channels);
  pack(scratch, w.outputWeight, hidden, channels, channels, 1);
  const states = at(decoder.states, batch * hidden);
  addProduct(output, states, scratch, rows, channels, hidden, hidden, 1);
}

/** Gradient of the mean squared error over `count` windows of `realChannels`; returns that error. */
export function backward(count: i32, realChannels: i32): f64 {
  const width = 4 * hidden;
  const rows = steps * batch;
  zero(gradient, paramCount);
  const loss = errors(count, realChannels);

  const states = at(decoder.states, batch * hidden);
  pack(scratch, outputGradient, rows, channels, channels, 1);
  addProduct(dw.outputWeight, states, scratch, hidden, channels, rows, 1, hidden);
  addColumnSums(dw.outputBias, outputGradient, rows, channels);
  zero(decoder.stateGradients, rows * hidden);
  pack(scratch, w.outputWeight, channels, hidden, 1, channels);
  addProduct(decoder.stateGradients, outputGradient, scratch, rows, hidden, channels, channels, 1);
  decoder.backward(w.decoderState);
  decoder.addWeightGradients(dw.decoderState, 0, 0, 0, scratch);

  // The decoder's input is the same at every step: its gradient is the sum over time.
  zero(repeated, batch * width);
  addColumnSums(repeated, decoder.gates, steps, batch * width);
  addColumnSums(dw.decoderBias, repeated, batch, width);
  pack(scratch, repeated, batch, width, width, 1);
  addProduct(dw.decoderInput, latent, scratch, bottleneck, width, batch, 1, bottleneck);
  zero(latentGradient, batch * bottleneck);
  pack(scratch, w.decoderInput, width, bottleneck, 1, width);
  addProduct(latentGradient, repeated, scratch, batch, bottleneck, width, width, 1);

  const last = at(encoder.states, rows * hidden);
  pack(scratch, latentGradient, batch, bottleneck, bottleneck, 1);
  addProduct(dw.latentWeight, last, scratch, hidden, bottleneck, batch, 1, hidden);
  addColumnSums(dw.latentBias, latentGradient, batch, bottleneck);
  zero(encoder.stateGradients, rows * hidden);
  pack(scratch, w.latentWeight, bottleneck, hidden, 1, bottleneck);
  const lastGradient = at(encoder.stateGradients, (rows - batch) * hidden);
  addProduct(lastGradient, latentGradient, scratch, batch, hidden, bottleneck, bottleneck, 1);
  encoder.backward(w.encoderState);
  encoder.addWeightGradients(dw.encoderState, dw.encoderInput, input, channels, scratch);
  addColumnSums(dw.encoderBias, encoder.gates, rows, width);
  return loss;
}

/** Fills `outputGradient`; rows of the padding teach nothing. */
function errors(count: i32, realChannels: i32): f64 {
  const scale: f64 = 1.0 / (<f64>steps * <f64>count * <f64>realChannels);
  let loss: f64 = 0;
  for (let t: i32 = 0; t < steps; t++) {
    for (let b: i32 = 0; b < batch; b++) {
      const row = (t * batch + b) * channels;
      for (let c: i32 = 0; c < channels; c++) {
        const error = f32.load(at(output, row + c)) - f32.load(at(input, row + c));
        const teaches = b < count && c < realChannels;
        if (teaches) loss += <f64>error * <f64>error * scale;
        f32.store(at(outputGradient, row + c), teaches ? <f32>(2 * <f64>error * scale) : 0);
      }
    }
  }
  return loss;
}

/** One Adam step on the gradient of `backward`, shortened to `normMax`. */
export function update(
  learningRate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  correction1: f32,
  correction2: f32,
  normMax: f64,
): void {
  const norm = sqrt<f64>(squaredNorm(gradient, paramCount));
  step.learningRate = learningRate;
  step.beta1 = beta1;
  step.beta2 = beta2;
  step.epsilon = epsilon;
  step.correction1 = correction1;
  step.correction2 = correction2;
  step.shorten = norm > normMax ? <f32>(normMax / norm) : 1;
  adam(params, gradient, firstMoment, secondMoment, paramCount, step);
}
