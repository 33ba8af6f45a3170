/**
 * Works off the training queue, one job at a time: history in, signed model out. What comes out is a
 * challenger; it becomes champion, and travels down, only when it passes its check.
 */
import type { TrainingRunView } from "@weir/contracts/api/cloud.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { ModelRecord, ModelRegistry } from "../model-registry/model-registry.ts";
import { type PreparedTask, type PrepareOptions, prepareTask } from "./prepare-task.ts";
import { promotionFault } from "./promotion.ts";
import type { TrainingBook, TrainingRequest } from "./training-book.ts";
import type { Trained, TrainingRunner } from "./training-task.ts";

export interface Trainer {
  start(): void;
  /** @throws Fault CLOUD_TRAINING_QUEUE_FULL */
  queue(request: TrainingRequest): TrainingRunView;
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface TrainerOptions {
  book: TrainingBook;
  prepare: PrepareOptions;
  registry: ModelRegistry;
  runner: TrainingRunner;
  plant: Clock;
  logger: Logger;
  onRun: (run: TrainingRunView) => void;
  onPublished: (model: ModelRecord) => void;
}

export function createTrainer(options: TrainerOptions): Trainer {
  const { book, registry, runner, plant, logger } = options;
  const stopping = new AbortController();
  let work: Promise<void> = Promise.resolve();
  let isWorking = false;
  let isStarted = false;

  const note = (id: string, change: Partial<TrainingRunView>) => {
    const run = book.update(id, change);
    options.onRun(run);
    return run;
  };

  const runJob = async (run: TrainingRunView) => {
    options.onRun(run);
    try {
      const prepared = await prepareTask(run, options.prepare);
      note(run.id, { trainedOn: prepared.trainedOn, windows: prepared.windows });
      const trained = await runner.run(prepared.task, {
        signal: stopping.signal,
        onProgress: ({ share, ...progress }) => note(run.id, { ...progress, progress: share }),
      });
      const model = settle(run, { prepared, trained });
      logger.info("model trained", { model: `${model.name}@${model.version}`, state: model.state });
    } catch (error) {
      if (stopping.signal.aborted) return; // still "running" in the book: the next start takes it up again
      const text = error instanceof Error ? error.message : String(error);
      logger.warn("training failed", { stage: run.stage, kind: run.kind, error: text });
      note(run.id, { state: "failed", error: text, finishedAtMs: plant.nowMs() });
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

  const workOff = async () => {
    for (;;) {
      const run = stopping.signal.aborted ? undefined : book.take();
      if (!run) break;
      await runJob(run);
    }
    isWorking = false;
  };
  const wake = () => {
    if (isWorking || !isStarted) return;
    isWorking = true;
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
      wake();
      return run;
    },
    async idle() {
      while (isWorking) await work;
    },
    async stop() {
      stopping.abort();
      await work;
    },
  };
}
