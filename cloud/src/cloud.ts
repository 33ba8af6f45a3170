/**
 * The cloud tier in one process: parts built over their ports and connected; no logic of its own.
 * `main.ts` gives it real sockets and clocks, hil-tests a simulated clock and an in-process door.
 */
import type { CloudLiveMessage, FleetView } from "@weir/contracts/api/cloud.ts";
import type { TierHealth } from "@weir/contracts/api/health.ts";
import { Backups } from "@weir/runtime/backups.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";
import { HealthMonitor } from "@weir/runtime/health-monitor.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Metrics } from "@weir/runtime/metrics.ts";
import type { WebServer } from "@weir/runtime/web/server.ts";
import { addCloudRoutes } from "./api/cloud-api.ts";
import { createLiveFeed, type LiveKind } from "./api/live-feed.ts";
import { type CloudLearning, connectLearning, type LearningOptions } from "./cloud-learning.ts";
import { type CloudStores, openStores } from "./cloud-stores.ts";
import type { LoadScorer } from "./evaluation/stage-scorer.ts";
import { fleetGroup } from "./fleet/fleet-book.ts";
import { fleetView } from "./fleet/fleet-view.ts";
import { createPresence, type Presence } from "./fleet/presence.ts";
import { createRateMeter } from "./fleet/rate-meter.ts";
import { cloudProblems, freeBytesOf } from "./health/cloud-problems.ts";
import { monitorLog } from "./health/monitored-log.ts";
import { historianGroup } from "./historian/historian.ts";
import { type CloudDoorHandler, createCloudDoor, type IngestCounts } from "./ingest/cloud-door.ts";
import { hourMs, logRetentionMs } from "./limits.ts";
import type { TicketSink } from "./tickets/sinks/ticket-sink.ts";
import type { TrainingRunner } from "./trainer/training-task.ts";

export { cloudVersion } from "./cloud-version.ts";

export interface CloudOptions {
  /** Exists and belongs to this process. */
  dataDir: string;
  /** Calendar of history, models and tickets. */
  plant: Clock;
  /** Deadlines, long polls, the console; also what certificates are dated by. */
  io: Clock;
  logger: Logger;
  training: LearningOptions["training"];
  /** A worker thread a job unless given. */
  runner?: TrainingRunner;
  /** onnxruntime unless given. */
  loadScorer?: LoadScorer;
  /** Who is told about tickets. */
  sinks?: readonly TicketSink[];
  /** Where its problems are shown as well. */
  metrics?: Metrics;
  /** Free bytes on the disk of the data folder; what the system says unless given. */
  freeBytes?: () => number | undefined;
  /** A demonstration started it: the console offers what exists for it alone. */
  isDemo?: boolean;
  /** A JSON line of `run --json`: ticket, model, training. */
  report?: LearningOptions["report"];
}

export interface Cloud
  extends Omit<CloudStores, "databases" | "files" | "close">,
    Pick<CloudLearning, "historian" | "trainer" | "planner" | "evaluator"> {
  readonly isDemo: boolean;
  /** What is wrong with it and its sites, since when. */
  readonly problems: HealthMonitor;
  /** The door as functions: for a fog in the same process. */
  readonly door: CloudDoorHandler;
  fleetView(): FleetView;
  /** Adds the console's API to a web server. */
  addRoutes(server: WebServer): void;
  /** Follows the log, trains, scores. */
  start(): void;
  /** Reads Parquet exports; trains what has no model yet. @throws Fault CLOUD_PARQUET_READ */
  importFiles(site: string, files: readonly string[]): Promise<{ rowCount: number; days: number }>;
  /**
   * Resolves when everything pushed so far is consumed, scored and judged; training is waited for
   * only when asked.
   */
  settled(options?: { training: boolean }): Promise<void>;
  close(): Promise<void>;
  /** Stops as a power cut does: what is not committed is gone. For simulations that restart the tier. */
  kill(): void;
}

/** How often the cloud looks how it is, real time. */
const lookMs = 5_000;
/** Plant time between two rounds of sealing, retention and looking for stages without a model. */
const roundMs = hourMs;

