/** protobufjs, with ONNX's own field numbers, reads our files; our reader reads them back and nothing else. */

import { readFileSync } from "node:fs";
import { u8 } from "@weir/contracts/elements.ts";
import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import type { OnnxModel } from "./onnx-model.ts";
import { readOnnx } from "./onnx-reader.ts";
import { writeOnnx } from "./onnx-writer.ts";

const schema = readFileSync(new URL("../../fixtures/onnx-subset.proto", import.meta.url), "utf8");
const modelProto = protobuf.parse(schema, { keepCase: true }).root.lookupType("onnx.ModelProto");

const model: OnnxModel = {
  producer: "weir",
  graphName: "forest/W13",
  opsets: [
    { domain: "", version: 17 },
    { domain: "ai.onnx.ml", version: 3 },
  ],
  inputs: [{ name: "x", elementType: "float32", dims: ["N", 3] }],
  outputs: [{ name: "y", elementType: "float32", dims: ["N"] }],
  initializers: [
    { name: "half", dims: [2], elements: { type: "float32", data: Float32Array.of(0.5, -2) } },
    { name: "axes", dims: [3], elements: { type: "int64", data: [-1, 0, 2 ** 40] } },
  ],
  nodes: [
    {
      opType: "Thing",
      domain: "ai.onnx.ml",
      name: "thing",
      inputs: ["x", "half"],
      outputs: ["", "y"],
      attributes: {
        scale: { type: "float", value: 0.25 },
        axis: { type: "int", value: -1 },
        mode: { type: "string", value: "SUM" },
        values: { type: "floats", value: Float32Array.of(1.5, Number.POSITIVE_INFINITY) },
        ids: { type: "ints", value: [0, 127, 128, 300, -7] },
        modes: { type: "strings", value: ["LEAF", "BRANCH_LEQ"] },
      },
    },
  ],
  metadata: { weir: '{"größe":1}' },
};

test("protobufjs finds every part where onnx.proto3 says it is", () => {
  const decoded = modelProto.toObject(modelProto.decode(writeOnnx(model)), {
    longs: Number,
    enums: String,
  });
  expect(decoded).toMatchObject({
    ir_version: 8,
    producer_name: "weir",
    opset_import: [{ version: 17 }, { domain: "ai.onnx.ml", version: 3 }],
    metadata_props: [{ key: "weir", value: '{"größe":1}' }],
    graph: {
      name: "forest/W13",
      input: [{ name: "x", type: { tensor_type: { elem_type: 1 } } }],
      initializer: [
        { name: "half", dims: [2], data_type: 1 },
        { name: "axes", dims: [3], data_type: 7 },
      ],
    },
  });
  const [node] = decoded["graph"].node;
  expect(node).toMatchObject({ op_type: "Thing", input: ["x", "half"], output: ["", "y"] });
  const attribute = (name: string) =>
    node.attribute.find((entry: { name: string }) => entry.name === name);
  expect(attribute("scale")).toMatchObject({ f: 0.25, type: "FLOAT" });
  expect(attribute("axis")).toMatchObject({ i: -1, type: "INT" });
  expect(attribute("ids")).toMatchObject({ ints: [0, 127, 128, 300, -7], type: "INTS" });
  expect(attribute("values")).toMatchObject({
    floats: [1.5, Number.POSITIVE_INFINITY],
    type: "FLOATS",
  });
  expect(
    attribute("modes").strings.map((text: Uint8Array) => Buffer.from(text).toString()),
  ).toEqual(["LEAF", "BRANCH_LEQ"]);
  const raw = Buffer.from(decoded["graph"].initializer[1].raw_data as Uint8Array);
  expect([0, 8, 16].map((at) => Number(raw.readBigInt64LE(at)))).toEqual([-1, 0, 2 ** 40]);
});

describe("our reader", () => {
  const bytes = writeOnnx(model);

  test("gives back what was written, and writing that gives the same bytes", () => {
    const read = readOnnx(bytes);
    expect(read).toEqual({ ok: true, model });
    if (read.ok) expect(writeOnnx(read.model)).toEqual(bytes);
  });

  test("refuses a file cut off anywhere with a sentence, and never throws", () => {
    for (let length = 0; length < bytes.length; length++) {
      const read = readOnnx(bytes.subarray(0, length));
      // A cut between two whole fields leaves a smaller file of the same form.
      if (read.ok) expect(writeOnnx(read.model).length).toBeLessThan(bytes.length);
      else expect(read.fault).toMatch(/^not an ONNX file of ours: /);
    }
  });

  test("any bytes are read or refused, never thrown on", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(typeof readOnnx(noise).ok).toBe("boolean");
      }),
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bent = bytes.slice();
        bent[at] = u8(bent, at) ^ flip;
        expect(typeof readOnnx(bent).ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });

  test("refuses what it would have to overlook: a field that we never write", () => {
    // Field 6 of ModelProto (doc_string).
    const read = readOnnx(Uint8Array.of(...bytes, 0x32, 0x01, 0x61));
    expect(read).toEqual({
      ok: false,
      fault: "not an ONNX file of ours: the model has field 6 of wire type 2",
    });
  });
});
