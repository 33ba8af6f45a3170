/** What a command did beside a running cloud, in the cloud's own audit log. */
import { userInfo } from "node:os";
import { join } from "node:path";
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { openDatabases } from "../storage.ts";

/** `atMs`: real time. Makes the stores where there are none yet. */
export function auditCommand(
  dataDir: string,
  entry: { action: string; subject: string; detail: string; atMs: number },
): void {
  const { atMs, ...told } = entry;
  const databases = openDatabases((name) => join(dataDir, name));
  try {
    openAuditLog(databases.cloud, () => atMs).append({ actor: `command, ${userName()}`, ...told });
  } finally {
    for (const database of Object.values(databases)) database.close();
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
