import { f64 } from "@weir/contracts/elements.ts";
import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { initialParams, modelDef, tensorPlaces } from "../model-def.ts";
import { lossAndGradient } from "./network.ts";

test("the gradient of every tensor is what central differences say", () => {
  const def = modelDef({ channels: 3, window: 7, hidden: 5, bottleneck: 2 });
  const random = seeded(11);
  const params = Float64Array.from(
    initialParams(def, random),
    (value) => value + 0.05 * random.gaussian(),
  );
  const count = 4;
  const windows = Float32Array.from({ length: count * 7 * 3 }, () => random.gaussian());
  const { gradient } = lossAndGradient(def, params, { windows, count });
  const loss = (at: number, by: number): number => {
    const moved = params.slice();
    moved[at] = f64(moved, at) + by;
    return lossAndGradient(def, moved, { windows, count }).loss;
  };
  for (const { name, rows, columns, offset } of tensorPlaces(def)) {
    for (let probe = 0; probe < 6; probe++) {
      const at = offset + random.integer(rows * columns);
      const numeric = (loss(at, 1e-5) - loss(at, -1e-5)) / 2e-5;
      expect(Math.abs(f64(gradient, at) - numeric), name).toBeLessThan(
        1e-8 + 1e-6 * Math.abs(numeric),
      );
    }
  }
});
