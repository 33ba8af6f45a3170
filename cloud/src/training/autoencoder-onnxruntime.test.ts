/** onnxruntime runs the exported graph and must agree with our own forward pass. */
import { autoencoderFormat, autoencoderMetadata } from "@weir/detectors/autoencoder-metadata.ts";
import { seeded } from "@weir/runtime/random.ts";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { type Autoencoder, scoreWindows } from "./autoencoder.ts";
import { autoencoderToOnnx } from "./autoencoder-onnx.ts";
import { initialParams, modelDef } from "./model-def.ts";

test("onnxruntime reconstructs what our own forward pass does", async () => {
  const def = modelDef({ channels: 5, window: 168, hidden: 12, bottleneck: 6 });
  const random = seeded(3);
  const model: Autoencoder = {
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
  const count = 4;
  const windows = Float32Array.from({ length: count * 168 * 5 }, (_, i) => {
    const c = i % 5;
    return model.scaler.centre[c]! + model.scaler.scale[c]! * random.gaussian();
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
    const { data } = result[name]!;
    expect(data.length).toBe(expected.length);
    let worst = 0;
    for (let i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs((data[i] as number) - expected[i]!) / unit(i));
    }
    return worst;
  };
  expect(furthest("mse", own.mse, () => 1)).toBeLessThan(2e-6);
  expect(furthest("channelMse", own.channelMse, () => 1)).toBeLessThan(5e-6);
  expect(
    furthest("reconstruction", own.reconstruction, (i) => model.scaler.scale[i % 5]!),
  ).toBeLessThan(2e-5);
  await session.release();
});
