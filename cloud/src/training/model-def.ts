/**
 * The LSTM autoencoder of a stage: x[T, C] → LSTM H (last state) → dense Z → repeated T times →
 * LSTM H → dense C. What a model has learned is one flat float32 array in the layout given here,
 * whichever backend trained it; every exporter and scorer reads that.
 */
import { strict as assert } from "node:assert";
import type { Random } from "@weir/runtime/random.ts";

export interface ModelDef {
  readonly kind: "lstm-autoencoder";
  readonly version: 1;
  /** C: values a step. */
  readonly channels: number;
  /** T: steps a window. */
  readonly window: number;
  /** H: units of both LSTM layers. */
  readonly hidden: number;
  /** Z: units between them. */
  readonly bottleneck: number;
}

export const channelCountMax = 64;
export const windowMax = 1_024;
export const hiddenMax = 256;

export function modelDef(shape: Omit<ModelDef, "kind" | "version">): ModelDef {
  const { channels, window, hidden, bottleneck } = shape;
  assert(channels >= 1 && channels <= channelCountMax);
  assert(window >= 2 && window <= windowMax);
  assert(hidden >= 1 && hidden <= hiddenMax && bottleneck >= 1 && bottleneck <= hiddenMax);
  return { kind: "lstm-autoencoder", version: 1, channels, window, hidden, bottleneck };
}

export type TensorName =
  | "encoderInput"
  | "encoderState"
  | "encoderBias"
  | "latentWeight"
  | "latentBias"
  | "decoderInput"
  | "decoderState"
  | "decoderBias"
  | "outputWeight"
  | "outputBias";

export interface TensorPlace {
  name: TensorName;
  rows: number;
  columns: number;
  /** First element in the flat array. */
  offset: number;
}

/** Weights are [inputs, outputs], row-major; LSTM columns are the gates i, f, g, o of H units each. */
export function tensorPlaces(def: ModelDef): TensorPlace[] {
  const { channels, hidden, bottleneck } = def;
  const shapes: [TensorName, number, number][] = [
    ["encoderInput", channels, 4 * hidden],
    ["encoderState", hidden, 4 * hidden],
    ["encoderBias", 1, 4 * hidden],
    ["latentWeight", hidden, bottleneck],
    ["latentBias", 1, bottleneck],
    ["decoderInput", bottleneck, 4 * hidden],
    ["decoderState", hidden, 4 * hidden],
    ["decoderBias", 1, 4 * hidden],
    ["outputWeight", hidden, channels],
    ["outputBias", 1, channels],
  ];
  let offset = 0;
  return shapes.map(([name, rows, columns]) => {
    const place = { name, rows, columns, offset };
    offset += rows * columns;
    return place;
  });
}

export const parameterCount = (def: ModelDef): number =>
  tensorPlaces(def).reduce((sum, { rows, columns }) => sum + rows * columns, 0);

/** A view of each tensor of a flat parameter array. */
export function tensorsOf<A extends Float32Array | Float64Array>(
  def: ModelDef,
  params: A,
): Record<TensorName, A> {
  assert(params.length === parameterCount(def));
  return Object.fromEntries(
    tensorPlaces(def).map(({ name, rows, columns, offset }) => [
      name,
      params.subarray(offset, offset + rows * columns),
    ]),
  ) as Record<TensorName, A>;
}

/** Glorot-uniform weights, forget gates open (bias 1). The same `random` gives the same start on every backend. */
export function initialParams(def: ModelDef, random: Random): Float32Array {
  const params = new Float32Array(parameterCount(def));
  for (const { name, rows, columns, offset } of tensorPlaces(def)) {
    if (rows === 1) {
      if (name === "encoderBias" || name === "decoderBias") {
        params.fill(1, offset + def.hidden, offset + 2 * def.hidden);
      }
      continue;
    }
    // A gate is a layer of its own: the fan out of an LSTM matrix is one gate's.
    const fanOut = columns === 4 * def.hidden ? def.hidden : columns;
    const limit = Math.sqrt(6 / (rows + fanOut));
    for (let i = 0; i < rows * columns; i++) {
      params[offset + i] = limit * (2 * random.uniform() - 1);
    }
  }
  return params;
}
