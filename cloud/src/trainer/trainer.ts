/**
 * Works off the training queue, one job at a time: history in, signed model out. What comes out is a
 * challenger; it becomes champion, and travels down, only when it passes its check. When nothing waits
 * in the queue it takes what the plan asks for, which is looked up anew for each.
 */
import type { TrainingRunView } from "@weir/contracts/api/cloud.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { ModelRecord, ModelRegistry } from "../model-registry/model-registry.ts";
import { createLearnerState } from "./learner-state.ts";
import type { TrainerProgress } from "./learning-planner.ts";
import type { PrepareOptions } from "./prepare-task.ts";
import type { TrainingBook, TrainingRequest } from "./training-book.ts";
import { runTrainingJob } from "./training-job.ts";
import { createTrainingPace } from "./training-pace.ts";
import type { TrainingRunner } from "./training-task.ts";

export interface Trainer {
  start(): void;
  /** @throws Fault CLOUD_TRAINING_QUEUE_FULL */
  queue(request: TrainingRequest): TrainingRunView;
  /** Something new may be learned now: the plan is asked again. */
  lookAgain(): void;
  progress(): TrainerProgress;
  /** Resolves when nothing waits, runs or can be learned. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface TrainerOptions {
  book: TrainingBook;
  prepare: PrepareOptions;
  registry: ModelRegistry;
  runner: TrainingRunner;
  /** What to train when nobody asks for anything. */
  plan: { next(): Promise<TrainingRequest | undefined>; isAutomatic: boolean };
  plant: Clock;
  /** Real time. */
  io: Clock;
  logger: Logger;
  onRun: (run: TrainingRunView) => void;
  onPublished: (model: ModelRecord) => void;
}

/** After what a person asks for. */
export const plannedRank = 1;
/** After an error of the trainer itself (a full disk, a lost store) it begins again, real milliseconds later. */
const restartMs = 30_000;

export function createTrainer(options: TrainerOptions): Trainer {
  const { book, plan, io, logger } = options;
  const stopping = new AbortController();
  const pace = createTrainingPace(io);
  const learner = createLearnerState(options.plant, plan.isAutomatic);
  let work: Promise<void> = Promise.resolve();
  let isWorking = false;
  let isStarted = false;
  /** The plan was asked to look again while a job ran or was being looked for. */
  let isAskedAgain = false;
  let stopRestart: Cancel = () => {};

  const takeNext = async (): Promise<TrainingRunView | undefined> => {
    const asked = book.take();
    if (asked) return asked;
    do {
      isAskedAgain = false;
      const planned = await plan.next();
      if (stopping.signal.aborted) return undefined;
      if (planned) book.queue({ ...planned, rank: plannedRank });
    } while (isAskedAgain);
    return book.take();
  };
  const workOff = async () => {
    try {
      while (!stopping.signal.aborted) {
        const run = await takeNext();
        if (!run) break;
        await runTrainingJob(run, { ...options, learner, pace, signal: stopping.signal });
      }
      if (learner.view().state === "working")
        learner.say("idle", "everything that can be learned now is learned");
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!stopping.signal.aborted) {
        logger.error("the trainer stopped; it begins again", { why, inMs: restartMs });
        learner.say("stopped", why);
        stopRestart = io.after(restartMs, wake);
      }
    }
    isWorking = false;
    // Asked between the last look at the plan and now.
    if (isAskedAgain && learner.view().state !== "stopped") wake();
  };
  const wake = () => {
    if (isWorking || !isStarted || stopping.signal.aborted) return;
    isWorking = true;
    stopRestart();
    work = workOff();
  };
  const lookAgain = () => {
    isAskedAgain = true;
    wake();
  };

  return {
    start() {
      isStarted = true;
      wake();
    },
    queue(request) {
      const run = book.queue(request);
      options.onRun(run);
      lookAgain();
      return run;
    },
    lookAgain,
    progress: () => ({ learner: learner.view(), leftMs: pace.leftMs() }),
    async idle() {
      while (isWorking) await work;
    },
    async stop() {
      stopping.abort();
      stopRestart();
      await work;
    },
  };
}
