/** What a backup of the edge is made of. */
import type { BackupRules } from "@weir/runtime/backup.ts";
import { agentVersion } from "./agent-version.ts";
import { localTokenFile, statusUrlFile } from "./commands/places.ts";
import { latchFileName } from "./control/control-files.ts";

export const edgeBackup: BackupRules = {
  tier: "edge",
  version: agentVersion,
  firstDatabases: ["edge.db"],
  // The identity lies where the configuration says, not in the data folder.
  isSecret: (path) => path.endsWith("key.pem"),
  // Latched trips are of this moment: a backup of them would open what has tripped since.
  left: [statusUrlFile, localTokenFile, latchFileName],
};
