/** The cloud's three databases: the log, the open history, and everything else. */

import { existsSync, readdirSync, statSync } from "node:fs";
import type { IntegrityFinding } from "@weir/runtime/integrity-log.ts";
import { openChecked, openSound } from "@weir/runtime/set-aside.ts";
import type { SqliteOptions } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { downlinkMigration } from "./downlink/downlink-queue.ts";
import { healthMigration } from "./evaluation/health-book.ts";
import { CloudFault } from "./faults.ts";
import { fleetMigration } from "./fleet/fleet-book.ts";
import { historianMigrations } from "./historian/historian.ts";
import { consumerMigration } from "./log/consumer.ts";
import { sqliteLogMigrations } from "./log/event-log.sqlite.ts";
import { registryMigration } from "./model-registry/model-registry.ts";
import { outputOrderMigration } from "./tickets/output-orders.ts";
import { deliveryMigration } from "./tickets/sinks/dispatcher.ts";
import { ticketMigration } from "./tickets/ticket-desk.ts";
import { trainingMigration } from "./trainer/training-book.ts";

export const cloudMigrations = [
  consumerMigration +
    fleetMigration +
    downlinkMigration +
    registryMigration +
    trainingMigration +
    healthMigration +
    ticketMigration +
    deliveryMigration,
  outputOrderMigration,
];

export const cloudDatabase = "cloud.db";

export interface CloudDatabases {
  log: SqlDatabase;
  history: SqlDatabase;
  cloud: SqlDatabase;
}

export interface OpenedDatabases {
  databases: CloudDatabases;
  /** What was set aside; to be told. */
  findings: IntegrityFinding[];
}

/**
 * `file` gives the path of a name in the data folder; `nowMs` names what is set aside. Only the log is begun
 * anew where it is damaged: sites still keep what they have pushed lately.
 * @throws Fault CLOUD_STORE_LOST, CLOUD_STORE_DAMAGED
 */
export function openDatabases(file: (name: string) => string, nowMs: number): OpenedDatabases {
  refuseLostHistory(file);
  // NORMAL: what is lost is read from the log again, from the position that was lost with it.
  const history = openIntact(file("history.db"), {
    ...{ synchronous: "NORMAL", migrations: historianMigrations },
    holds: "the list of all history and what is not yet sealed of it",
  });
  const cloud = openCloudDatabase(file(cloudDatabase));
  // FULL: an answered push survives power loss.
  const { db: log, aside } = openSound(file("log.db"), {
    ...{ synchronous: "FULL", migrations: sqliteLogMigrations, nowMs },
  });
  const read = [history, cloud].map(positionIn);
  countOnFrom(Math.max(...read), log);
  const findings: IntegrityFinding[] = [];
  if (aside) {
    findings.push({
      ...{ code: "damaged", subject: "log.db" },
      text: `the event log was damaged (${aside.why}): it lies in ${aside.movedTo} now and a new one was begun. What sites had pushed and was not yet taken into history is asked for again where they still keep it; gaps are told`,
    });
  }
  return { databases: { log, history, cloud }, findings };
}

/** Everything but log and history. @throws Fault CLOUD_STORE_DAMAGED */
export const openCloudDatabase = (file: string): SqlDatabase =>
  openIntact(file, {
    ...{ synchronous: "FULL", migrations: cloudMigrations },
    holds: "tickets, models, what travels down and the audit log",
  });

function openIntact(
  file: string,
  { holds, ...options }: SqliteOptions & { holds: string },
): SqlDatabase {
  const { db, why } = openChecked(file, options);
  if (!db) throw new CloudFault("CLOUD_STORE_DAMAGED", { file, why, holds });
  return db;
}

/**
 * Beside an empty list every file of a sealed day would look like a leftover, and be removed.
 * @throws Fault CLOUD_STORE_LOST
 */
function refuseLostHistory(file: (name: string) => string): void {
  const [db, folder] = [file("history.db"), file("history")];
  const size = statSync(db, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 0 || !existsSync(folder)) return;
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const count = names.filter((name) => name.endsWith(".parquet")).length;
  if (count > 0) throw new CloudFault("CLOUD_STORE_LOST", { file: db, folder, count });
}

/** Next offset of the log that a consumer of `db` wants; 0 where none has read. */
const positionIn = (db: SqlDatabase): number =>
  db
    .prepare("SELECT max(next_offset) AS next FROM consumer_position")
    .get<{ next: number | null }>()?.next ?? 0;

/** A log that was lost or restored must not give offsets again that a consumer has passed. */
function countOnFrom(next: number, log: SqlDatabase): void {
  const row = log
    .prepare("SELECT seq FROM sqlite_sequence WHERE name = 'record'")
    .get<{ seq: number }>();
  if (next - 1 <= (row?.seq ?? 0)) return;
  if (row) log.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'record'").run(next - 1);
  else log.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('record', ?)").run(next - 1);
}
