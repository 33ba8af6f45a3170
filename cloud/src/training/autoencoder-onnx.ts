/**
 * The autoencoder as one ONNX file: standardising, network and errors are all in the graph, so
 * that whoever runs it gets `mse` and `channelMse` without knowing how.
 */

import { strict as assert } from "node:assert";
import { f32 } from "@weir/contracts/elements.ts";
import {
  type AutoencoderShape,
  autoencoderConstants,
  autoencoderNodes,
  autoencoderWeights,
} from "@weir/detectors/autoencoder-graph.ts";
import type { OnnxTensor } from "@weir/detectors/onnx/onnx-model.ts";
import { onnxOpset } from "@weir/detectors/onnx/onnx-model.ts";
import { writeOnnx } from "@weir/detectors/onnx/onnx-writer.ts";
import { weirMetadataKey } from "@weir/detectors/stage-model-onnx.ts";
import type { Autoencoder } from "./autoencoder.ts";
import { daySteps } from "./daily-pattern.ts";
import { tensorsOf } from "./model-def.ts";

export function autoencoderToOnnx(model: Autoencoder): Uint8Array {
  const { def, metadata } = model;
  const { channels, window, hidden, bottleneck } = def;
  const graph = { channels, window, hidden, bottleneck, daySteps: daySteps(def, metadata.stepMs) };
  const shape = ["N", window, channels];
  return writeOnnx({
    producer: "weir",
    graphName: `autoencoder/${metadata.stage}`,
    opsets: [{ domain: "", version: onnxOpset }],
    inputs: [{ name: "window", elementType: "float32", dims: shape }],
    outputs: [
      { name: "reconstruction", elementType: "float32", dims: shape },
      { name: "channelMse", elementType: "float32", dims: ["N", channels] },
      { name: "mse", elementType: "float32", dims: ["N"] },
    ],
    initializers: constantsOf(model, graph),
    nodes: autoencoderNodes(graph),
    metadata: { [weirMetadataKey]: JSON.stringify(metadata) },
  });
}

function constantsOf({ def, params, scaler }: Autoencoder, shape: AutoencoderShape): OnnxTensor[] {
  const { channels, hidden, bottleneck } = def;
  const w = tensorsOf(def, params);
  const learned: Record<string, Float32Array> = {
    centre: scaler.centre,
    scale: scaler.scale,
    encoderW: gatesOf(w.encoderInput, channels, hidden),
    encoderR: gatesOf(w.encoderState, hidden, hidden),
    encoderB: biasOf(w.encoderBias, hidden),
    latentWeight: w.latentWeight,
    latentBias: w.latentBias,
    decoderW: gatesOf(w.decoderInput, bottleneck, hidden),
    decoderR: gatesOf(w.decoderState, hidden, hidden),
    decoderB: biasOf(w.decoderBias, hidden),
    outputWeight: w.outputWeight,
    outputBias: w.outputBias,
  };
  const weights = autoencoderWeights(shape).map(([name, dims]): OnnxTensor => {
    const data = learned[name];
    assert(data, name);
    return { name, dims, elements: { type: "float32", data } };
  });
  return [...weights, ...autoencoderConstants(shape)];
}

/** Our gates are i, f, g, o in columns; ONNX wants rows in the order i, o, f, c (ONNX LSTM-14). */
const onnxGateOrder = [0, 3, 1, 2] as const;

function gatesOf(weights: Float32Array, inputs: number, hidden: number): Float32Array {
  const rows = new Float32Array(4 * hidden * inputs);
  onnxGateOrder.forEach((from, to) => {
    for (let u = 0; u < hidden; u++) {
      for (let i = 0; i < inputs; i++) {
        rows[(to * hidden + u) * inputs + i] = f32(weights, i * 4 * hidden + from * hidden + u);
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
