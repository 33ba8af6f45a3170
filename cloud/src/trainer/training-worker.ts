/** Entry of the training worker thread: one task in, progress and one answer out. */
import assert from "node:assert";
import { parentPort, workerData } from "node:worker_threads";
import { giveWay } from "@weir/runtime/background-priority.ts";
import { runTask } from "./run-task.ts";
import type { Trained, TrainingProgress, TrainingTask } from "./training-task.ts";

export type TrainingMessage =
  | { kind: "progress"; progress: TrainingProgress }
  | { kind: "done"; trained: Trained }
  | { kind: "failed"; why: string };

// The door, the consumers and the console share the machine.
giveWay({ isWholeProcess: false });
const port = parentPort;
assert(port, "training-worker.ts is started as a worker thread");
const post = (message: TrainingMessage) => port.postMessage(message);

runTask(workerData as TrainingTask, (progress) => post({ kind: "progress", progress })).then(
  (trained) => post({ kind: "done", trained }),
  (error: unknown) =>
    post({ kind: "failed", why: error instanceof Error ? error.message : String(error) }),
);
