/** Trains in the calling thread: for tests and for `weir-cloud train`. */
import { CloudFault } from "../faults.ts";
import { runTask } from "./run-task.ts";
import type { TrainingRunner } from "./training-task.ts";

export const inlineRunner: TrainingRunner = {
  async run(task, { onProgress, signal }) {
    if (signal.aborted)
      throw new CloudFault("CLOUD_TRAINING_STOPPED", { why: "the process stops" });
    return runTask(task, onProgress);
  },
};
