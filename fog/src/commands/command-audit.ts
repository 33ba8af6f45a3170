/** What a command did beside a fog, in the fog's own audit log, by the clock that the fog goes by. */
import { userInfo } from "node:os";
import { join } from "node:path";
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { plantClock } from "@weir/runtime/clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { journalFile } from "../open-journal.ts";
import { journalMigrations } from "../store.ts";
import { readRunFile } from "./run-file.ts";

/** `clock`: the specification that was given to the command, else that of the fog that runs there. */
export function noteCommand(
  dataDir: string,
  entry: { action: string; subject: string; detail: string },
  clock = readRunFile(dataDir)?.clock,
): void {
  const db = openSqlite(join(dataDir, journalFile), {
    ...{ synchronous: "FULL", migrations: journalMigrations },
  });
  try {
    const plant = plantClock(clock);
    openAuditLog(db, () => plant.nowMs()).append({ actor: commandUser(), ...entry });
  } finally {
    db.close();
  }
}

/** "command, ana": who has typed it. A container may have no name for its user. */
export function commandUser(): string {
  try {
    return `command, ${userInfo().username}`;
  } catch {
    return `command, user ${process.getuid?.() ?? "unknown"}`;
  }
}
