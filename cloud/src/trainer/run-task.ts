/** Carries out one training task: the only place that knows which algorithm trains what. */
import { stageModelToOnnx } from "@weir/detectors/stage-model-onnx.ts";
import { trainStageModel } from "@weir/detectors/stage-training.ts";
import { seeded } from "@weir/runtime/random.ts";
import { trainAutoencoderTask } from "./autoencoder-task.ts";
import { learnEdgeThresholds } from "./edge-thresholds.ts";
import type {
  ForestTask,
  ThresholdsTask,
  Trained,
  TrainingProgress,
  TrainingTask,
} from "./training-task.ts";

export async function runTask(
  task: TrainingTask,
  onProgress: (progress: TrainingProgress) => void,
): Promise<Trained> {
  switch (task.kind) {
    case "autoencoder":
      return trainAutoencoderTask(task, onProgress);
    case "forest":
      return trainForestTask(task);
    case "thresholds":
      return learnThresholdsTask(task);
  }
}

function trainForestTask(task: ForestTask): Trained {
  const model = trainStageModel(
    task.minutes,
    { stage: task.stage, zone: task.zone, hours: task.hours },
    seeded(task.seed, `forest/${task.stage}`),
  );
  return {
    payload: stageModelToOnnx(model),
    mediaType: "application/onnx",
    threshold: 1,
    sampleCount: task.minutes.rowCount,
    backend: "isolation forest and distance, typed arrays",
    samplesPerSecond: null,
    loss: [],
    validationLoss: [],
    metrics: {
      features: model.features.length,
      trees: model.forest.treeCount,
      distanceLine: model.distanceLine,
      scoreLine: model.scoreLine,
    },
    words: model.trainedOn.split,
  };
}

function learnThresholdsTask(task: ThresholdsTask): Trained {
  const learned = learnEdgeThresholds(task.tags);
  return {
    payload: new TextEncoder().encode(JSON.stringify(learned)),
    mediaType: "application/json",
    threshold: null,
    sampleCount: Math.max(0, ...task.tags.map((tag) => tag.sd.length)),
    backend: "quantiles",
    samplesPerSecond: null,
    loss: [],
    validationLoss: [],
    metrics: { tags: Object.keys(learned.tags).length },
    words: "",
  };
}
