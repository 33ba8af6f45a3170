/** `weir-edge backup`, `restore`, `audit`. */
import { resolve } from "node:path";
import { auditCommand } from "@weir/runtime/audit-command.ts";
import { backupCommands } from "@weir/runtime/backup-commands.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import type { ProgramIo } from "@weir/runtime/command.ts";
import { openTierDatabase } from "@weir/runtime/tier-database.ts";
import { edgeBackup } from "../edge-backup.ts";
import { edgeMigrations } from "../edge-schema.ts";
import { databaseFile, dataDirDefault } from "./places.ts";

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
  open: (given, env) =>
    openTierDatabase({
      program: "weir-edge",
      dataDir: dataDirOf(given, env),
      file: databaseFile,
      migrations: edgeMigrations,
    }),
});
