/**
 * An Isolation Forest as an ONNX graph and back: TreeEnsembleRegressor sums the path lengths,
 * Mul and Pow turn the sum into 2^(−E(h)/c(ψ)).
 */
import { strict as assert } from "node:assert";
import { f32, numberAt, u16 } from "@weir/contracts/elements.ts";
import {
  forestDepthMax,
  forestFeatureCountMax,
  forestTreeCountMax,
  type IsolationForest,
  meanPathLength,
} from "../isolation-forest.ts";
import type { OnnxAttribute, OnnxNode, OnnxTensor } from "./onnx-model.ts";

interface Nodes {
  treeIds: number[];
  nodeIds: number[];
  featureIds: number[];
  modes: string[];
  values: number[];
  trueIds: number[];
  falseIds: number[];
  leafTreeIds: number[];
  leafNodeIds: number[];
  leafWeights: number[];
}

/** Nodes and constants of the graph `features` [N, F] → `score` [N, 1]. */
export function forestGraph(forest: IsolationForest): {
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
} {
  const flat = flatten(forest);
  const ints = (value: number[]): OnnxAttribute => ({ type: "ints", value });
  const floats = (value: number[]): OnnxAttribute => ({ type: "floats", value });
  const scale = -1 / (forest.treeCount * meanPathLength(forest.sampleCount));
  const constant = (name: string, value: number): OnnxTensor => ({
    name,
    dims: [1],
    elements: { type: "float32", data: Float32Array.of(value) },
  });
  const plain = (opType: string, inputs: string[], output: string): OnnxNode => ({
    opType,
    domain: "",
    name: output,
    inputs,
    outputs: [output],
    attributes: {},
  });
  const ensemble: OnnxNode = {
    opType: "TreeEnsembleRegressor",
    domain: "ai.onnx.ml",
    name: "paths",
    inputs: ["features"],
    outputs: ["paths"],
    attributes: {
      aggregate_function: { type: "string", value: "SUM" },
      n_targets: { type: "int", value: 1 },
      nodes_falsenodeids: ints(flat.falseIds),
      nodes_featureids: ints(flat.featureIds),
      nodes_modes: { type: "strings", value: flat.modes },
      nodes_nodeids: ints(flat.nodeIds),
      nodes_treeids: ints(flat.treeIds),
      nodes_truenodeids: ints(flat.trueIds),
      nodes_values: floats(flat.values),
      post_transform: { type: "string", value: "NONE" },
      target_ids: ints(flat.leafTreeIds.map(() => 0)),
      target_nodeids: ints(flat.leafNodeIds),
      target_treeids: ints(flat.leafTreeIds),
      target_weights: floats(flat.leafWeights),
    },
  };
  return {
    nodes: [
      ensemble,
      plain("Mul", ["paths", "scale"], "exponent"),
      plain("Pow", ["two", "exponent"], "score"),
    ],
    initializers: [constant("scale", scale), constant("two", 2)],
  };
}

/** Heap trees to numbered nodes, each tree in preorder from 0; the padding disappears. */
function flatten(forest: IsolationForest): Nodes {
  const nodes: Nodes = {
    treeIds: [],
    nodeIds: [],
    featureIds: [],
    modes: [],
    values: [],
    trueIds: [],
    falseIds: [],
    leafTreeIds: [],
    leafNodeIds: [],
    leafWeights: [],
  };
  const { depth } = forest;
  const inner = 2 ** depth - 1;
  for (let tree = 0; tree < forest.treeCount; tree++) {
    let next = 0;
    const visit = (heap: number, level: number): number => {
      const id = next++;
      const place = nodes.treeIds.length;
      const threshold =
        level < depth ? f32(forest.thresholds, tree * inner + heap) : Number.POSITIVE_INFINITY;
      const leaf = threshold === Number.POSITIVE_INFINITY;
      nodes.treeIds.push(tree);
      nodes.nodeIds.push(id);
      nodes.featureIds.push(leaf ? 0 : u16(forest.features, tree * inner + heap));
      nodes.modes.push(leaf ? "LEAF" : "BRANCH_LEQ");
      nodes.values.push(leaf ? 0 : threshold);
      nodes.trueIds.push(0);
      nodes.falseIds.push(0);
      if (leaf) {
        const slot = (heap + 1) * 2 ** (depth - level) - 2 ** depth;
        nodes.leafTreeIds.push(tree);
        nodes.leafNodeIds.push(id);
        nodes.leafWeights.push(f32(forest.pathLengths, tree * (inner + 1) + slot));
      } else {
        nodes.trueIds[place] = visit(2 * heap + 1, level + 1);
        nodes.falseIds[place] = visit(2 * heap + 2, level + 1);
      }
      return id;
    };
    visit(0, 0);
  }
  return nodes;
}

export interface ForestShape {
  featureCount: number;
  treeCount: number;
  sampleCount: number;
  depth: number;
}

export type ForestRead = { ok: true; forest: IsolationForest } | { ok: false; fault: string };

const whole = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

