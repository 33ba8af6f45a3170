/**
 * The cloud tier in one process: parts built over their ports and connected; no logic of its own.
 * `main.ts` gives it real sockets and clocks, hil-tests a simulated clock and an in-process door.
 */
import { join } from "node:path";
import type { CloudLiveMessage, FleetView } from "@weir/contracts/api/cloud.ts";
import { type AuditLog, openAuditLog } from "@weir/runtime/audit-log.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { WebServer } from "@weir/runtime/web/server.ts";
import { addCloudRoutes } from "./api/cloud-api.ts";
import { createLiveFeed, type LiveFeed, type LiveKind } from "./api/live-feed.ts";
import { createDownlinkQueue, type DownlinkQueue } from "./downlink/downlink-queue.ts";
import { type CloudAuthority, openAuthority } from "./enrolment/authority.ts";
import { createEvaluator, type Evaluator } from "./evaluation/evaluator.ts";
import { createHealthBook, type HealthBook } from "./evaluation/health-book.ts";
import { loadOnnxScorer } from "./evaluation/stage-scorer.onnxruntime.ts";
import type { LoadScorer } from "./evaluation/stage-scorer.ts";
import { createFleetBook, type FleetBook, fleetGroup } from "./fleet/fleet-book.ts";
import { fleetView } from "./fleet/fleet-view.ts";
import { createPresence } from "./fleet/presence.ts";
import { createRateMeter } from "./fleet/rate-meter.ts";
import { createHistorian, type Historian, historianGroup } from "./historian/historian.ts";
import { openDuckdbFiles } from "./historian/history-files.duckdb.ts";
import "./faults.ts";
import { type CloudDoorHandler, createCloudDoor } from "./ingest/cloud-door.ts";
import { hourMs, logRetentionMs } from "./limits.ts";
import { type Consumer, createConsumer } from "./log/consumer.ts";
import { createSqliteLog } from "./log/event-log.sqlite.ts";
import type { EventLog } from "./log/event-log.ts";
import { createModelRegistry, type ModelRegistry } from "./model-registry/model-registry.ts";
import { openPayloadStore } from "./model-registry/payload-store.ts";
import { openSigningKey } from "./model-registry/signing-key.ts";
import { openDatabases } from "./storage.ts";
import { createDegradationWatch } from "./tickets/degradation-watch.ts";
import { outputFinding } from "./tickets/output-finding.ts";
import { createTicketDesk, type TicketDesk } from "./tickets/ticket-desk.ts";
import { type FirstTrainingSettings, firstTrainings } from "./trainer/first-training.ts";
import { workerRunner } from "./trainer/runner.worker.ts";
import { createTrainer, type Trainer } from "./trainer/trainer.ts";
import { createTrainingBook, type TrainingBook } from "./trainer/training-book.ts";
import type { TrainingRunner } from "./trainer/training-task.ts";

export const cloudVersion = "0.1.0";

export interface CloudOptions {
  /** Exists and belongs to this process. */
  dataDir: string;
  /** Calendar of history, models and tickets. */
  plant: Clock;
  /** Deadlines, long polls, the console; also what certificates are dated by. */
  io: Clock;
  logger: Logger;
  training: FirstTrainingSettings & { automatic: boolean; epochCount: number; seed: number };
  /** A worker thread a job unless given. */
  runner?: TrainingRunner;
  /** onnxruntime unless given. */
  loadScorer?: LoadScorer;
  /** A JSON line of `run --json`: ticket, model, training. */
  report?: (event: string, fields: Record<string, unknown>, text?: string) => void;
}

