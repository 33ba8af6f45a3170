/**
 * Works off the training queue, one job at a time: history in, signed model out. What comes out is a
 * challenger; it becomes champion, and travels down, only when it passes its check. When nothing waits
 * in the queue it takes what the plan asks for, which is looked up anew for each.
 */
import type { TrainingRunView } from "@weir/contracts/api/cloud.ts";
import type { LearnerView } from "@weir/contracts/api/learning.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import { isFault } from "@weir/runtime/fault.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { ModelRecord, ModelRegistry } from "../model-registry/model-registry.ts";
import type { TrainerProgress } from "./learning-planner.ts";
import { type PreparedTask, type PrepareOptions, prepareTask } from "./prepare-task.ts";
import { promotionFault } from "./promotion.ts";
import type { TrainingBook, TrainingRequest } from "./training-book.ts";
import { createTrainingPace } from "./training-pace.ts";
import type { Trained, TrainingRunner } from "./training-task.ts";

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
const plannedRank = 1;
/** After an error of the trainer itself (a full disk, a lost store) it begins again, real milliseconds later. */
const restartMs = 30_000;

export function createTrainer(options: TrainerOptions): Trainer {
  const { book, registry, runner, plan, plant, io, logger } = options;
  const stopping = new AbortController();
  const pace = createTrainingPace(io);
  let work: Promise<void> = Promise.resolve();
  let isWorking = false;
  let isStarted = false;
  /** The plan was asked to look again while a job ran or was being looked for. */
  let isAskedAgain = false;
  let stopRestart: Cancel = () => {};
  let learner: LearnerView = {
    state: plan.isAutomatic ? "idle" : "off",
    sinceMs: plant.nowMs(),
    reason: plan.isAutomatic ? "nothing to learn yet" : "training.automatic is false",
  };

  const say = (state: LearnerView["state"], reason: string) => {
    if (learner.state === state && learner.reason === reason) return;
    const sinceMs = learner.state === state ? learner.sinceMs : plant.nowMs();
    learner = { state, sinceMs, reason };
  };
  const note = (id: string, change: Partial<TrainingRunView>) => {
    const run = book.update(id, change);
    options.onRun(run);
    return run;
  };

  const runJob = async (run: TrainingRunView) => {
    say("working", `${run.kind} of ${run.stage}, ${run.site}`);
    options.onRun(run);
    pace.begin(run.kind);
    try {
      const prepared = await prepareTask(run, options.prepare);
      note(run.id, { trainedOn: prepared.trainedOn, windows: prepared.windows });
      const trained = await runner.run(prepared.task, {
        signal: stopping.signal,
        onProgress: ({ share, ...progress }) => {
          pace.reached(share);
          note(run.id, { ...progress, progress: share });
        },
      });
      const model = settle(run, { prepared, trained });
      pace.end();
      logger.info("model trained", { model: `${model.name}@${model.version}`, state: model.state });
    } catch (error) {
      if (stopping.signal.aborted) return; // still "running" in the book: the next start takes it up again
      const text = error instanceof Error ? error.message : String(error);
      logger.warn("training failed", { stage: run.stage, kind: run.kind, error: text });
      note(run.id, { state: "failed", error: text, finishedAtMs: plant.nowMs() });
      // The worker is gone; the next job starts another.
      if (isFault(error, "CLOUD_TRAINING_STOPPED")) say("stopped", `${run.stage}: ${text}`);
    }
  };

  const settle = (
    run: TrainingRunView,
    { prepared, trained }: { prepared: PreparedTask; trained: Trained },
  ): ModelRecord => {
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
    const published = fault === undefined ? registry.publish(model) : model;
    note(run.id, {
      state: "done",
      progress: 1,
      finishedAtMs: plant.nowMs(),
      loss: trained.loss,
      validationLoss: trained.validationLoss,
      threshold: trained.threshold,
      backend: trained.backend,
      samplesPerSecond: trained.samplesPerSecond,
      model: `${model.name}@${model.version}`,
      trainedOn,
      error: fault === undefined ? null : `kept as challenger: ${fault}`,
    });
    if (fault === undefined) options.onPublished(published);
    return published;
  };

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
        await runJob(run);
      }
      if (learner.state === "working") say("idle", "everything that can be learned now is learned");
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!stopping.signal.aborted) {
        logger.error("the trainer stopped; it begins again", { why, inMs: restartMs });
        say("stopped", why);
        stopRestart = io.after(restartMs, wake);
      }
    }
    isWorking = false;
    // Asked between the last look at the plan and now.
    if (isAskedAgain && learner.state !== "stopped") wake();
  };
  const wake = () => {
    if (isWorking || !isStarted || stopping.signal.aborted) return;
    isWorking = true;
    stopRestart();
    work = workOff();
  };

  return {
    start() {
      isStarted = true;
      wake();
    },
    queue(request) {
      const run = book.queue(request);
      options.onRun(run);
      isAskedAgain = true;
      wake();
      return run;
    },
    lookAgain() {
      isAskedAgain = true;
      wake();
    },
    progress: () => ({ learner, leftMs: pace.leftMs() }),
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
