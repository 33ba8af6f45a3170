/** What the cloud keeps: databases, log, registry, books. Built first; nothing in here runs by itself. */
import { join } from "node:path";
import { auditFinding } from "@weir/runtime/audit-command.ts";
import { type AuditLog, openAuditLog } from "@weir/runtime/audit-log.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { type IntegrityLog, openIntegrityLog } from "@weir/runtime/integrity-log.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { takeRestoreNote } from "@weir/runtime/restore.ts";
import type { LiveKind } from "./api/live-feed.ts";
import { openKeys } from "./cloud-keys.ts";
import { createDownlinkQueue, type DownlinkQueue } from "./downlink/downlink-queue.ts";
import type { CloudAuthority } from "./enrolment/authority.ts";
import { createHealthBook, type HealthBook } from "./evaluation/health-book.ts";
import { createFleetBook, type FleetBook } from "./fleet/fleet-book.ts";
import { openDuckdbFiles } from "./historian/history-files.duckdb.ts";
import type { HistoryFiles } from "./historian/history-files.ts";
import { createSqliteLog } from "./log/event-log.sqlite.ts";
import type { EventLog } from "./log/event-log.ts";
import { createModelRegistry, type ModelRegistry } from "./model-registry/model-registry.ts";
import { openPayloadStore } from "./model-registry/payload-store.ts";
import { type CloudDatabases, openDatabases } from "./storage.ts";
import { outputConfirmed, outputFinding } from "./tickets/output-finding.ts";
import { createOutputOrders } from "./tickets/output-orders.ts";
import { createDispatcher, type Dispatcher } from "./tickets/sinks/dispatcher.ts";
import type { TicketSink } from "./tickets/sinks/ticket-sink.ts";
import { createTicketDesk, type TicketDesk } from "./tickets/ticket-desk.ts";
import { createTrainingBook, type TrainingBook } from "./trainer/training-book.ts";

export interface CloudStores {
  databases: CloudDatabases;
  log: EventLog;
  authority: CloudAuthority;
  signingKeyPem: string;
  files: HistoryFiles;
  audit: AuditLog;
  /** What was found lost, doubled or damaged: `problems()` belongs to health. */
  integrity: IntegrityLog;
  downlink: DownlinkQueue;
  registry: ModelRegistry;
  health: HealthBook;
  trainings: TrainingBook;
  desk: TicketDesk;
  fleet: FleetBook;
  dispatcher: Dispatcher;
  close(): void;
}

export interface StoreOptions {
  dataDir: string;
  plant: Clock;
  io: Clock;
  touch: (kind: LiveKind) => void;
  report: (event: string, fields: Record<string, unknown>, text?: string) => void;
  sinks: readonly TicketSink[];
  logger: Logger;
  /** What may teach a stage is no longer what it was, by a person's word. */
  onTeachingChanged: (site: string, stage: string) => void;
}

export async function openStores(options: StoreOptions): Promise<CloudStores> {
  const { dataDir, plant, io, touch, report, sinks, logger, onTeachingChanged } = options;
  const file = (name: string) => join(dataDir, name);
  const { key, authority } = await openKeys(dataDir, io);
  const restored = takeRestoreNote(dataDir);
  const { databases, findings } = openDatabases(file, io.nowMs());
  const db = databases.cloud;
  const files = await openDuckdbFiles();
  const downlink = createDownlinkQueue(db, plant);
  const payloads = openPayloadStore(file("models"));
  const registry = createModelRegistry({ db, key, payloads, downlink, plant });
  const dispatcher = createDispatcher({ db, sinks, io, plant, logger });
  const desk = createTicketDesk({
    db,
    plant,
    onTicket: (ticket, change) => {
      touch("tickets");
      if (change === "updated") return;
      dispatcher.queue({ change, ticket });
      const { id, priority, status, title, stage, site, dueAtMs } = ticket;
      const text = `ticket ${id} ${change}: ${priority} ${title}`;
      report("ticket", { id, change, priority, status, title, stage, site, dueAtMs }, text);
    },
    onLabel: (site, label) => fleet.addLabel(site, label),
    onLabelWithdrawn: (site, labelId) => fleet.withdrawLabel(site, labelId),
    onTeachingChanged,
  });
  const orders = createOutputOrders(db);
  const fleet = createFleetBook({
    db,
    registry,
    onEvent: (site, edge, event) => {
      const facts = orders.take(site, edge, event);
      if (!facts) return;
      const place = { site, edge, model: fleet.model(site) };
      const finding = outputFinding(place, event, facts);
      if (finding) desk.report(finding);
      const confirmed = outputConfirmed(place, event, facts);
      if (confirmed) desk.note(confirmed.key, confirmed);
    },
  });
  const audit = openAuditLog(db, () => plant.nowMs());
  const integrity = openIntegrityLog({ db, nowMs: () => plant.nowMs(), logger, audit });
  for (const finding of [restored?.finding, ...findings, auditFinding(audit)]) {
    if (finding) integrity.note(finding);
  }
  restored?.told();
  return {
    ...{ audit, integrity },
    ...{ databases, authority, files, downlink, registry, desk, fleet, dispatcher },
    log: createSqliteLog(databases.log),
    signingKeyPem: key.publicPem,
    health: createHealthBook(db),
    trainings: createTrainingBook(db, plant),
    close() {
      dispatcher.stop();
      files.close();
      for (const database of Object.values(databases)) database.close();
    },
  };
}
