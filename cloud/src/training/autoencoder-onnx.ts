/**
 * The autoencoder as one ONNX file: standardising, network and errors are all in the graph, so
 * that whoever runs it gets `mse` and `channelMse` without knowing how.
 */
import type { OnnxNode, OnnxTensor } from "@weir/detectors/onnx/onnx-model.ts";
import { onnxOpset } from "@weir/detectors/onnx/onnx-model.ts";
import { writeOnnx } from "@weir/detectors/onnx/onnx-writer.ts";
import { weirMetadataKey } from "@weir/detectors/stage-model-onnx.ts";
import type { Autoencoder } from "./autoencoder.ts";
import { daySteps } from "./daily-pattern.ts";
import { type ModelDef, tensorsOf } from "./model-def.ts";

export function autoencoderToOnnx(model: Autoencoder): Uint8Array {
  const { def, metadata } = model;
  const steps = daySteps(def, metadata.stepMs);
  const shape = ["N", def.window, def.channels];
  return writeOnnx({
    producer: "weir",
    graphName: `autoencoder/${metadata.stage}`,
    opsets: [{ domain: "", version: onnxOpset }],
    inputs: [{ name: "window", elementType: "float32", dims: shape }],
    outputs: [
      { name: "reconstruction", elementType: "float32", dims: shape },
      { name: "channelMse", elementType: "float32", dims: ["N", def.channels] },
      { name: "mse", elementType: "float32", dims: ["N"] },
    ],
    initializers: constantsOf(model, steps),
    nodes: nodesOf(def, steps),
    metadata: { [weirMetadataKey]: JSON.stringify(metadata) },
  });
}

function constantsOf({ def, params, scaler }: Autoencoder, steps: number): OnnxTensor[] {
  const { channels, window, hidden, bottleneck } = def;
  const w = tensorsOf(def, params);
  const floats = (name: string, dims: number[], data: Float32Array): OnnxTensor => ({
    name,
    dims,
    elements: { type: "float32", data },
  });
  const ints = (name: string, data: number[]): OnnxTensor => ({
    name,
    dims: [data.length],
    elements: { type: "int64", data },
  });
  return [
    floats("centre", [channels], scaler.centre),
    floats("scale", [channels], scaler.scale),
    floats("encoderW", [1, 4 * hidden, channels], gatesOf(w.encoderInput, channels, hidden)),
    floats("encoderR", [1, 4 * hidden, hidden], gatesOf(w.encoderState, hidden, hidden)),
    floats("encoderB", [1, 8 * hidden], biasOf(w.encoderBias, hidden)),
    floats("latentWeight", [hidden, bottleneck], w.latentWeight),
    floats("latentBias", [bottleneck], w.latentBias),
    floats("decoderW", [1, 4 * hidden, bottleneck], gatesOf(w.decoderInput, bottleneck, hidden)),
    floats("decoderR", [1, 4 * hidden, hidden], gatesOf(w.decoderState, hidden, hidden)),
    floats("decoderB", [1, 8 * hidden], biasOf(w.decoderBias, hidden)),
    floats("outputWeight", [hidden, channels], w.outputWeight),
    floats("outputBias", [channels], w.outputBias),
    ints("axis0", [0]),
    ints("axis1", [1]),
    ints("repeats", [window, 1, 1]),
    ...(steps > 0
      ? [
          ints("byDay", [-1, window / steps, steps, channels]),
          ints("byStep", [-1, window, channels]),
        ]
      : []),
  ];
}

function nodesOf(def: ModelDef, steps: number): OnnxNode[] {
  const op = (
    opType: string,
    inputs: string[],
    outputs: string | string[],
    attributes: OnnxNode["attributes"] = {},
  ): OnnxNode => {
    const list = typeof outputs === "string" ? [outputs] : outputs;
    return { opType, domain: "", name: list.at(-1)!, inputs, outputs: list, attributes };
  };
  const swap: OnnxNode["attributes"] = { perm: { type: "ints", value: [1, 0, 2] } };
  const hidden: OnnxNode["attributes"] = { hidden_size: { type: "int", value: def.hidden } };
  const over = (axes: number[], keepdims = 0): OnnxNode["attributes"] => ({
    axes: { type: "ints", value: axes },
    keepdims: { type: "int", value: keepdims },
  });
  const scaled = steps > 0 ? "scaled" : "standard";
  const patternOut =
    steps > 0
      ? [
          op("Reshape", ["scaled", "byDay"], "days"),
          op("ReduceMean", ["days"], "hours", over([1], 1)),
          op("ReduceMean", ["days"], "level", over([1, 2], 1)),
          op("Sub", ["hours", "level"], "pattern"),
          op("Sub", ["days", "pattern"], "plainDays"),
          op("Reshape", ["plainDays", "byStep"], "standard"),
        ]
      : [];
  const patternIn =
    steps > 0
      ? [
          op("Reshape", ["output", "byDay"], "outputDays"),
          op("Add", ["outputDays", "pattern"], "fullDays"),
          op("Reshape", ["fullDays", "byStep"], "full"),
        ]
      : [];
  return [
    op("Sub", ["window", "centre"], "centred"),
    op("Div", ["centred", "scale"], scaled),
    ...patternOut,
    op("Transpose", ["standard"], "steps", swap),
    op("LSTM", ["steps", "encoderW", "encoderR", "encoderB"], ["", "lastState"], hidden),
    op("Squeeze", ["lastState", "axis0"], "encoded"),
    op("MatMul", ["encoded", "latentWeight"], "latentProduct"),
    op("Add", ["latentProduct", "latentBias"], "latent"),
    op("Unsqueeze", ["latent", "axis0"], "latentStep"),
    op("Expand", ["latentStep", "repeats"], "latentSteps"),
    op("LSTM", ["latentSteps", "decoderW", "decoderR", "decoderB"], "states", hidden),
    op("Squeeze", ["states", "axis1"], "decoded"),
    op("MatMul", ["decoded", "outputWeight"], "outputProduct"),
    op("Add", ["outputProduct", "outputBias"], "outputSteps"),
    op("Transpose", ["outputSteps"], "output", swap),
    op("Sub", ["standard", "output"], "error"),
    op("Mul", ["error", "error"], "square"),
    op("ReduceMean", ["square"], "channelMse", over([1])),
    op("ReduceMean", ["square"], "mse", over([1, 2])),
    ...patternIn,
    op("Mul", [steps > 0 ? "full" : "output", "scale"], "scaledBack"),
    op("Add", ["scaledBack", "centre"], "reconstruction"),
  ];
}

/** Our gates are i, f, g, o in columns; ONNX wants rows in the order i, o, f, c (ONNX LSTM-14). */
const onnxGateOrder = [0, 3, 1, 2] as const;

function gatesOf(weights: Float32Array, inputs: number, hidden: number): Float32Array {
  const rows = new Float32Array(4 * hidden * inputs);
  onnxGateOrder.forEach((from, to) => {
    for (let u = 0; u < hidden; u++) {
      for (let i = 0; i < inputs; i++) {
        rows[(to * hidden + u) * inputs + i] = weights[i * 4 * hidden + from * hidden + u]!;
      }
    }
  });
  return rows;
}

/** The input's bias in ONNX order, then the recurrent one, which ours does not have. */
function biasOf(bias: Float32Array, hidden: number): Float32Array {
  const both = new Float32Array(8 * hidden);
  onnxGateOrder.forEach((from, to) => {
    both.set(bias.subarray(from * hidden, (from + 1) * hidden), to * hidden);
  });
  return both;
}