/** The forest of a TreeEnsembleRegressor node that {@link forestGraph} wrote; everything is checked. */
export function forestOfNode(node: OnnxNode, shape: ForestShape): ForestRead {
  const { featureCount, treeCount, sampleCount, depth } = shape;
  if (
    !whole(featureCount, 1, forestFeatureCountMax) ||
    !whole(treeCount, 1, forestTreeCountMax) ||
    !whole(depth, 1, forestDepthMax) ||
    !whole(sampleCount, 2, 2 ** depth)
  ) {
    return { ok: false, fault: `forest shape ${JSON.stringify(shape)} is out of bounds` };
  }
  const columns = columnsOf(node);
  if (columns === undefined)
    return { ok: false, fault: "tree attributes are missing or differ in length" };
  const inner = 2 ** depth - 1;
  const forest = {
    kind: "isolation-forest" as const,
    version: 1 as const,
    featureCount,
    treeCount,
    sampleCount,
    depth,
    features: new Uint16Array(treeCount * inner),
    thresholds: new Float32Array(treeCount * inner).fill(Number.POSITIVE_INFINITY),
    pathLengths: new Float32Array(treeCount * (inner + 1)),
  };
  const fault = fill(forest, columns);
  return fault === undefined ? { ok: true, forest } : { ok: false, fault };
}

interface Columns {
  count: number;
  leafCount: number;
  ints: Record<string, ArrayLike<number>>;
  modes: readonly string[];
  values: ArrayLike<number>;
  weights: ArrayLike<number>;
}

const nodeColumns = ["treeids", "nodeids", "featureids", "truenodeids", "falsenodeids"] as const;

function columnsOf(node: OnnxNode): Columns | undefined {
  const { attributes } = node;
  const modes = attributes["nodes_modes"];
  const values = attributes["nodes_values"];
  const weights = attributes["target_weights"];
  if (modes?.type !== "strings" || values?.type !== "floats" || weights?.type !== "floats")
    return undefined;
  const ints: Record<string, ArrayLike<number>> = {};
  const count = modes.value.length;
  const leafCount = weights.value.length;
  const wanted = [
    ...nodeColumns.map((name) => [`nodes_${name}`, count] as const),
    ["target_treeids", leafCount] as const,
    ["target_nodeids", leafCount] as const,
  ];
  for (const [name, length] of wanted) {
    const attribute = attributes[name];
    if (attribute?.type !== "ints" || attribute.value.length !== length) return undefined;
    ints[name] = attribute.value;
  }
  if (values.value.length !== count) return undefined;
  return {
    count,
    leafCount,
    ints,
    modes: modes.value,
    values: values.value,
    weights: weights.value,
  };
}

/** Puts the numbered nodes back into heaps; the first thing that is not as written is the fault. */
function fill(forest: IsolationForest, columns: Columns): string | undefined {
  const { depth, treeCount, featureCount } = forest;
  const inner = 2 ** depth - 1;
  const at = (name: string, index: number): number => {
    const column = columns.ints[name];
    assert(column);
    return numberAt(column, index);
  };
  let place = 0;
  let leaf = 0;
  for (let tree = 0; tree < treeCount; tree++) {
    const first = place;
    const visit = (heap: number, level: number): string | undefined => {
      const mine = place++;
      const where = `tree ${tree}, node ${mine - first}`;
      if (mine >= columns.count) return `${where} is missing`;
      if (at("nodes_treeids", mine) !== tree || at("nodes_nodeids", mine) !== mine - first) {
        return `${where} is out of order`;
      }
      if (columns.modes[mine] === "LEAF") {
        const weight = columns.weights[leaf];
        if (
          weight === undefined ||
          at("target_treeids", leaf) !== tree ||
          at("target_nodeids", leaf) !== mine - first ||
          !(weight >= 0 && weight <= 64)
        ) {
          return `${where} has no path length between 0 and 64`;
        }
        const slot = (heap + 1) * 2 ** (depth - level) - 2 ** depth;
        forest.pathLengths[tree * (inner + 1) + slot] = weight;
        leaf++;
        return undefined;
      }
      const feature = at("nodes_featureids", mine);
      const value = numberAt(columns.values, mine);
      if (columns.modes[mine] !== "BRANCH_LEQ" || level >= depth)
        return `${where} is no cut or too deep`;
      if (!whole(feature, 0, featureCount - 1)) return `${where} cuts feature ${feature}`;
      if (!Number.isFinite(value)) return `${where} cuts at ${value}`;
      forest.features[tree * inner + heap] = feature;
      forest.thresholds[tree * inner + heap] = value;
      if (at("nodes_truenodeids", mine) !== place - first) return `${where} leads elsewhere`;
      const fault = visit(2 * heap + 1, level + 1);
      if (fault !== undefined) return fault;
      if (at("nodes_falsenodeids", mine) !== place - first) return `${where} leads elsewhere`;
      return visit(2 * heap + 2, level + 1);
    };
    const fault = visit(0, 0);
    if (fault !== undefined) return fault;
  }
  if (place !== columns.count || leaf !== columns.leafCount) return "nodes are left over";
  return undefined;
}