export interface Cloud {
  /** The door as functions: for a fog in the same process. */
  readonly door: CloudDoorHandler;
  readonly authority: CloudAuthority;
  /** Public key of what comes down, PEM. */
  readonly signingKeyPem: string;
  readonly historian: Historian;
  readonly registry: ModelRegistry;
  readonly trainer: Trainer;
  readonly trainings: TrainingBook;
  readonly desk: TicketDesk;
  readonly health: HealthBook;
  readonly fleet: FleetBook;
  readonly downlink: DownlinkQueue;
  readonly audit: AuditLog;
  readonly log: EventLog;
  fleetView(): FleetView;
  /** Adds the console's API to a web server. */
  addRoutes(server: WebServer): void;
  /** Follows the log, trains, scores. */
  start(): void;
  /** Reads Parquet exports; trains what has no model yet. @throws Fault CLOUD_PARQUET_READ */
  importFiles(site: string, files: readonly string[]): Promise<{ rowCount: number; days: number }>;
  /** Resolves when everything pushed so far is consumed, scored and judged; training is waited for only when asked. */
  settled(options?: { training: boolean }): Promise<void>;
  close(): Promise<void>;
  /** Stops as a power cut does: what is not committed is gone. For tests that restart a tier. */
  kill(): void;
}

/** Plant time between two rounds of sealing, retention and looking for stages without a model. */
const roundMs = hourMs;

