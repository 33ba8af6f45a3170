/** What the cloud does by itself: it follows the log, trains, scores, judges. */
import { join } from "node:path";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { LiveKind } from "./api/live-feed.ts";
import type { CloudStores } from "./cloud-stores.ts";
import { createEvaluator, type Evaluator } from "./evaluation/evaluator.ts";
import { loadOnnxScorer } from "./evaluation/stage-scorer.onnxruntime.ts";
import type { LoadScorer } from "./evaluation/stage-scorer.ts";
import { fleetGroup } from "./fleet/fleet-book.ts";
import { createHistorian, type Historian } from "./historian/historian.ts";
import { type Consumer, createConsumer } from "./log/consumer.ts";
import { createDegradationWatch } from "./tickets/degradation-watch.ts";
import { stageKinds } from "./trainer/learning-plan.ts";
import {
  createLearningPlanner,
  type LearningPlanner,
  type PlanSettings,
} from "./trainer/learning-planner.ts";
import { workerRunner } from "./trainer/runner.worker.ts";
import {
  createTrainer,
  plannedRank,
  type Trainer,
  type TrainerOptions,
} from "./trainer/trainer.ts";
import type { TrainingRunner } from "./trainer/training-task.ts";

export interface CloudLearning {
  historian: Historian;
  evaluator: Evaluator;
  trainer: Trainer;
  planner: LearningPlanner;
  fleetConsumer: Consumer;
  /** What may teach a stage has changed: what was learned of it is learned anew, where learning goes by itself. */
  learnAgain(site: string, stage: string): void;
}

export interface LearningOptions {
  dataDir: string;
  plant: Clock;
  /** Real time. */
  io: Clock;
  logger: Logger;
  training: PlanSettings & { epochCount: number; seed: number };
  runner: TrainingRunner | undefined;
  loadScorer: LoadScorer | undefined;
  touch: (kind: LiveKind) => void;
  report: (event: string, fields: Record<string, unknown>, text?: string) => void;
  /** A site has announced its tags: perhaps something can be trained now. */
  onTags: () => void;
}

export function connectLearning(stores: CloudStores, options: LearningOptions): CloudLearning {
  const { log, databases, registry, health, fleet, desk, files } = stores;
  const { logger, touch } = options;
  const historian: Historian = createHistorian({
    ...{ log, files, logger },
    db: databases.history,
    folder: join(options.dataDir, "history"),
    modelOf: fleet.model,
    onHour: (site, hourStartMs) => evaluator.hourClosed(site, hourStartMs),
    onTags: options.onTags,
  });
  const evaluator: Evaluator = createEvaluator({
    ...{ historian, registry, health, logger },
    loadScorer: options.loadScorer ?? loadOnnxScorer,
    onScored: createDegradationWatch({ historian, health, fleet, desk }),
  });
  const fleetConsumer = createConsumer({
    ...{ group: fleetGroup, log, db: databases.cloud, logger, apply: fleet.apply },
    onApplied: (records) => {
      const kinds = new Set(records.map(({ kind }) => kind));
      if (kinds.has("artifact") || kinds.has("event")) touch("models");
      for (const { kind, source } of records) {
        if (kind === "siteModel") evaluator.judgeAgain(source);
      }
    },
  });
  const planner = createLearningPlanner({
    ...{ historian, fleet, registry, plant: options.plant, settings: options.training },
    book: stores.trainings,
  });
  const parts = { historian, evaluator, planner };
  const trainer = createTrainer(trainerOptions(stores, { ...options, ...parts }));
  const learnAgain = (site: string, stage: string): void => {
    if (!options.training.automatic) return;
    for (const kind of stageKinds) {
      if (registry.champion(site, `${kind}/${stage}`) === undefined) continue;
      try {
        trainer.queue({ site, stage, kind, rank: plannedRank });
      } catch (error) {
        logger.warn("a model is not learned anew yet", {
          site,
          stage,
          why: (error as Error).message,
        });
      }
    }
  };
  return { ...parts, trainer, fleetConsumer, learnAgain };
}

function trainerOptions(
  { registry, trainings, fleet, desk }: CloudStores,
  options: LearningOptions & {
    historian: Historian;
    evaluator: Evaluator;
    planner: LearningPlanner;
  },
): TrainerOptions {
  const { historian, evaluator, planner, plant, io, logger, training, touch, report } = options;
  /** Times that must not teach: labelled as abnormal, or under an open ticket. */
  const excluded = (site: string, stage: string) => [
    ...fleet.labels(site, stage).filter(({ rating }) => rating === "ANOMALY"),
    ...desk
      .ofStage(site, stage)
      .map(({ firstSeenMs }) => ({ fromMs: firstSeenMs, toMs: plant.nowMs() })),
  ];
  const upstream = (site: string, stage: string) =>
    fleet.model(site)?.stages.find(({ id }) => id === stage)?.upstream ?? [];
  return {
    ...{ book: trainings, registry, plant, io, logger },
    plan: { next: planner.next, isAutomatic: training.automatic },
    runner: options.runner ?? workerRunner,
    prepare: {
      ...{ historian, excluded, upstream, zone: fleet.zone },
      seed: training.seed,
      epochCount: training.epochCount,
    },
    onRun: (run) => {
      touch("training");
      const { id, site, stage, kind, state, progress, model, error } = run;
      const isOver = state === "done" || state === "failed";
      const text = isOver ? `training ${kind}/${stage}: ${state}` : undefined;
      report("training", { id, site, stage, kind, state, progress, model, error }, text);
    },
    onPublished: (model) => {
      touch("models");
      const { site, name, version, kind, stage, target } = model;
      const text = `model ${name}@${version} published for ${target}`;
      report("model", { site, name, version, kind, stage, target }, text);
      evaluator.championChanged(model);
    },
  };
}
