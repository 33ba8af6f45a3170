/** An ONNX file as plain values: the part of the format that our models use. */

export type OnnxAttribute =
  | { type: "float"; value: number }
  | { type: "int"; value: number }
  | { type: "string"; value: string }
  | { type: "floats"; value: ArrayLike<number> }
  | { type: "ints"; value: ArrayLike<number> }
  | { type: "strings"; value: readonly string[] };

export interface OnnxNode {
  opType: string;
  /** "" for ai.onnx. */
  domain: string;
  name: string;
  inputs: readonly string[];
  /** "" leaves an optional output out. */
  outputs: readonly string[];
  attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  name: string;
  dims: readonly number[];
  elements: { type: "float32"; data: Float32Array } | { type: "int64"; data: readonly number[] };
}

export interface OnnxValue {
  name: string;
  elementType: "float32" | "int64";
  /** A string is a symbolic dimension. */
  dims: readonly (number | string)[];
}

export interface OnnxModel {
  producer: string;
  graphName: string;
  opsets: readonly { domain: string; version: number }[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  initializers: readonly OnnxTensor[];
  nodes: readonly OnnxNode[];
  metadata: Readonly<Record<string, string>>;
}

/** ONNX IR version written and accepted; with opset 17 every onnxruntime since 1.13 reads it. */
export const onnxIrVersion = 8;
export const onnxOpset = 17;
export const onnxMlOpset = 3;

/** AttributeProto.AttributeType and the field that holds each value (onnx.proto3). */
export const attributeCodes = {
  float: { type: 1, field: 2 },
  int: { type: 2, field: 3 },
  string: { type: 3, field: 4 },
  floats: { type: 6, field: 7 },
  ints: { type: 7, field: 8 },
  strings: { type: 8, field: 9 },
} as const;

/** TensorProto.DataType. */
export const elementCodes = { float32: 1, int64: 7 } as const;
