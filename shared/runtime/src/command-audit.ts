/** What a person's command did beside a tier, in that tier's own audit log. */
import { userInfo } from "node:os";
import { type AuditEntry, openAuditLog } from "./audit-log.ts";
import { plantClock } from "./clock.ts";
import type { SqlDatabase } from "./sql.ts";

export type CommandEntry = Omit<AuditEntry, "actor">;

/** Writes `entry` into `db` and closes it. `clock`: the specification of the clock that the tier goes by. */
export function auditCommand(
  db: SqlDatabase,
  entry: CommandEntry,
  clock: string | undefined,
): void {
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
