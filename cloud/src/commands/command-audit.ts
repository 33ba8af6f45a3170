/** What a command did beside a cloud, in the cloud's own audit log, by the clock that the cloud goes by. */
import { userInfo } from "node:os";
import { join } from "node:path";
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { plantClock } from "@weir/runtime/clock.ts";
import { cloudDatabase, openCloudDatabase } from "../storage.ts";
import { readAddresses } from "./address-file.ts";

/**
 * `clock`: the specification that was given to the command, else that of the cloud that runs there. Makes the
 * database where there is none yet.
 */
export function noteCommand(
  dataDir: string,
  entry: { action: string; subject: string; detail: string },
  clock = readAddresses(dataDir)?.clock,
): void {
  const db = openCloudDatabase(join(dataDir, cloudDatabase));
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
