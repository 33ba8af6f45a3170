/** weir-fog backup, restore, audit. */

import { auditCommand } from "@weir/runtime/audit-command.ts";
import { backupCommands } from "@weir/runtime/backup-commands.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { openTierDatabase } from "@weir/runtime/tier-database.ts";
import { fogBackup } from "../fog-backup.ts";
import { journalFile } from "../open-journal.ts";
import { journalMigrations } from "../store.ts";
import { dataDirOf } from "./fog-options.ts";

export const { backup, restore } = backupCommands({
  rules: fogBackup,
  dataDirOf,
  clock: systemClock,
  secrets: "of the site's certificate authority and of its signing key",
  withoutSecrets:
    "until they are put back, no edge is let in or enrolled; put them back from a backup that was made with --with-secrets",
});

export const audit = auditCommand({
  program: "weir-fog",
  open: (given) =>
    openTierDatabase({
      program: "weir-fog",
      dataDir: dataDirOf(given),
      file: journalFile,
      migrations: journalMigrations,
    }),
});
