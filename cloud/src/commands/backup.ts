/** `weir-cloud backup`, `restore`, `audit`. */
import { resolve } from "node:path";
import { auditCommand } from "@weir/runtime/audit-command.ts";
import { backupCommands } from "@weir/runtime/backup-commands.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { openTierDatabase } from "@weir/runtime/tier-database.ts";
import { cloudBackup } from "../cloud-backup.ts";
import { cloudDatabase, cloudMigrations } from "../storage.ts";
import { dataDirDefault } from "./settings-of.ts";

const dataDirOf = (given: string | undefined): string => resolve(given ?? dataDirDefault);

export const { backup, restore } = backupCommands({
  rules: cloudBackup,
  dataDirOf,
  clock: systemClock,
  secrets: "of the cloud's certificate authority, its door and its signing key",
  withoutSecrets:
    'weir-cloud does not start without them; put them back from a backup that was made with --with-secrets, or make the signing key anew with "weir-cloud renew-signing-key"',
});

export const audit = auditCommand({
  program: "weir-cloud",
  open: (given) =>
    openTierDatabase({
      program: "weir-cloud",
      dataDir: dataDirOf(given),
      file: cloudDatabase,
      migrations: cloudMigrations,
    }),
});
