/** What a backup of the cloud is made of. */
import type { BackupRules } from "@weir/runtime/backup.ts";
import { cloudVersion } from "./cloud-version.ts";
import { addressFile } from "./commands/address-file.ts";

export const cloudBackup: BackupRules = {
  tier: "cloud",
  version: cloudVersion,
  // Before the log: what they have read of it must be in it.
  firstDatabases: ["history.db", "cloud.db"],
  isSecret: (path) => /(^|-|\/)key\.pem$/.test(path),
  left: [addressFile],
};
