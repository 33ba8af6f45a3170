/** What a command did beside a running cloud, in the cloud's own audit log. */
import { userInfo } from "node:os";
import { join } from "node:path";
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { cloudDatabase, openCloudDatabase } from "../storage.ts";

/** `atMs`: real time. Makes the database where there is none yet. */
export function auditCommand(
  dataDir: string,
  entry: { action: string; subject: string; detail: string; atMs: number },
): void {
  const { atMs, ...told } = entry;
  const db = openCloudDatabase(join(dataDir, cloudDatabase));
  try {
    openAuditLog(db, () => atMs).append({ actor: `command, ${userName()}`, ...told });
  } finally {
    db.close();
  }
}

/** A container may have no name for its user. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
