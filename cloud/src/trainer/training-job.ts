/** One training from the queue: its history is prepared, its model trained and settled, its run kept up. */
import type { TrainingRunView } from "@weir/contracts/api/cloud.ts";
import { CloudFault } from "../faults.ts";
import type { LearnerState } from "./learner-state.ts";
import { prepareTask } from "./prepare-task.ts";
import { settleTraining } from "./settle-training.ts";
import type { TrainerOptions } from "./trainer.ts";
import type { TrainingPace } from "./training-pace.ts";

export interface JobSurroundings extends TrainerOptions {
  learner: LearnerState;
  pace: TrainingPace;
  /** Aborted when the trainer stops. */
  signal: AbortSignal;
}

/** Never rejects for a training that fails; a run that is stopped stays "running", and the next start takes it up. */
export async function runTrainingJob(run: TrainingRunView, around: JobSurroundings): Promise<void> {
  const { book, registry, runner, plant, logger, learner, pace, signal } = around;
  const note = (id: string, change: Partial<TrainingRunView>) =>
    around.onRun(book.update(id, change));
  learner.say("working", `${run.kind} of ${run.stage}, ${run.site}`);
  around.onRun(run);
  pace.begin(run.kind);
  try {
    const prepared = await prepareTask(run, around.prepare);
    note(run.id, { trainedOn: prepared.trainedOn, windows: prepared.windows });
    const trained = await runner.run(prepared.task, {
      signal,
      onProgress: ({ share, ...progress }) => {
        pace.reached(share);
        note(run.id, { ...progress, progress: share });
      },
    });
    const settled = settleTraining(run, { prepared, trained }, { registry, nowMs: plant.nowMs() });
    const { model } = settled;
    note(run.id, settled.change);
    if (settled.isPublished) around.onPublished(model);
    pace.end();
    logger.info("model trained", { model: `${model.name}@${model.version}`, state: model.state });
  } catch (error) {
    if (signal.aborted) return;
    const text = error instanceof Error ? error.message : String(error);
    logger.warn("training failed", { stage: run.stage, kind: run.kind, error: text });
    note(run.id, { state: "failed", error: text, finishedAtMs: plant.nowMs() });
    // The worker is gone; the next job starts another.
    if (CloudFault.is(error, "CLOUD_TRAINING_STOPPED"))
      learner.say("stopped", `${run.stage}: ${text}`);
  }
}
