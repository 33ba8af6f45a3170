/**
 * A stage model as one ONNX file: the graph is the forest over the features, so onnxruntime and
 * the native scorer read the same trees; everything else is JSON under the metadata key "weir".
 */
import { defaultZone, isZone } from "@weir/contracts/site-time.ts";
import { hysteresisLengthMax } from "./hysteresis.ts";
import { type ForestShape, forestGraph, forestOfNode } from "./onnx/forest-onnx.ts";
import { onnxMlOpset, onnxOpset } from "./onnx/onnx-model.ts";
import { readOnnx } from "./onnx/onnx-reader.ts";
import { writeOnnx } from "./onnx/onnx-writer.ts";
import { harmonicCount } from "./stage-baseline.ts";
import { type StageModel, stageModelFormat } from "./stage-model.ts";

/** Metadata key of our part of a model file. */
export const weirMetadataKey = "weir";

/** Most tags, own and explaining, that a stage model may name. */
export const stageTagCountMax = 128;

export function stageModelToOnnx(model: StageModel): Uint8Array {
  const { forest, ...rest } = model;
  const { featureCount, treeCount, sampleCount, depth } = forest;
  const shape: ForestShape = { featureCount, treeCount, sampleCount, depth };
  const { nodes, initializers } = forestGraph(forest);
  return writeOnnx({
    producer: "weir",
    graphName: `forest/${model.stage}`,
    opsets: [
      { domain: "", version: onnxOpset },
      { domain: "ai.onnx.ml", version: onnxMlOpset },
    ],
    inputs: [{ name: "features", elementType: "float32", dims: ["N", featureCount] }],
    outputs: [{ name: "score", elementType: "float32", dims: ["N", 1] }],
    initializers,
    nodes,
    metadata: { [weirMetadataKey]: JSON.stringify({ ...rest, forest: shape }) },
  });
}

export type StageModelRead = { ok: true; model: StageModel } | { ok: false; fault: string };

/** Reads what {@link stageModelToOnnx} wrote; anything out of shape or bounds is one sentence. */
export function stageModelFromOnnx(bytes: Uint8Array): StageModelRead {
  const read = readOnnx(bytes);
  if (!read.ok) return read;
  const text = read.model.metadata[weirMetadataKey];
  if (text === undefined) return { ok: false, fault: `no metadata "${weirMetadataKey}"` };
  let value: unknown;
  try {
    value = brought(JSON.parse(text));
  } catch {
    return { ok: false, fault: `metadata "${weirMetadataKey}" is not JSON` };
  }
  const fault = faultOf(value);
  if (fault !== undefined) return { ok: false, fault: `metadata "${weirMetadataKey}": ${fault}` };
  const { forest: shape, ...rest } = value as Omit<StageModel, "forest"> & { forest: ForestShape };
  const [ensemble] = read.model.nodes;
  if (ensemble?.opType !== "TreeEnsembleRegressor")
    return { ok: false, fault: "the graph holds no forest" };
  const forest = forestOfNode(ensemble, shape);
  if (!forest.ok) return forest;
  if (forest.forest.featureCount !== rest.features.length) {
    return { ok: false, fault: "forest and features differ in number" };
  }
  return { ok: true, model: { ...rest, forest: forest.forest } };
}

/** A model of the first format is one whose day is counted in UTC; it keeps that day until the next training. */
const brought = (value: unknown): unknown =>
  typeof value === "object" &&
  (value as { format?: unknown } | null)?.format === "weir-stage-model-1"
    ? { ...value, format: stageModelFormat, zone: defaultZone }
    : value;

type Check = (value: unknown) => boolean;

/** What is learned are counts of usual spreads, epoch times and values of sensors: beyond this a sum of squares may be no number. */
const magnitudeMax = 1e15;
const finite: Check = (value) =>
  Number.isFinite(value) && Math.abs(value as number) <= magnitudeMax;
const positive: Check = (value) => finite(value) && (value as number) >= 1 / magnitudeMax;
const text: Check = (value) => typeof value === "string" && value.length > 0 && value.length <= 300;
const within =
  (min: number, max: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
const oneOf =
  (...allowed: unknown[]): Check =>
  (value) =>
    allowed.includes(value);
const listOf =
  (check: Check, length: { min: number; max: number }): Check =>
  (value) =>
    Array.isArray(value) &&
    value.length >= length.min &&
    value.length <= length.max &&
    value.every(check);
const shapeOf =
  (checks: Record<string, Check>): Check =>
  (value) =>
    firstFault(value, checks) === undefined;

/** The first key that is missing, unknown or out of bounds. */
function firstFault(value: unknown, checks: Record<string, Check>): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is no object";
  for (const key of Object.keys(value)) if (!Object.hasOwn(checks, key)) return `${key} is unknown`;
  for (const [key, check] of Object.entries(checks)) {
    if (!check((value as Record<string, unknown>)[key]))
      return `${key} is missing or out of bounds`;
  }
  return undefined;
}

function faultOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "is no object";
  const counts = value as {
    tags?: unknown;
    targets?: unknown;
    features?: unknown;
    residuals?: unknown;
  };
  const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);
  const tagCount = lengthOf(counts.tags);
  const residualCount = lengthOf(counts.residuals);
  const tag = within(0, tagCount - 1);
  const exactly = (length: number): { min: number; max: number } => ({ min: length, max: length });
  const fault = firstFault(value, {
    format: oneOf(stageModelFormat),
    stage: text,
    zone: (value) => typeof value === "string" && isZone(value),
    tags: listOf(shapeOf({ id: text, kind: text, stage: text, own: oneOf(true, false) }), {
      min: 1,
      max: stageTagCountMax,
    }),
    windowMs: within(1_000, 86_400_000),
    hopMs: within(1_000, 86_400_000),
    scales: listOf(
      shapeOf({ centre: finite, scale: positive, low: finite, high: finite }),
      exactly(tagCount),
    ),
    usualSpreads: listOf(positive, exactly(tagCount)),
    targets: listOf(
      shapeOf({
        feature: oneOf("mean", "like"),
        tag,
        peers: listOf(tag, { min: 0, max: tagCount }),
        inputs: listOf(tag, { min: 0, max: tagCount }),
        intercept: finite,
        weights: listOf(finite, { min: 2 * harmonicCount, max: tagCount + 2 * harmonicCount }),
      }),
      { min: 1, max: 2 * stageTagCountMax },
    ),
    features: listOf(
      shapeOf({
        feature: oneOf("mean", "like", "spread", "slope"),
        tag,
        centre: finite,
        sd: positive,
        target: within(-1, lengthOf(counts.targets) - 1),
      }),
      { min: 1, max: 4 * stageTagCountMax },
    ),
    residuals: listOf(within(0, lengthOf(counts.features) - 1), {
      min: 1,
      max: 2 * stageTagCountMax,
    }),
    precision: listOf(finite, exactly(residualCount * residualCount)),
    distanceLine: positive,
    scoreUsual: positive,
    scoreLine: positive,
    hysteresis: shapeOf({
      length: within(1, hysteresisLengthMax),
      onCount: within(1, hysteresisLengthMax),
      offCount: within(0, hysteresisLengthMax - 1),
    }),
    trainedOn: shapeOf({ rowCount: within(0, 1e9), fromMs: finite, toMs: finite, split: text }),
    forest: (shape) => typeof shape === "object" && shape !== null,
  });
  return fault ?? relationFault(value as unknown as StageModel);
}

/** What no single field can say: the parts must fit each other. */
function relationFault(model: StageModel): string | undefined {
  if (model.targets.some((t) => t.weights.length !== t.inputs.length + 2 * harmonicCount)) {
    return "a target has not one weight for each input and harmonic";
  }
  if (model.targets.some((t) => (t.feature === "like") !== t.peers.length > 0)) {
    return "a target's peers do not fit its feature";
  }
  if (
    model.features.some((f) => (f.feature === "mean" || f.feature === "like") !== f.target >= 0)
  ) {
    return "a feature's target does not fit it";
  }
  if (!(model.scoreLine > model.scoreUsual)) return "scoreLine is not above scoreUsual";
  if (!isCovariance(model.precision, model.residuals.length))
    return "precision is not the inverse of a covariance";
  const { length, onCount, offCount } = model.hysteresis;
  if (onCount > length || offCount >= onCount) return "hysteresis counts are out of order";
  return undefined;
}

/** What the inverse of any covariance is: symmetric, and no distance that it gives is below zero (Cauchy–Schwarz). */
function isCovariance(precision: readonly number[], size: number): boolean {
  const at = (i: number, j: number) => precision[i * size + j] ?? Number.NaN;
  for (let i = 0; i < size; i++) {
    if (!(at(i, i) > 0)) return false;
    for (let j = 0; j < i; j++) {
      const limit = Math.sqrt(at(i, i) * at(j, j)) * (1 + roundingMax);
      if (!(Math.abs(at(i, j)) <= limit)) return false;
      if (!(Math.abs(at(i, j) - at(j, i)) <= roundingMax * limit)) return false;
    }
  }
  return true;
}

/** Relative error of an inverse that was computed and written as decimal numbers. */
const roundingMax = 1e-6;
