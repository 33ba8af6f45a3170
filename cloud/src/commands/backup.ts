/** `weir-cloud backup`, `restore`, `audit`. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { auditCommand } from "@weir/runtime/audit-command.ts";
import { backupCommands } from "@weir/runtime/backup-commands.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { Fault } from "@weir/runtime/fault.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { cloudBackup } from "../cloud-backup.ts";
import "../faults.ts";
import { cloudDatabase, cloudMigrations } from "../storage.ts";
import { dataDirDefault } from "./settings-of.ts";

const dataDirOf = (given: string | undefined): string => resolve(given ?? dataDirDefault);

export const { backup, restore } = backupCommands({
  rules: cloudBackup,
  dataDirOf,
  clock: systemClock,
  secrets: "of the cloud's certificate authority, its door and its signing key",
});

export const audit = auditCommand({
  program: "weir-cloud",
  open: (given) => {
    const dataDir = dataDirOf(given);
    const file = join(dataDir, cloudDatabase);
    // A folder by mistake must not get a database.
    if (!existsSync(file)) throw new Fault("CLOUD_NO_DATA", { dataDir, file: cloudDatabase });
    return openSqlite(file, { synchronous: "FULL", migrations: cloudMigrations });
  },
});
