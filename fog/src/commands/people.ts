/** weir-fog people: who may sign in to the dashboard. */
import { userInfo } from "node:os";
import { join } from "node:path";
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { peopleCommand } from "@weir/runtime/web/people-command.ts";
import { journalFile } from "../open-journal.ts";
import { journalMigrations } from "../store.ts";
import { dataDirOf } from "./fog-options.ts";
import { readRunFile } from "./run-file.ts";

export const people = peopleCommand({
  program: "weir-fog",
  accountsFile: (dataDir) => join(dataDirOf(dataDir), "accounts.db"),
  url: (dataDir) => readRunFile(dataDirOf(dataDir))?.httpUrl,
  note: (dataDir, { atMs, ...entry }) => {
    const file = join(dataDirOf(dataDir), journalFile);
    const db = openSqlite(file, { synchronous: "FULL", migrations: journalMigrations });
    try {
      openAuditLog(db, () => atMs).append({ actor: `command, ${userInfo().username}`, ...entry });
    } finally {
      db.close();
    }
  },
  clock: systemClock,
});
