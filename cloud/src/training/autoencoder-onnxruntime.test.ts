/** onnxruntime runs the exported graph and must agree with our own forward pass. */

import { f32, numberAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { autoencoderFormat, autoencoderMetadata } from "@weir/detectors/autoencoder-metadata.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "@weir/detectors/onnx/onnx-model.ts";
import { readOnnx } from "@weir/detectors/onnx/onnx-reader.ts";
import { writeOnnx } from "@weir/detectors/onnx/onnx-writer.ts";
import { seeded } from "@weir/runtime/random.ts";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { type Autoencoder, scoreWindows } from "./autoencoder.ts";
import { autoencoderToOnnx } from "./autoencoder-onnx.ts";
import { initialParams, modelDef } from "./model-def.ts";

function someModel(): Autoencoder {
  const def = modelDef({ channels: 5, window: 168, hidden: 12, bottleneck: 6 });
  const random = seeded(3);
  return {
    metadata: {
      format: autoencoderFormat,
      stage: "W13",
      channels: ["a", "b", "c", "d", "e"],
      window: 168,
      stepMs: 3_600_000,
      threshold: 0.4,
      channelSigma: [1, 1, 1, 1, 1],
    },
    def,
    scaler: {
      centre: Float32Array.of(2, 7, 200, -3, 0),
      scale: Float32Array.of(0.2, 0.1, 40, 1, 1),
    },
    params: initialParams(def, random).map((value) => value + 0.1 * random.gaussian()),
  };
}

test("onnxruntime reconstructs what our own forward pass does", async () => {
  const model = someModel();
  const random = seeded(4);
  const count = 4;
  const windows = Float32Array.from({ length: count * 168 * 5 }, (_, i) => {
    const c = i % 5;
    return f32(model.scaler.centre, c) + f32(model.scaler.scale, c) * random.gaussian();
  });
  const own = scoreWindows(model, windows, count);
  const bytes = autoencoderToOnnx(model);
  expect(autoencoderMetadata(bytes)).toEqual({ ok: true, metadata: model.metadata });

  const session = await InferenceSession.create(bytes);
  const input = new Tensor("float32", windows, [count, 168, 5]);
  const result = await session.run({ window: input });
  const furthest = (
    name: string,
    expected: ArrayLike<number>,
    unit: (i: number) => number,
  ): number => {
    const { data } = present(result[name]);
    expect(data.length).toBe(expected.length);
    let worst = 0;
    for (let i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs((data[i] as number) - numberAt(expected, i)) / unit(i));
    }
    return worst;
  };
  expect(furthest("mse", own.mse, () => 1)).toBeLessThan(2e-6);
  expect(furthest("channelMse", own.channelMse, () => 1)).toBeLessThan(5e-6);
  expect(
    furthest("reconstruction", own.reconstruction, (i) => f32(model.scaler.scale, i % 5)),
  ).toBeLessThan(2e-5);
  await session.release();
});

describe("a file whose graph is not the one of its format is not run", () => {
  const faultOf = (change: (model: OnnxModel) => OnnxModel): string => {
    const read = readOnnx(autoencoderToOnnx(someModel()));
    if (!read.ok) throw new TypeError(read.fault);
    const metadata = autoencoderMetadata(writeOnnx(change(read.model)));
    return metadata.ok ? "accepted" : metadata.fault;
  };
  const node = (opType: string, inputs: string[], output: string): OnnxNode => ({
    ...{ opType, domain: "", name: output, inputs, outputs: [output], attributes: {} },
  });
  const tensor = (model: OnnxModel, name: string, change: (one: OnnxTensor) => OnnxTensor) => ({
    ...model,
    initializers: model.initializers.map((one) => (one.name === name ? change(one) : one)),
  });

  test("as it was written it is taken", () => expect(faultOf((model) => model)).toBe("accepted"));

  test.each<[string, RegExp, (model: OnnxModel) => OnnxModel]>([
    [
      "an operator that allocates gigabytes",
      /computes something else/,
      (model) => ({
        ...model,
        nodes: [...model.nodes, node("ConstantOfShape", ["repeats"], "huge")],
      }),
    ],
    [
      "a result of nought by nought",
      /computes something else/,
      (model) => ({
        ...model,
        nodes: model.nodes.map((one) =>
          one.outputs[0] === "square" ? node("Div", ["error", "error"], "square") : one,
        ),
      }),
    ],
    ["an operator left out", /something else/, (m) => ({ ...m, nodes: m.nodes.slice(0, -1) })],
    [
      "a latent state repeated a million times",
      /tensor repeats/,
      (model) =>
        tensor(model, "repeats", (one) => ({
          ...{ ...one, elements: { type: "int64", data: [1_000_000, 1, 1] } },
        })),
    ],
    [
      "a weight that is no number",
      /tensor latentBias holds/,
      (model) =>
        tensor(model, "latentBias", (one) => ({
          ...{ ...one, elements: { type: "float32", data: new Float32Array(6).fill(Number.NaN) } },
        })),
    ],
    [
      "weights of another size",
      /tensor latentWeight|tensor \w+ is not/,
      (model) =>
        tensor(model, "latentWeight", (one) => ({
          ...{ ...one, dims: [6, 12] },
        })),
    ],
    [
      "a tensor more",
      /other tensors/,
      (model) => ({
        ...model,
        initializers: [
          ...model.initializers,
          { name: "more", dims: [1], elements: { type: "int64", data: [1] } },
        ],
      }),
    ],
  ])("%s", (_, fault, change) => expect(faultOf(change)).toMatch(fault));
});
