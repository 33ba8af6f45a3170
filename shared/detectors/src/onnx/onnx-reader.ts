/**
 * Strict reader of the ONNX files that {@link writeOnnx} writes. It is no general ONNX reader:
 * a field that we never write is refused, so nothing in a file goes unnoticed.
 */
import {
  attributeCodes,
  elementCodes,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  onnxIrVersion,
} from "./onnx-model.ts";
import {
  fieldsOf,
  MalformedProtobuf,
  type ProtobufField,
  packedFloatsOf,
  packedIntsOf,
  textOf,
} from "./protobuf-reader.ts";

/** Largest file that is looked at, bytes: a forest of 100 trees takes about 0.4 MB. */
export const onnxSizeMax = 16 * 1024 * 1024;

export type OnnxRead = { ok: true; model: OnnxModel } | { ok: false; fault: string };

export function readOnnx(bytes: Uint8Array): OnnxRead {
  if (bytes.length > onnxSizeMax) {
    return {
      ok: false,
      fault: `${bytes.length} bytes is above the ${onnxSizeMax} a model may have`,
    };
  }
  try {
    return { ok: true, model: readModel(bytes) };
  } catch (error) {
    if (error instanceof MalformedProtobuf) {
      return { ok: false, fault: `not an ONNX file of ours: ${error.message}` };
    }
    throw error;
  }
}

function refuse(message: string, field: ProtobufField): never {
  throw new MalformedProtobuf(`${message} has field ${field.field} of wire type ${field.wireType}`);
}

type Readers = Record<number, { wireType: number; read: (field: ProtobufField) => void }>;

/** Runs the reader of each field; a field without one, or of another wire type, is refused. */
function readFields(message: string, bytes: Uint8Array, readers: Readers): void {
  for (const field of fieldsOf(bytes)) {
    const reader = readers[field.field];
    if (reader === undefined || reader.wireType !== field.wireType) refuse(message, field);
    reader.read(field);
  }
}

const text = (set: (value: string) => void): Readers[number] => ({
  wireType: 2,
  read: ({ bytes }) => set(textOf(bytes)),
});
const int = (set: (value: number) => void): Readers[number] => ({
  wireType: 0,
  read: (field) => set(field.int),
});
const part = (read: (bytes: Uint8Array) => void): Readers[number] => ({
  wireType: 2,
  read: ({ bytes }) => read(bytes),
});

function readModel(bytes: Uint8Array): OnnxModel {
  let irVersion = 0;
  let producer = "";
  let graph: ReturnType<typeof readGraph> | undefined;
  const opsets: { domain: string; version: number }[] = [];
  const metadata: Record<string, string> = {};
  readFields("the model", bytes, {
    1: int((value) => (irVersion = value)),
    2: text((value) => (producer = value)),
    7: part((inner) => (graph = readGraph(inner))),
    8: part((inner) => {
      const opset = { domain: "", version: 0 };
      readFields("an opset", inner, {
        1: text((value) => (opset.domain = value)),
        2: int((value) => (opset.version = value)),
      });
      opsets.push(opset);
    }),
    14: part((inner) => {
      const entry = { key: "", value: "" };
      readFields("a metadata entry", inner, {
        1: text((value) => (entry.key = value)),
        2: text((value) => (entry.value = value)),
      });
      if (Object.hasOwn(metadata, entry.key))
        throw new MalformedProtobuf(`metadata "${entry.key}" twice`);
      metadata[entry.key] = entry.value;
    }),
  });
  if (irVersion !== onnxIrVersion) throw new MalformedProtobuf(`IR version ${irVersion}`);
  if (graph === undefined) throw new MalformedProtobuf("no graph");
  return { producer, opsets, metadata, ...graph };
}

function readGraph(bytes: Uint8Array) {
  let graphName = "";
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  readFields("the graph", bytes, {
    1: part((inner) => nodes.push(readNode(inner))),
    2: text((value) => (graphName = value)),
    5: part((inner) => initializers.push(readTensor(inner))),
    11: part((inner) => inputs.push(readValue(inner))),
    12: part((inner) => outputs.push(readValue(inner))),
  });
  return { graphName, nodes, initializers, inputs, outputs };
}

