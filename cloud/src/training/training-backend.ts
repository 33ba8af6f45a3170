/** Where the arithmetic of training happens. Backends agree on numbers, not only on shapes. */
import type { ModelDef } from "./model-def.ts";

export interface AdamOptions {
  learningRate: number;
  /** The gradient is shortened to this Euclidean norm; Infinity leaves it. */
  gradientNormMax: number;
}

/** Kingma & Ba 2014, the published defaults. */
export const adamConstants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

export interface TrainingBackend {
  readonly name: string;
  available(): Promise<boolean>;
  /** Starts from `params` (layout of model-def.ts), which are copied. */
  create(def: ModelDef, params: Float32Array, options: TrainerOptions): Promise<Trainer>;
}

export interface TrainerOptions extends AdamOptions {
  /** Most windows in one call. */
  batchMax: number;
}

/** Batches are `count` windows of [window, channels], one after the other. */
export interface Trainer {
  /** One Adam step; returns the mean squared error before it. */
  step(batch: Float32Array, count: number): number;
  /** The network's output for each window, same shape. Changes nothing. */
  reconstruct(batch: Float32Array, count: number): Float32Array;
  exportParams(): Float32Array;
  dispose(): void;
}
