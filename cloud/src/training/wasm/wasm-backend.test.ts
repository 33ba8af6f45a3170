import { f32, f64 } from "@weir/contracts/elements.ts";
import { seeded } from "@weir/runtime/random.ts";
import { describe, expect, test } from "vitest";
import { jsBackend } from "../js/js-backend.ts";
import { lossAndGradient } from "../js/network.ts";
import { initialParams, modelDef, tensorPlaces } from "../model-def.ts";
import { wasmBackend } from "./wasm-backend.ts";

/** Awkward on purpose: no size is a multiple of what the SIMD loops want. */
const def = modelDef({ channels: 5, window: 30, hidden: 13, bottleneck: 6 });
const options = { learningRate: 3e-3, gradientNormMax: 1, batchMax: 7 };

function batchOf(seed: number, count: number): Float32Array {
  const random = seeded(seed);
  return Float32Array.from(
    { length: count * def.window * def.channels },
    (_, i) => Math.sin(i / 17) + 0.3 * random.gaussian(),
  );
}

describe.each(["simd", "relaxed"] as const)("the %s kernel against the reference", (variant) => {
  const params = initialParams(def, seeded(1));

  test("same gradient of every tensor, whatever part of the batch is filled", async () => {
    const trainer = await wasmBackend(variant).create(def, params, options);
    for (const count of [7, 1, 4]) {
      const windows = batchOf(count, count);
      const reference = lossAndGradient(def, Float64Array.from(params), { windows, count });
      const { loss, gradient } = trainer.gradient(windows, count);
      expect(Math.abs(loss - reference.loss)).toBeLessThan(1e-5 * reference.loss);
      for (const { name, rows, columns, offset } of tensorPlaces(def)) {
        let worst = 0;
        let largest = 0;
        for (let i = offset; i < offset + rows * columns; i++) {
          worst = Math.max(worst, Math.abs(f32(gradient, i) - f64(reference.gradient, i)));
          largest = Math.max(largest, Math.abs(f64(reference.gradient, i)));
        }
        expect(worst / largest, name).toBeLessThan(1e-5);
      }
    }
  });

  test("forty Adam steps stay together, loss by loss", async () => {
    const kernel = await wasmBackend(variant).create(def, params, options);
    const reference = await jsBackend.create(def, params, options);
    for (let step = 0; step < 40; step++) {
      const count = 1 + (step % 7);
      const windows = batchOf(100 + step, count);
      const expected = reference.step(windows, count);
      expect(Math.abs(kernel.step(windows, count) - expected)).toBeLessThan(1e-4 * expected);
    }
    const windows = batchOf(999, 3);
    const expected = reference.reconstruct(windows, 3);
    kernel.reconstruct(windows, 3).forEach((value, i) => {
      expect(Math.abs(value - f32(expected, i))).toBeLessThan(1e-3);
    });
  });

  test("parameters go in and come out unchanged", async () => {
    const trainer = await wasmBackend(variant).create(def, params, options);
    expect(trainer.exportParams()).toEqual(params);
  });
});
