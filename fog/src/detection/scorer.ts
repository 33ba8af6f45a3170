/** Runs the stages' models: the same code in a worker thread and, for simulations, in process. */

import { siteTimeOf } from "@weir/contracts/site-time.ts";
import type { StageHistory, StageRow } from "@weir/detectors/stage-history.ts";
import { type StageModel, type StageScore, scoreStage } from "@weir/detectors/stage-model.ts";
import { stageModelFromOnnx, stageModelToOnnx } from "@weir/detectors/stage-model-onnx.ts";
import { stageRowCountMin, trainStageModel } from "@weir/detectors/stage-training.ts";
import { seeded } from "@weir/runtime/random.ts";

export interface TrainRequest {
  stage: string;
  /** IANA zone of the site. */
  zone: string;
  history: StageHistory;
  /** Hourly rows of a longer time, when known. */
  hours: StageHistory | undefined;
}

export interface ModelFacts {
  /** Tag ids of the rows this model wants, in order. */
  tags: string[];
  trainedOn: string;
  hysteresis: StageModel["hysteresis"];
}

export type Loaded = { ok: true; facts: ModelFacts } | { ok: false; reason: string };

export type Trained = { ok: true; onnx: Uint8Array } | { ok: false; reason: string };

export type ScoredRow = { stage: string; atMs: number } & (
  | { score: StageScore; fault?: undefined }
  /** This one could not be scored; the others are not lost with it. */
  | { score?: undefined; fault: string }
);

export interface Scorer {
  /** Puts a model file to work for `stage`. */
  load(stage: string, onnx: Uint8Array): Promise<Loaded>;
  /** Learns a model file; `load` puts it to work. `ok: false` when the history is too short. */
  train(request: TrainRequest): Promise<Trained>;
  /** Judges windows of stages that have a model; others are left out of the answer. */
  score(rows: readonly { stage: string; row: StageRow }[]): Promise<ScoredRow[]>;
  /** Gives memory back until the next call; what was loaded is forgotten. Where it matters only. */
  rest?(): Promise<void>;
  close(): Promise<void>;
}

/** All in the calling thread. `seed` makes training repeatable. */
export function inlineScorer(seed: number): Scorer {
  const models = new Map<string, StageModel>();
  return {
    load: async (stage, onnx) => {
      const read = stageModelFromOnnx(onnx);
      if (!read.ok) return { ok: false, reason: read.fault };
      if (read.model.stage !== stage) {
        return { ok: false, reason: `the model is for stage ${read.model.stage}, not ${stage}` };
      }
      models.set(stage, read.model);
      return { ok: true, facts: factsOf(read.model) };
    },
    train: async (request) => {
      const { stage, zone, history, hours } = request;
      if (history.rowCount < stageRowCountMin) {
        return { ok: false, reason: `${history.rowCount} windows, ${stageRowCountMin} are needed` };
      }
      const model = trainStageModel(
        history,
        { stage, zone, hours },
        seeded(seed, `forest/${stage}`),
      );
      return { ok: true, onnx: stageModelToOnnx(model) };
    },
    score: async (rows) =>
      rows.flatMap(({ stage, row }) => {
        const model = models.get(stage);
        return model ? [scoredRow(model, row)] : [];
      }),
    close: async () => {},
  };
}

function scoredRow(model: StageModel, row: StageRow): ScoredRow {
  const { stage } = model;
  try {
    return { stage, atMs: row.atMs, score: scoreStage(model, row) };
  } catch (error) {
    return { stage, atMs: row.atMs, fault: (error as Error).message };
  }
}

function factsOf(model: StageModel): ModelFacts {
  const time = siteTimeOf(model.zone);
  return {
    tags: model.tags.map((tag) => tag.id),
    trainedOn: `${model.trainedOn.rowCount} windows from ${time.day(model.trainedOn.fromMs)} to ${time.day(model.trainedOn.toMs)}; ${model.trainedOn.split}`,
    hysteresis: model.hysteresis,
  };
}
