/** `weir-edge backup`, `restore`, `audit`. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { auditCommand } from "@weir/runtime/audit-command.ts";
import { backupCommands } from "@weir/runtime/backup-commands.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import type { ProgramIo } from "@weir/runtime/command.ts";
import { declareFaults, Fault } from "@weir/runtime/fault.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { edgeBackup } from "../edge-backup.ts";
import { edgeMigrations } from "../edge-schema.ts";
import { databaseFile, dataDirDefault } from "./places.ts";

declareFaults({
  EDGE_NO_DATA: {
    retry: false,
    text: (f: { dataDir: string; file: string }) =>
      `${f.dataDir} holds no ${f.file}; name the data folder of the agent with --data-dir`,
  },
});

const dataDirOf = (given: string | undefined, env: ProgramIo["env"]): string =>
  resolve(given ?? dataDirDefault(env));

export const { backup, restore } = backupCommands({
  rules: edgeBackup,
  dataDirOf,
  clock: systemClock,
  secrets: undefined,
});

export const audit = auditCommand({
  program: "weir-edge",
  open: (given, env) => {
    const dataDir = dataDirOf(given, env);
    const file = join(dataDir, databaseFile);
    // A folder by mistake must not get a database.
    if (!existsSync(file)) throw new Fault("EDGE_NO_DATA", { dataDir, file: databaseFile });
    return openSqlite(file, { synchronous: "FULL", migrations: edgeMigrations });
  },
});
