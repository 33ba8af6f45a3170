/** The cloud's three databases: the log, the open history, and everything else. */

import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { downlinkMigration } from "./downlink/downlink-queue.ts";
import { healthMigration } from "./evaluation/health-book.ts";
import { fleetMigration } from "./fleet/fleet-book.ts";
import { historianMigrations } from "./historian/historian.ts";
import { consumerMigration } from "./log/consumer.ts";
import { sqliteLogMigrations } from "./log/event-log.sqlite.ts";
import { registryMigration } from "./model-registry/model-registry.ts";
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
];

export interface CloudDatabases {
  log: SqlDatabase;
  history: SqlDatabase;
  cloud: SqlDatabase;
}

/** `file` gives the path of a name in the data folder. */
export const openDatabases = (file: (name: string) => string): CloudDatabases => ({
  // FULL: an answered push survives power loss.
  log: openSqlite(file("log.db"), { synchronous: "FULL", migrations: sqliteLogMigrations }),
  // NORMAL: what is lost is read from the log again, from the position that was lost with it.
  history: openSqlite(file("history.db"), {
    synchronous: "NORMAL",
    migrations: historianMigrations,
  }),
  cloud: openSqlite(file("cloud.db"), { synchronous: "FULL", migrations: cloudMigrations }),
});
