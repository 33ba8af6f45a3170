/** Starts the control thread from the main thread. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { plantClock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { LearnedFile } from "../detection/learned-file.ts";
import type { Notice, Order, Problem } from "../hand-over.ts";
import { passLog } from "../thread-log.ts";
import { learnedFileName } from "./control-files.ts";
import type { ControlThreadData, StoppedMessage } from "./control-thread.ts";

export interface SpawnedControl {
  order(order: Order): void;
  /** Stops polling, hands over the last readings, ends the thread. */
  stop(): Promise<void>;
}

export interface SpawnControlOptions extends ControlThreadData {
  onNotice: (notice: Notice) => void;
  /** The thread ended without being asked to: the process must end too, so that it is started again. */
  onDeath: (reason: string) => void;
  logger?: Logger;
  /** Takes the thread's log; it goes to stderr without. */
  onLog?: (line: string) => void;
}

export function spawnControl(options: SpawnControlOptions): SpawnedControl {
  const { onNotice, onDeath, logger, onLog, ...workerData } = options;
  const clock = plantClock(options.clockSpec);
  let trouble: Problem | undefined;
  // Written on this thread: neither control nor uplink waits for it.
  const learned = new LearnedFile({
    path: join(options.dataDir, learnedFileName),
    onTrouble: (reason) => {
      trouble = reason === undefined ? undefined : unstored(reason, clock.nowMs());
      if (reason === undefined) logger?.info("what detection has learned can be stored again");
      else logger?.warn("what detection has learned cannot be stored", { reason });
    },
  });
  const entry = new URL("./control-thread.ts", import.meta.url);
  // Flags of the process (--input-type, --cpu-prof) are not the thread's.
  const worker = new Worker(entry, { workerData, execArgv: [], stderr: onLog !== undefined });
  if (onLog) passLog(worker, onLog);
  let isStopping = false;
  let reason = "";
  const ended = new Promise<void>((resolve) => {
    worker.on("exit", (code) => {
      resolve();
      if (!isStopping) onDeath(reason || `the control thread ended with code ${code}`);
    });
  });
  worker.on("error", (error) => {
    reason = `the control thread failed: ${(error as Error).message}`;
  });
  worker.on("message", (message: Notice | StoppedMessage) => {
    if (message.kind === "learned") learned.save(message.bytes);
    else if (message.kind !== "stopped") {
      if (message.kind === "status" && trouble) message.status.troubles.push(trouble);
      onNotice(message);
    }
  });
  return {
    order: (order) => worker.postMessage(order),
    stop: async () => {
      isStopping = true;
      worker.postMessage({ kind: "stop" } satisfies Order);
      await ended;
      await learned.settled();
    },
  };
}

const unstored = (reason: string, sinceMs: number): Problem => ({
  code: "learned-not-stored",
  severity: "warning",
  subject: "detection",
  text: `what detection has learned cannot be stored, a restart would learn it anew: ${reason}`,
  sinceMs,
});
