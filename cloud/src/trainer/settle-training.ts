/** What a finished training becomes: a registered model, published at once where it passes its check. */
import type { TrainingRunView } from "@weir/contracts/api/cloud.ts";
import type { ModelRecord, ModelRegistry } from "../model-registry/model-registry.ts";
import type { PreparedTask } from "./prepare-task.ts";
import { promotionFault } from "./promotion.ts";
import type { Trained } from "./training-task.ts";

export interface SettledTraining {
  model: ModelRecord;
  isPublished: boolean;
  /** What the run says from now on. */
  change: Partial<TrainingRunView>;
}

/** `nowMs`: plant time. What does not pass stays a challenger, and the run says why. */
export function settleTraining(
  run: TrainingRunView,
  result: { prepared: PreparedTask; trained: Trained },
  { registry, nowMs }: { registry: ModelRegistry; nowMs: number },
): SettledTraining {
  const { prepared, trained } = result;
  const { name, target } = prepared;
  const champion = registry.champion(run.site, name);
  const trainedOn = [prepared.trainedOn, trained.words].filter((text) => text !== "").join("; ");
  const model = registry.register({
    ...{ kind: run.kind, site: run.site, stage: run.stage, name, target, trainedOn },
    payload: trained.payload,
    mediaType: trained.mediaType,
    metrics: trained.metrics,
  });
  const fault = promotionFault(model, champion);
  return {
    model: fault === undefined ? registry.publish(model) : model,
    isPublished: fault === undefined,
    change: {
      state: "done",
      progress: 1,
      finishedAtMs: nowMs,
      loss: trained.loss,
      validationLoss: trained.validationLoss,
      threshold: trained.threshold,
      backend: trained.backend,
      samplesPerSecond: trained.samplesPerSecond,
      model: `${model.name}@${model.version}`,
      trainedOn,
      error: fault === undefined ? null : `kept as challenger: ${fault}`,
    },
  };
}