export async function createCloud(options: CloudOptions): Promise<Cloud> {
  const { dataDir, plant, io, logger, report = () => {} } = options;
  const file = (name: string) => join(dataDir, name);
  const databases = openDatabases(file);
  const db = databases.cloud;
  const log = createSqliteLog(databases.log);
  const key = openSigningKey(file("signing-key.pem"));
  const authority = await openAuthority(file("pki"), () => io.nowMs());
  const files = await openDuckdbFiles();
  const audit = openAuditLog(db, () => plant.nowMs());
  const stopping = new AbortController();
  const downlink = createDownlinkQueue(db, plant);
  const payloads = openPayloadStore(file("models"));
  const registry = createModelRegistry({ db, key, payloads, downlink, plant });
  const health = createHealthBook(db);
  const trainings = createTrainingBook(db, plant);
  const presence = createPresence(io);

  const live: LiveFeed = createLiveFeed(io, (kind) => readLive(kind));
  const desk = createTicketDesk({
    db,
    plant,
    onTicket: (ticket, change) => {
      live.touch("tickets");
      if (change === "updated") return;
      const { id, priority, status, title, stage, site, dueAtMs } = ticket;
      report(
        "ticket",
        { id, change, priority, status, title, stage, site, dueAtMs },
        `ticket ${id} ${change}: ${priority} ${title}`,
      );
    },
    onLabel: (site, label) => fleet.addLabel(site, label),
  });
  const fleet = createFleetBook({
    db,
    registry,
    onEvent: (site, edge, event) => {
      const finding = outputFinding(site, edge, event);
      if (finding) desk.report(finding);
    },
  });
  const fleetConsumer: Consumer = createConsumer({
    group: fleetGroup,
    log,
    db,
    logger,
    apply: fleet.apply,
    onApplied: (records) => {
      if (records.some(({ kind }) => kind === "artifact" || kind === "event")) live.touch("models");
      for (const { kind, source } of records) {
        if (kind === "siteModel") evaluator.judgeAgain(source);
      }
    },
  });
  const historian = createHistorian({
    log,
    db: databases.history,
    folder: file("history"),
    files,
    logger,
    onHour: (site, hourStartMs) => evaluator.hourClosed(site, hourStartMs),
  });
  const judge = createDegradationWatch({ historian, health, fleet, desk });
  const evaluator: Evaluator = createEvaluator({
    historian,
    registry,
    health,
    loadScorer: options.loadScorer ?? loadOnnxScorer,
    logger,
    onScored: judge,
  });
  const trainer: Trainer = createTrainer({
    book: trainings,
    registry,
    plant,
    logger,
    runner: options.runner ?? workerRunner,
    prepare: {
      historian,
      seed: options.training.seed,
      epochCount: options.training.epochCount,
      excluded: (site, stage) => excludedTimes({ fleet, desk, plant }, site, stage),
      upstream: (site, stage) =>
        fleet.model(site)?.stages.find(({ id }) => id === stage)?.upstream ?? [],
    },
    onRun: (run) => {
      live.touch("training");
      const { id, site, stage, kind, state, progress, model, error } = run;
      const text =
        state === "done" || state === "failed" ? `training ${kind}/${stage}: ${state}` : undefined;
      report("training", { id, site, stage, kind, state, progress, model, error }, text);
    },
    onPublished: (model) => {
      live.touch("models");
      const { site, name, version, kind, stage, target } = model;
      report(
        "model",
        { site, name, version, kind, stage, target },
        `model ${name}@${version} published`,
      );
      evaluator.championChanged(model);
    },
  });
  const { handler: door, counts } = createCloudDoor({
    ...{ log, downlink, plant, io },
    stopping: stopping.signal,
    onSeen: presence.seen,
  });
  const itemRate = createRateMeter(io);
  const byteRate = createRateMeter(io);

  const readFleet = (): FleetView =>
    fleetView({
      ...{ fleet, health, historian, presence },
      ingest: () => ({
        itemsPerSecond: itemRate.rate(counts.itemCount),
        bytesPerSecond: byteRate.rate(counts.bytes),
        logItems: log.size().itemCount,
        historyBytes: historian.bytes(),
      }),
      openTickets: desk.openCount,
      trainingQueue: trainings.waitingCount,
    });
  const readLive = (kind: LiveKind): CloudLiveMessage => {
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
  };

  const queueFirstTrainings = () => {
    if (!options.training.automatic) return;
    for (const site of historian.tags.sites()) {
      const wanted = firstTrainings(site, options.training, { historian, book: trainings });
      for (const request of wanted) trainer.queue(request);
    }
  };
  const maintain = async () => {
    try {
      await historian.seal(plant.nowMs());
      await log.retain(plant.nowMs() - logRetentionMs, [historianGroup, fleetGroup]);
      queueFirstTrainings();
    } catch (error) {
      if (!stopping.signal.aborted) logger.error("maintenance failed", { error: String(error) });
    }
  };
  let stopRounds: Cancel = () => {};
  let round: Promise<void> = Promise.resolve();

  return {
    ...{ door, authority, historian, registry, trainer, trainings, desk, health, fleet },
    ...{ downlink, audit, log },
    signingKeyPem: key.publicPem,
    fleetView: readFleet,
    addRoutes: (server) =>
      addCloudRoutes(server, {
        ...{ historian, health, registry, trainer, desk, live, audit },
        fleet: readFleet,
        book: trainings,
        sites: fleet.sites,
      }),
    start() {
      historian.consumer.start();
      fleetConsumer.start();
      for (const site of historian.tags.sites()) fleet.meet(site);
      queueFirstTrainings();
      trainer.start();
      stopRounds = every(plant, roundMs, () => {
        round = round.then(maintain);
      });
    },
    async importFiles(site, list) {
      const imported = await historian.importFiles(site, list);
      fleet.meet(site);
      queueFirstTrainings();
      return imported;
    },
    async settled({ training } = { training: false }) {
      await Promise.all([historian.consumer.drain(), fleetConsumer.drain()]);
      await round;
      if (training) await trainer.idle();
      await evaluator.idle();
    },
    async close() {
      stopping.abort();
      stopRounds();
      live.stop();
      await trainer.stop();
      await Promise.all([historian.consumer.stop(), fleetConsumer.stop()]);
      await evaluator.stop();
      await round;
      files.close();
      for (const database of Object.values(databases)) database.close();
    },
    kill() {
      stopping.abort();
      stopRounds();
      live.stop();
      const ending = [trainer.stop(), historian.consumer.stop(), fleetConsumer.stop()];
      // What is under way finds the databases closed; only DuckDB must not go while a query runs.
      void Promise.allSettled([...ending, evaluator.stop(), round]).then(() => files.close());
      for (const database of Object.values(databases)) database.close();
    },
  };
}

/** Times that must not teach: labelled as abnormal, or under an open ticket. */
function excludedTimes(
  { fleet, desk, plant }: { fleet: FleetBook; desk: TicketDesk; plant: Clock },
  site: string,
  stage: string,
) {
  const labelled = fleet
    .labels(site, stage)
    .filter(({ rating }) => rating === "ANOMALY")
    .map(({ fromMs, toMs }) => ({ fromMs, toMs }));
  const ticketed = desk
    .ofStage(site, stage)
    .map(({ firstSeenMs }) => ({ fromMs: firstSeenMs, toMs: plant.nowMs() }));
  return [...labelled, ...ticketed];
}