function readNode(bytes: Uint8Array): OnnxNode {
  const node = { opType: "", domain: "", name: "" };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, OnnxAttribute> = {};
  readFields("a node", bytes, {
    1: text((value) => inputs.push(value)),
    2: text((value) => outputs.push(value)),
    3: text((value) => (node.name = value)),
    4: text((value) => (node.opType = value)),
    5: part((inner) => {
      const [name, attribute] = readAttribute(inner);
      if (Object.hasOwn(attributes, name)) throw new MalformedProtobuf(`attribute "${name}" twice`);
      attributes[name] = attribute;
    }),
    7: text((value) => (node.domain = value)),
  });
  return { ...node, inputs, outputs, attributes };
}

function readAttribute(bytes: Uint8Array): [string, OnnxAttribute] {
  let name = "";
  let code = 0;
  let float = 0;
  let whole = 0;
  let single = "";
  let floats: Float32Array = new Float32Array(0);
  let ints: number[] = [];
  const strings: string[] = [];
  readFields("an attribute", bytes, {
    1: text((value) => (name = value)),
    [attributeCodes.float.field]: { wireType: 5, read: (field) => (float = field.float) },
    [attributeCodes.int.field]: int((value) => (whole = value)),
    [attributeCodes.string.field]: text((value) => (single = value)),
    [attributeCodes.floats.field]: part((inner) => (floats = packedFloatsOf(inner))),
    [attributeCodes.ints.field]: part((inner) => (ints = packedIntsOf(inner))),
    [attributeCodes.strings.field]: text((value) => strings.push(value)),
    20: int((value) => (code = value)),
  });
  if (code === attributeCodes.float.type) return [name, { type: "float", value: float }];
  if (code === attributeCodes.int.type) return [name, { type: "int", value: whole }];
  if (code === attributeCodes.string.type) return [name, { type: "string", value: single }];
  if (code === attributeCodes.floats.type) return [name, { type: "floats", value: floats }];
  if (code === attributeCodes.ints.type) return [name, { type: "ints", value: ints }];
  if (code === attributeCodes.strings.type) return [name, { type: "strings", value: strings }];
  throw new MalformedProtobuf(`attribute "${name}" of type ${code}`);
}

function readTensor(bytes: Uint8Array): OnnxTensor {
  let name = "";
  let code = 0;
  let dims: number[] = [];
  let raw = new Uint8Array(0);
  readFields("a tensor", bytes, {
    1: part((inner) => (dims = packedIntsOf(inner))),
    2: int((value) => (code = value)),
    8: text((value) => (name = value)),
    9: part((inner) => (raw = inner.slice())),
  });
  const count = dims.reduce((product, dim) => product * dim, 1);
  const width = code === elementCodes.float32 ? 4 : code === elementCodes.int64 ? 8 : 0;
  if (width === 0) throw new MalformedProtobuf(`tensor "${name}" of type ${code}`);
  if (!(count >= 0) || raw.length !== count * width) {
    throw new MalformedProtobuf(`tensor "${name}" has ${raw.length} bytes for [${dims}]`);
  }
  if (width === 4) return { name, dims, elements: { type: "float32", data: packedFloatsOf(raw) } };
  const view = new DataView(raw.buffer);
  const data = Array.from({ length: count }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  return { name, dims, elements: { type: "int64", data } };
}

function readValue(bytes: Uint8Array): OnnxValue {
  let name = "";
  let code = 0;
  const dims: (number | string)[] = [];
  const readDim = (inner: Uint8Array): void => {
    readFields("a dimension", inner, {
      1: int((value) => dims.push(value)),
      2: text((value) => dims.push(value)),
    });
  };
  readFields("a value", bytes, {
    1: text((value) => (name = value)),
    2: part((type) =>
      readFields("a type", type, {
        1: part((tensor) =>
          readFields("a tensor type", tensor, {
            1: int((value) => (code = value)),
            2: part((shape) => readFields("a shape", shape, { 1: part(readDim) })),
          }),
        ),
      }),
    ),
  });
  if (code !== elementCodes.float32 && code !== elementCodes.int64) {
    throw new MalformedProtobuf(`value "${name}" of type ${code}`);
  }
  return { name, elementType: code === elementCodes.float32 ? "float32" : "int64", dims };
}