export async function createCloud(options: CloudOptions): Promise<Cloud> {
  const { dataDir, plant, io, logger, report = () => {}, training } = options;
  const live = createLiveFeed(io, plant);
  const touch = live.touch;
  const stores = await openStores({
    ...{ dataDir, plant, io, touch, report, logger },
    sinks: options.sinks ?? [],
    onTeachingChanged: (site, stage) => learning.learnAgain(site, stage),
  });
  const { log, registry, trainings, desk, health, fleet, downlink, audit } = stores;
  const stopping = new AbortController();
  const learning = connectLearning(stores, {
    ...{ dataDir, plant, io, logger, training, touch, report },
    runner: options.runner,
    loadScorer: options.loadScorer,
    onTags: () => learning.trainer.lookAgain(),
  });
  const { historian, trainer, planner, evaluator, fleetConsumer } = learning;
  const presence = createPresence({ io, plant, revocationOf: stores.authority.revocationOf });
  const monitored = monitorLog(log, plant);
  const { handler: door, counts } = createCloudDoor({
    ...{
      log: monitored.log,
      downlink,
      plant,
      io,
      stopping: stopping.signal,
      onSeen: presence.seen,
    },
    integrity: stores.integrity,
  });
  const readFleet: () => FleetView = fleetReader({
    ...{ stores, learning, presence, counts, io },
    health: () => problems.look(),
  });
  live.readFrom((kind) => liveMessage(kind, stores, readFleet));
  const rounds = maintenance({ stores, learning, plant, logger });
  const { metrics } = options;
  const problems = new HealthMonitor({ tier: "cloud", clock: plant, ioClock: io, logger, metrics });
  problems.add(() => stores.integrity.problems());
  problems.add(
    cloudProblems({
      ...{ dataDir, trainer, trainings, fleet, presence, io },
      freeBytes: options.freeBytes ?? (() => freeBytesOf(dataDir)),
      refusing: monitored.refusing,
      consumers: { historian: historian.consumer, fleet: fleetConsumer },
      ...{ dispatcher: stores.dispatcher, authority: stores.authority },
      maintenanceFault: rounds.fault,
    }),
  );
  const stopLooking = every(io, lookMs, () => {
    problems.look();
    for (const consumer of [historian.consumer, fleetConsumer]) consumer.retry();
  });
  const thread = new URL("./backup-thread.ts", import.meta.url);
  const backups = new Backups({ dataDir, ioClock: io, audit, logger, thread });
  const { databases, files, close: closeStores, ...kept } = stores;

  return {
    ...kept,
    ...{ door, historian, trainer, planner, evaluator, fleetView: readFleet },
    isDemo: options.isDemo ?? false,
    problems,
    addRoutes: (server) =>
      addCloudRoutes(server, {
        ...{ historian, health, registry, trainer, planner, desk, live, audit },
        ...{ fleet: readFleet, book: trainings, sites: fleet.sites },
        isDemo: options.isDemo ?? false,
        tierHealth: () => problems.look(),
        backups,
      }),
    start() {
      historian.consumer.start();
      fleetConsumer.start();
      for (const site of historian.tags.sites()) fleet.meet(site);
      trainer.start();
      rounds.start();
      stores.dispatcher.start();
    },
    async importFiles(site, list) {
      const imported = await historian.importFiles(site, list);
      fleet.meet(site);
      trainer.lookAgain();
      return imported;
    },
    async settled({ training: alsoTraining } = { training: false }) {
      await Promise.all([historian.consumer.drain(), fleetConsumer.drain()]);
      await rounds.settled();
      if (alsoTraining) await trainer.idle();
      await evaluator.idle();
    },
    async close() {
      stopLooking();
      stopping.abort();
      live.stop();
      await rounds.stop();
      await trainer.stop();
      await Promise.all([historian.consumer.stop(), fleetConsumer.stop()]);
      await evaluator.stop();
      closeStores();
    },
    kill() {
      stopLooking();
      stopping.abort();
      live.stop();
      const parts = [rounds, trainer, historian.consumer, fleetConsumer, evaluator];
      // What is under way finds the databases closed; only DuckDB must not go while a query runs.
      void Promise.allSettled(parts.map((part) => part.stop())).then(() => files.close());
      for (const database of Object.values(databases)) database.close();
    },
  };
}

function fleetReader(parts: {
  stores: CloudStores;
  learning: CloudLearning;
  presence: Presence;
  counts: IngestCounts;
  io: Clock;
  health: () => TierHealth;
}): () => FleetView {
  const { stores, learning, presence, counts, io, health: healthNow } = parts;
  const { fleet, health, log, desk, trainings } = stores;
  const { historian, planner, trainer } = learning;
  const itemRate = createRateMeter(io);
  const byteRate = createRateMeter(io);
  return () =>
    fleetView({
      ...{ fleet, health, historian, presence },
      ingest: () => ({
        itemsPerSecond: itemRate.rate(counts.itemCount),
        bytesPerSecond: byteRate.rate(counts.bytes),
        logItems: log.size().itemCount,
        historyBytes: historian.bytes(),
      }),
      openTickets: desk.openCount,
      tierHealth: healthNow,
      trainingQueue: trainings.waitingCount,
      learning: (site) => planner.summary(site, trainer.progress()),
    });
}

function liveMessage(
  kind: LiveKind,
  { trainings, registry, desk }: CloudStores,
  readFleet: () => FleetView,
): CloudLiveMessage {
  switch (kind) {
    case "fleet":
      return { kind, fleet: readFleet() };
    case "training":
      return { kind, runs: trainings.list() };
    case "models":
      return { kind, models: registry.list() };
    case "tickets":
      return { kind, tickets: desk.list("all") };
  }
}

/** Seals days, trims the log, looks for what can be trained: every plant hour, never two at once. */
function maintenance(parts: {
  stores: CloudStores;
  learning: CloudLearning;
  plant: Clock;
  logger: Logger;
}) {
  const { stores, learning, plant, logger } = parts;
  let isStopped = false;
  let stopTimer: Cancel = () => {};
  let round: Promise<void> = Promise.resolve();
  let fault: string | undefined;
  const runOnce = async () => {
    if (isStopped) return;
    try {
      await learning.historian.seal(plant.nowMs());
      await stores.log.retain(plant.nowMs() - logRetentionMs, [historianGroup, fleetGroup]);
      learning.trainer.lookAgain();
      fault = undefined;
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
      if (!isStopped) logger.error("maintenance failed", { error: String(error) });
    }
  };
  return {
    start() {
      stopTimer = every(plant, roundMs, () => {
        round = round.then(runOnce);
      });
    },
    settled: () => round,
    fault: () => fault,
    async stop() {
      isStopped = true;
      stopTimer();
      await round;
    },
  };
}
