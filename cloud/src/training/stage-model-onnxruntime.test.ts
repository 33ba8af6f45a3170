/** onnxruntime runs the graph of a stage model's file and must agree with the native scorer. */
import { present } from "@weir/contracts/present.ts";
import { scoreForest } from "@weir/detectors/isolation-forest.ts";
import { writeFeatures } from "@weir/detectors/stage-features.ts";
import { historyRow } from "@weir/detectors/stage-history.ts";
import { scoreStage } from "@weir/detectors/stage-model.ts";
import { stageModelFromOnnx, stageModelToOnnx } from "@weir/detectors/stage-model-onnx.ts";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { aerationMinutes, aerationModel } from "../../../shared/detectors/test/aeration-model.ts";

test("onnxruntime gives the native forest's scores, healthy and faulty", async () => {
  const model = aerationModel(3);
  const bytes = stageModelToOnnx(model);
  const rows = aerationMinutes(
    3,
    { fromDay: 14.9, toDay: 15.4 },
    { probeLow: (sinceMs) => Math.max(0, sinceMs / 86.4e6 - 15) * 3 },
  );
  const width = model.features.length;
  const features = new Float32Array(rows.rowCount * width);
  for (let r = 0; r < rows.rowCount; r++) {
    writeFeatures(model, historyRow(rows, r), { out: features, offset: r * width });
  }
  const session = await InferenceSession.create(bytes);
  const input = new Tensor("float32", features, [rows.rowCount, width]);
  const scores = present((await session.run({ features: input }))["score"]);
  expect(scores.dims).toEqual([rows.rowCount, 1]);
  let worst = 0;
  for (let r = 0; r < rows.rowCount; r++) {
    const native = scoreForest(model.forest, features.subarray(r * width, (r + 1) * width));
    worst = Math.max(worst, Math.abs(native - (scores.data[r] as number)));
  }
  expect(worst).toBeLessThan(1e-6);
  await session.release();

  const back = stageModelFromOnnx(bytes);
  expect(back).toMatchObject({ ok: true });
  if (!back.ok) return;
  const last = historyRow(rows, rows.rowCount - 1);
  expect(scoreStage(back.model, last)).toEqual(scoreStage(model, last));
  expect(stageModelToOnnx(back.model)).toEqual(bytes);
});
