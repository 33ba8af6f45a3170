import { beforeAll, expect, test } from "vitest";
import { aerationMinutes, aerationModel } from "../test/aeration-model.ts";
import { autoencoderMetadata } from "./autoencoder-metadata.ts";
import { readOnnx } from "./onnx/onnx-reader.ts";
import { writeOnnx } from "./onnx/onnx-writer.ts";
import { historyRow } from "./stage-history.ts";
import { type StageModel, scoreStage } from "./stage-model.ts";
import { stageModelFromOnnx, stageModelToOnnx } from "./stage-model-onnx.ts";

let model: StageModel;
let bytes: Uint8Array;
beforeAll(() => {
  model = aerationModel(2);
  bytes = stageModelToOnnx(model);
});

/** The file with its metadata or attributes changed. */
function altered(
  change: (file: { weir: Record<string, unknown>; treeIds: number[] }) => void,
): Uint8Array {
  const read = readOnnx(bytes);
  if (!read.ok) throw new TypeError(read.fault);
  const weir = JSON.parse(read.model.metadata["weir"] ?? "");
  const treeIds = read.model.nodes[0]?.attributes["nodes_featureids"]?.value as number[];
  change({ weir, treeIds });
  return writeOnnx({ ...read.model, metadata: { weir: JSON.stringify(weir) } });
}

test("a model that went through its file scores as before and takes half a megabyte at most", () => {
  const read = stageModelFromOnnx(bytes);
  expect(read.ok).toBe(true);
  if (!read.ok) return;
  const rows = aerationMinutes(2, { fromDay: 14.1, toDay: 14.15 });
  for (let r = 0; r < rows.rowCount; r += 9) {
    expect(scoreStage(read.model, historyRow(rows, r))).toEqual(
      scoreStage(model, historyRow(rows, r)),
    );
  }
  expect(bytes.length).toBeLessThan(512 * 1024);
});

test("each thing out of bounds is refused by name", () => {
  const faultOf = (change: Parameters<typeof altered>[0]): string => {
    const read = stageModelFromOnnx(altered(change));
    return read.ok ? "accepted" : read.fault;
  };
  expect(faultOf(({ weir }) => (weir["distanceLine"] = -1))).toMatch(
    /distanceLine is missing or out/,
  );
  expect(faultOf(({ weir }) => (weir["extra"] = 1))).toMatch(/extra is unknown/);
  expect(faultOf(({ weir }) => (weir["format"] = "weir-stage-model-9"))).toMatch(/format/);
  expect(faultOf(({ weir }) => delete weir["tags"])).toMatch(/tags is missing/);
  expect(faultOf(({ weir }) => (weir["precision"] = [1]))).toMatch(/precision/);
  const precision = (change: (values: number[]) => void) => {
    const values = [...model.precision];
    change(values);
    return faultOf(({ weir }) => (weir["precision"] = values));
  };
  const size = model.residuals.length;
  expect(precision((values) => values.fill(1e308))).toMatch(/precision is missing or out/);
  expect(precision((values) => (values[0] = -1))).toMatch(/not the inverse of a covariance/);
  expect(precision((values) => (values[1] = 1e9))).toMatch(/not the inverse of a covariance/);
  expect(precision((values) => (values[size] = (values[1] ?? 0) + 1))).toMatch(/inverse of a cov/);
  expect(faultOf(({ weir }) => (weir["forest"] = { featureCount: 1e9 }))).toMatch(/out of bounds/);
  expect(faultOf(({ treeIds }) => (treeIds[0] = 5_000))).toMatch(
    /tree 0, node 0 cuts feature 5000/,
  );
  expect(faultOf(() => {})).toBe("accepted");
});

test("a file without our metadata, and one that is no ONNX at all", () => {
  const read = readOnnx(bytes);
  if (!read.ok) throw new TypeError(read.fault);
  expect(stageModelFromOnnx(writeOnnx({ ...read.model, metadata: {} }))).toEqual({
    ok: false,
    fault: 'no metadata "weir"',
  });
  expect(stageModelFromOnnx(Uint8Array.of(1, 2, 3)).ok).toBe(false);
  expect(autoencoderMetadata(bytes)).toEqual({
    ok: false,
    fault: "metadata: format is missing or out of bounds",
  });
});
