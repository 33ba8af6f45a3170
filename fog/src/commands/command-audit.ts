/** What a command did beside a fog, in the fog's own audit log, by the clock that the fog goes by. */
import { join } from "node:path";
import { auditCommand, type CommandEntry } from "@weir/runtime/command-audit.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { journalFile } from "../open-journal.ts";
import { journalMigrations } from "../store.ts";
import { readRunFile } from "./run-file.ts";

/** `clock`: the specification that was given to the command, else that of the fog that runs there. */
export function noteCommand(
  dataDir: string,
  entry: CommandEntry,
  clock = readRunFile(dataDir)?.clock,
): void {
  const db = openSqlite(join(dataDir, journalFile), {
    ...{ synchronous: "FULL", migrations: journalMigrations },
  });
  auditCommand(db, entry, clock);
}
