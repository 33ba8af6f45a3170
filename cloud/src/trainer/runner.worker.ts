/** One worker thread a job, so that neither the door nor the console waits for training. */
import { Worker } from "node:worker_threads";
import { CloudFault } from "../faults.ts";
import type { TrainingRunner } from "./training-task.ts";
import type { TrainingMessage } from "./training-worker.ts";

/** Heap of one worker, MB: a year of hourly history of the largest stage with room to spare. */
const heapMbMax = 1_024;

export const workerRunner: TrainingRunner = {
  run(task, { onProgress, signal }) {
    return new Promise((resolve, reject) => {
      const stopped = (why: string) => reject(new CloudFault("CLOUD_TRAINING_STOPPED", { why }));
      if (signal.aborted) return stopped("the process stops");
      const worker = new Worker(new URL("./training-worker.ts", import.meta.url), {
        workerData: task,
        resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
      });
      const onAbort = () => {
        stopped("the process stops");
        void worker.terminate();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      worker.on("message", (message: TrainingMessage) => {
        if (message.kind === "progress") onProgress(message.progress);
        else if (message.kind === "failed") stopped(message.why);
        else resolve(message.trained);
      });
      worker.on("error", (error) =>
        stopped(error instanceof Error ? error.message : String(error)),
      );
      worker.on("exit", (code) => {
        signal.removeEventListener("abort", onAbort);
        stopped(`the worker ended with code ${code}`); // of no effect when it has answered
      });
    });
  },
};
