/** Training on our own WebAssembly SIMD kernel, float32: the default backend. */

import { strict as assert } from "node:assert";
import { f32 } from "@weir/contracts/elements.ts";
import type { ModelDef } from "../model-def.ts";
import {
  adamConstants,
  type Trainer,
  type TrainerOptions,
  type TrainingBackend,
} from "../training-backend.ts";
import { type Kernel, type KernelVariant, kernelRuns, loadKernel } from "./kernel.ts";
import { paddedBatch, paddedDef, paddedIndices } from "./padded-layout.ts";

class WasmTrainer implements Trainer {
  readonly #def: ModelDef;
  readonly #padded: ModelDef;
  readonly #options: TrainerOptions;
  readonly #kernel: Kernel;
  readonly #batch: number;
  readonly #indices: Int32Array;
  #stepCount = 0;

  constructor(
    kernel: Kernel,
    def: ModelDef,
    setting: { params: Float32Array; options: TrainerOptions },
  ) {
    this.#def = def;
    this.#padded = paddedDef(def);
    this.#options = setting.options;
    this.#kernel = kernel;
    this.#batch = paddedBatch(setting.options.batchMax);
    this.#indices = paddedIndices(def);
    const { window, channels, hidden, bottleneck } = this.#padded;
    kernel.setup(window, this.#batch, channels, hidden, bottleneck);
    const params = this.#floats(kernel.paramsAt(), kernel.parameterCount());
    this.#indices.forEach((to, from) => {
      params[to] = f32(setting.params, from);
    });
  }

  step(batch: Float32Array, count: number): number {
    this.#load(batch, count);
    const { learningRate, gradientNormMax } = this.#options;
    const { beta1, beta2, epsilon } = adamConstants;
    this.#kernel.forward();
    const loss = this.#kernel.backward(count, this.#def.channels);
    this.#stepCount += 1;
    this.#kernel.update(
      learningRate,
      beta1,
      beta2,
      epsilon,
      1 - beta1 ** this.#stepCount,
      1 - beta2 ** this.#stepCount,
      gradientNormMax,
    );
    return loss;
  }

  /** Gradient of the batch's mean squared error in the layout of the parameters; no step is taken. */
  gradient(batch: Float32Array, count: number): { loss: number; gradient: Float32Array } {
    this.#load(batch, count);
    this.#kernel.forward();
    const loss = this.#kernel.backward(count, this.#def.channels);
    const padded = this.#floats(this.#kernel.gradientAt(), this.#kernel.parameterCount());
    return { loss, gradient: Float32Array.from(this.#indices, (at) => f32(padded, at)) };
  }

  reconstruct(batch: Float32Array, count: number): Float32Array {
    this.#load(batch, count);
    this.#kernel.forward();
    const { window, channels } = this.#def;
    const width = this.#padded.channels;
    const output = this.#floats(this.#kernel.outputAt(), window * this.#batch * width);
    const windows = new Float32Array(count * window * channels);
    for (let t = 0; t < window; t++) {
      for (let b = 0; b < count; b++) {
        const from = (t * this.#batch + b) * width;
        windows.set(output.subarray(from, from + channels), (b * window + t) * channels);
      }
    }
    return windows;
  }

  exportParams(): Float32Array {
    const params = this.#floats(this.#kernel.paramsAt(), this.#kernel.parameterCount());
    return Float32Array.from(this.#indices, (at) => f32(params, at));
  }

  dispose(): void {}

  /** Windows [count, T, C] to the kernel's [T, B, C], the rest of the batch left at zero. */
  #load(batch: Float32Array, count: number): void {
    const { window, channels } = this.#def;
    assert(count >= 1 && count <= this.#batch && batch.length === count * window * channels);
    const width = this.#padded.channels;
    const input = this.#floats(this.#kernel.inputAt(), window * this.#batch * width);
    input.fill(0);
    for (let b = 0; b < count; b++) {
      for (let t = 0; t < window; t++) {
        const from = (b * window + t) * channels;
        input.set(batch.subarray(from, from + channels), (t * this.#batch + b) * width);
      }
    }
  }

  #floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#kernel.memory.buffer, address, length);
  }
}

export interface WasmBackend extends TrainingBackend {
  create(def: ModelDef, params: Float32Array, options: TrainerOptions): Promise<WasmTrainer>;
}

/** `variant`: the relaxed one where this runtime has it, unless the same bits everywhere matter more. */
export function wasmBackend(
  variant: KernelVariant = kernelRuns("relaxed") ? "relaxed" : "simd",
): WasmBackend {
  return {
    name: variant === "relaxed" ? "wasm relaxed SIMD" : "wasm SIMD",
    available: () => Promise.resolve(kernelRuns(variant)),
    create: async (def, params, options) =>
      new WasmTrainer(await loadKernel(variant), def, { params, options }),
  };
}
