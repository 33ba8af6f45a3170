/** weir-fog backup, restore, audit. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { auditCommand } from "@weir/runtime/audit-command.ts";
import { backupCommands } from "@weir/runtime/backup-commands.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { Fault } from "@weir/runtime/fault.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { fogBackup } from "../fog-backup.ts";
import { journalFile } from "../open-journal.ts";
import { journalMigrations } from "../store.ts";
import { dataDirOf } from "./fog-options.ts";

export const { backup, restore } = backupCommands({
  rules: fogBackup,
  dataDirOf,
  clock: systemClock,
  secrets: "of the site's certificate authority and of its signing key",
});

export const audit = auditCommand({
  program: "weir-fog",
  open: (given) => {
    const dataDir = dataDirOf(given);
    const file = join(dataDir, journalFile);
    // A folder by mistake must not get a database.
    if (!existsSync(file)) throw new Fault("FOG_NO_DATA", { dataDir, file: journalFile });
    return openSqlite(file, { synchronous: "FULL", migrations: journalMigrations });
  },
});
