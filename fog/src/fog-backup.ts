/** What a backup of the fog is made of. */
import type { BackupRules } from "@weir/runtime/backup.ts";
import { fogVersion } from "./fog-version.ts";

/** The site's certificate authority and the key that signs what this site makes. */
const keys: readonly string[] = ["authority/ca-key.pem", "authority/signing-key.pem"];

export const fogBackup: BackupRules = {
  tier: "fog",
  version: fogVersion,
  // Before the history: a minute that is sealed meanwhile is then in both, and known by its number.
  firstDatabases: ["fog.db"],
  isSecret: (path) => keys.includes(path),
  left: ["addresses.json"],
};
