/**
 * The one graph that a file of format `weir-autoencoder-1` holds: the exporter writes it, and a reader runs no
 * other. A graph may ask its runtime for any amount of memory and time, so what is to run beside a plant is
 * compared whole, operator by operator.
 */

import { isDeepStrictEqual } from "node:util";
import { present } from "@weir/contracts/present.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from "./onnx/onnx-model.ts";

export interface AutoencoderShape {
  /** C: values a step. */
  channels: number;
  /** T: steps of a window. */
  window: number;
  /** H: units of both LSTM layers. */
  hidden: number;
  /** Z: units between them. */
  bottleneck: number;
  /** Steps of a day whose pattern is taken out and put back; 0: none. */
  daySteps: number;
}

/** Dimensions of every learned tensor, in the order of the file. */
export function autoencoderWeights(of: AutoencoderShape): readonly [string, readonly number[]][] {
  const { channels, hidden, bottleneck } = of;
  return [
    ["centre", [channels]],
    ["scale", [channels]],
    ["encoderW", [1, 4 * hidden, channels]],
    ["encoderR", [1, 4 * hidden, hidden]],
    ["encoderB", [1, 8 * hidden]],
    ["latentWeight", [hidden, bottleneck]],
    ["latentBias", [bottleneck]],
    ["decoderW", [1, 4 * hidden, bottleneck]],
    ["decoderR", [1, 4 * hidden, hidden]],
    ["decoderB", [1, 8 * hidden]],
    ["outputWeight", [hidden, channels]],
    ["outputBias", [channels]],
  ];
}

/** Constants that are not learned. */
export function autoencoderConstants(of: AutoencoderShape): OnnxTensor[] {
  const { channels, window, daySteps } = of;
  const ints = (name: string, data: number[]): OnnxTensor => ({
    ...{ name, dims: [data.length] },
    elements: { type: "int64", data },
  });
  const byDay =
    daySteps > 0
      ? [
          ints("byDay", [-1, window / daySteps, daySteps, channels]),
          ints("byStep", [-1, window, channels]),
        ]
      : [];
  return [ints("axis0", [0]), ints("axis1", [1]), ints("repeats", [window, 1, 1]), ...byDay];
}

/** What is computed, from `window` to `reconstruction`, `channelMse` and `mse`. */
export function autoencoderNodes({ hidden: units, daySteps: steps }: AutoencoderShape): OnnxNode[] {
  const op = (
    opType: string,
    inputs: string[],
    outputs: string | string[],
    attributes: OnnxNode["attributes"] = {},
  ): OnnxNode => {
    const list = typeof outputs === "string" ? [outputs] : outputs;
    return { opType, domain: "", name: present(list.at(-1)), inputs, outputs: list, attributes };
  };
  const swap: OnnxNode["attributes"] = { perm: { type: "ints", value: [1, 0, 2] } };
  const hidden: OnnxNode["attributes"] = { hidden_size: { type: "int", value: units } };
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

/** What of `model` is not this graph for windows of `window` steps of `channels` values; undefined: nothing. */
export function autoencoderGraphFault(
  model: OnnxModel,
  { window, channels }: Pick<AutoencoderShape, "window" | "channels">,
): string | undefined {
  const tensors = new Map(model.initializers.map((tensor) => [tensor.name, tensor]));
  const [hidden = 0, bottleneck = 0] = tensors.get("latentWeight")?.dims ?? [];
  const daySteps = intsOf(tensors.get("byDay"))[2] ?? 0;
  const shape = { channels, window, hidden, bottleneck, daySteps };
  const weights = autoencoderWeights(shape);
  const constants = autoencoderConstants(shape);
  if (
    tensors.size !== model.initializers.length ||
    tensors.size !== weights.length + constants.length
  )
    return "the graph holds other tensors than its format";
  for (const [name, dims] of weights) {
    const tensor = tensors.get(name);
    if (!isDeepStrictEqual(tensor?.dims, dims)) return `tensor ${name} is not [${dims.join(", ")}]`;
    const { type, data } = tensor?.elements ?? {};
    if (type !== "float32" || !data?.every(Number.isFinite))
      return `tensor ${name} holds something that is no finite number`;
  }
  for (const { name, elements } of constants) {
    if (!isDeepStrictEqual(intsOf(tensors.get(name)), elements.data))
      return `tensor ${name} is not the one of its format`;
  }
  if (!isDeepStrictEqual(model.nodes.map(plain), autoencoderNodes(shape).map(plain)))
    return "the graph computes something else than its format";
  return undefined;
}

const intsOf = (tensor: OnnxTensor | undefined): readonly number[] =>
  tensor?.elements.type === "int64" ? Array.from(tensor.elements.data) : [];

/** Without names that mean nothing and typed arrays that only differ by their type. */
const plain = ({ opType, domain, inputs, outputs, attributes }: OnnxNode) => ({
  ...{ opType, domain, inputs, outputs },
  attributes: Object.fromEntries(
    Object.entries(attributes).map(([key, { type, value }]: [string, OnnxAttribute]) => [
      key,
      [type, typeof value === "object" ? Array.from<unknown>(value) : value],
    ]),
  ),
});
