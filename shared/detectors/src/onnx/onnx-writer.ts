/*
  onnx.proto3, field numbers as written here
    ModelProto      1 ir_version  2 producer_name  7 graph  8 opset_import  14 metadata_props
    OperatorSetId   1 domain  2 version
    GraphProto      1 node  2 name  5 initializer  11 input  12 output
    NodeProto       1 input  2 output  3 name  4 op_type  5 attribute  7 domain
    AttributeProto  1 name  2 f  3 i  4 s  7 floats  8 ints  9 strings  20 type
    TensorProto     1 dims  2 data_type  8 name  9 raw_data (little-endian)
    ValueInfoProto  1 name  2 type { 1 tensor_type { 1 elem_type  2 shape { 1 dim { 1 value 2 param } } } }
    StringStringEntryProto  1 key  2 value
*/
import { f32, numberAt } from "@weir/contracts/elements.ts";
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
import { ProtobufWriter } from "./protobuf-writer.ts";

/** Bytes of an ONNX file. The same model gives the same bytes. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const out = new ProtobufWriter();
  out.int(1, onnxIrVersion);
  out.string(2, model.producer);
  out.message(7, (graph) => writeGraph(graph, model));
  for (const { domain, version } of model.opsets) {
    out.message(8, (opset) => opset.string(1, domain).int(2, version));
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    out.message(14, (entry) => entry.string(1, key).string(2, value));
  }
  return out.finish();
}

function writeGraph(out: ProtobufWriter, model: OnnxModel): void {
  for (const node of model.nodes) out.message(1, (inner) => writeNode(inner, node));
  out.string(2, model.graphName);
  for (const tensor of model.initializers) out.message(5, (inner) => writeTensor(inner, tensor));
  for (const value of model.inputs) out.message(11, (inner) => writeValue(inner, value));
  for (const value of model.outputs) out.message(12, (inner) => writeValue(inner, value));
}

function writeNode(out: ProtobufWriter, node: OnnxNode): void {
  for (const input of node.inputs) out.string(1, input);
  for (const output of node.outputs) out.string(2, output);
  out.string(3, node.name);
  out.string(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    out.message(5, (inner) => writeAttribute(inner, name, attribute));
  }
  out.string(7, node.domain);
}

function writeAttribute(out: ProtobufWriter, name: string, attribute: OnnxAttribute): void {
  out.string(1, name);
  const { field, type } = attributeCodes[attribute.type];
  if (attribute.type === "float") out.float(field, attribute.value);
  else if (attribute.type === "int") out.int(field, attribute.value);
  else if (attribute.type === "string") out.string(field, attribute.value);
  else if (attribute.type === "floats") out.packedFloats(field, attribute.value);
  else if (attribute.type === "ints") out.packedInts(field, attribute.value);
  else for (const text of attribute.value) out.string(field, text);
  out.int(20, type);
}

function writeTensor(out: ProtobufWriter, { name, dims, elements }: OnnxTensor): void {
  out.packedInts(1, dims);
  out.int(2, elementCodes[elements.type]);
  out.string(8, name);
  const width = elements.type === "float32" ? 4 : 8;
  const raw = new DataView(new ArrayBuffer(width * elements.data.length));
  for (let i = 0; i < elements.data.length; i++) {
    if (elements.type === "float32") raw.setFloat32(4 * i, f32(elements.data, i), true);
    else raw.setBigInt64(8 * i, BigInt(numberAt(elements.data, i)), true);
  }
  out.bytes(9, new Uint8Array(raw.buffer));
}

function writeValue(out: ProtobufWriter, { name, elementType, dims }: OnnxValue): void {
  out.string(1, name);
  out.message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.int(1, elementCodes[elementType]);
      tensor.message(2, (shape) => {
        for (const dim of dims) {
          shape.message(1, (inner) => {
            if (typeof dim === "number") inner.int(1, dim);
            else inner.string(2, dim);
          });
        }
      });
    }),
  );
}
