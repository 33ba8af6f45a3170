/** A trained autoencoder as a plain value, and its own forward pass. */

import { strict as assert } from "node:assert";
import { f32, f64 } from "@weir/contracts/elements.ts";
import type { AutoencoderMetadata } from "@weir/detectors/autoencoder-metadata.ts";
import { daySteps, movePattern, takeOutPattern } from "./daily-pattern.ts";
import { reconstruct } from "./js/network.ts";
import type { ModelDef } from "./model-def.ts";

/** Centre and scale of each channel, in the tag's unit. */
export interface Scaler {
  readonly centre: Float32Array;
  readonly scale: Float32Array;
}

export interface Autoencoder {
  readonly metadata: AutoencoderMetadata;
  readonly def: ModelDef;
  readonly scaler: Scaler;
  /** Layout of model-def.ts. */
  readonly params: Float32Array;
}

export interface ScoredWindows {
  /** [count] mean squared error, standardised. */
  mse: Float64Array;
  /** [count, channels] */
  channelMse: Float64Array;
  /** [count, window, channels] in the tags' units. */
  reconstruction: Float32Array;
}

/** Scores `count` windows of [window, channels] in the tags' units. Same numbers as the ONNX file. */
export function scoreWindows(
  model: Autoencoder,
  windows: Float32Array,
  count: number,
): ScoredWindows {
  const { def, scaler } = model;
  const size = def.window * def.channels;
  assert(windows.length === count * size);
  const scaled = standardise(windows, scaler);
  const steps = daySteps(def, model.metadata.stepMs);
  const pattern = takeOutPattern(def, scaled, steps);
  const output = reconstruct(def, Float64Array.from(model.params), { windows: scaled, count });
  const errors = squaredErrors(def, scaled, output);
  movePattern(def, output, { pattern, steps, sign: 1 });
  const reconstruction = output.map((value, i) => {
    const c = i % def.channels;
    return value * f32(scaler.scale, c) + f32(scaler.centre, c);
  });
  return { ...errors, reconstruction };
}

/** (x − centre)/scale of rows of channels, in a new array. */
export function standardise(rows: Float32Array, { centre, scale }: Scaler): Float32Array {
  const channels = centre.length;
  return rows.map((value, i) => (value - f32(centre, i % channels)) / f32(scale, i % channels));
}

/** Mean squared errors of standardised windows, whole and by channel. */
export function squaredErrors(
  def: ModelDef,
  windows: Float32Array,
  output: Float32Array,
): { mse: Float64Array; channelMse: Float64Array } {
  const { channels, window } = def;
  const count = windows.length / (window * channels);
  const mse = new Float64Array(count);
  const channelMse = new Float64Array(count * channels);
  for (let i = 0; i < windows.length; i++) {
    const error = (f32(windows, i) - f32(output, i)) ** 2;
    const n = Math.floor(i / (window * channels));
    const at = n * channels + (i % channels);
    channelMse[at] = f64(channelMse, at) + error / window;
    mse[n] = f64(mse, n) + error / (window * channels);
  }
  return { mse, channelMse };
}
