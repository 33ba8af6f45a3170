/** The reference backend: plain TypeScript, float64. Slow, and right. */
import { f64 } from "@weir/contracts/elements.ts";
import type { ModelDef } from "../model-def.ts";
import {
  adamConstants,
  type Trainer,
  type TrainerOptions,
  type TrainingBackend,
} from "../training-backend.ts";
import { lossAndGradient, reconstruct } from "./network.ts";

class JsTrainer implements Trainer {
  readonly #def: ModelDef;
  readonly #options: TrainerOptions;
  readonly #params: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #stepCount = 0;

  constructor(def: ModelDef, params: Float32Array, options: TrainerOptions) {
    this.#def = def;
    this.#options = options;
    this.#params = Float64Array.from(params);
    this.#first = new Float64Array(params.length);
    this.#second = new Float64Array(params.length);
  }

  step(batch: Float32Array, count: number): number {
    const { loss, gradient } = lossAndGradient(this.#def, this.#params, { windows: batch, count });
    const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
    const { learningRate, gradientNormMax } = this.#options;
    const shorten = norm > gradientNormMax ? gradientNormMax / norm : 1;
    const { beta1, beta2, epsilon } = adamConstants;
    this.#stepCount += 1;
    const correction1 = 1 - beta1 ** this.#stepCount;
    const correction2 = 1 - beta2 ** this.#stepCount;
    for (let i = 0; i < gradient.length; i++) {
      const g = f64(gradient, i) * shorten;
      const first = beta1 * f64(this.#first, i) + (1 - beta1) * g;
      const second = beta2 * f64(this.#second, i) + (1 - beta2) * g * g;
      this.#first[i] = first;
      this.#second[i] = second;
      const move = first / correction1 / (Math.sqrt(second / correction2) + epsilon);
      this.#params[i] = f64(this.#params, i) - learningRate * move;
    }
    return loss;
  }

  reconstruct(batch: Float32Array, count: number): Float32Array {
    return reconstruct(this.#def, this.#params, { windows: batch, count });
  }

  exportParams(): Float32Array {
    return Float32Array.from(this.#params);
  }

  dispose(): void {}
}

export const jsBackend: TrainingBackend = {
  name: "js",
  available: () => Promise.resolve(true),
  create: (def, params, options) => Promise.resolve(new JsTrainer(def, params, options)),
};
