/** `backup` and `restore`, the same at every tier. */

import { userInfo } from "node:os";
import { resolve } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { type BackupRules, sumOf, writeBackup } from "./backup.ts";
import type { Clock } from "./clock.ts";
import { type Command, command, type ProgramIo } from "./command.ts";
import { commonOptions } from "./common-options.ts";
import { createReporter } from "./events.ts";
import { restoreBackup } from "./restore.ts";

export interface BackupCommandsOptions {
  rules: BackupRules;
  dataDirOf: (given: string | undefined, env: ProgramIo["env"]) => string;
  /** Real time. */
  clock: () => Clock;
  /** The private keys in the folder, for the help: "the site's certificate authority"; undefined: there are none. */
  secrets: string | undefined;
  /** What cannot be done without them and how to go on, for who restores a backup that lacks them. */
  withoutSecrets?: string;
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

export const backupCommands = (
  options: BackupCommandsOptions,
): { backup: Command; restore: Command } => ({
  backup: backupCommand(options),
  restore: restoreCommand(options),
});

function backupCommand({ rules, dataDirOf, clock, secrets }: BackupCommandsOptions): Command {
  return command({
    about: "Copies everything that must survive a loss into a folder; also while it runs.",
    options: {
      dataDir: commonOptions.dataDir,
      json: commonOptions.json,
      secrets: {
        flag: "--with-secrets",
        type: "boolean",
        default: false,
        doc: `Private keys too (${secrets ?? "should any lie there"}): keep such a backup as safe as the keys.`,
      },
    },
    positionals: { name: "DIR", doc: "Folder to write; empty or not there yet.", min: 1, max: 1 },
    examples: [
      `weir-${rules.tier} backup /mnt/backup/2026-06-02${secrets === undefined ? "" : " --with-secrets"}`,
    ],
    async run(args, io) {
      const dataDir = dataDirOf(args.dataDir, io.env);
      const target = resolve(elementAt(args.positionals, 0));
      const nowMs = clock().nowMs();
      const manifest = writeBackup({ dataDir, target, rules, withSecrets: args.secrets, nowMs });
      const { files, bytes } = sumOf(manifest.files);
      const without =
        manifest.hasSecrets || secrets === undefined ? "" : `, without keys (${secrets})`;
      createReporter({ json: args.json, out: io.out }).event(
        "backup",
        { target, files, bytes, hasSecrets: manifest.hasSecrets },
        `${files} files, ${megabytes(bytes)}, in ${target}${without}`,
      );
      return 0;
    },
  });
}

function restoreCommand({
  rules,
  dataDirOf,
  clock,
  withoutSecrets,
}: BackupCommandsOptions): Command {
  const program = `weir-${rules.tier}`;
  return command({
    about: `Puts a backup back; ${program} must not be running. What it replaces is kept aside.`,
    options: {
      dataDir: commonOptions.dataDir,
      json: commonOptions.json,
      by: {
        flag: "--by",
        type: "string",
        default: undefined,
        value: "NAME",
        doc: "Who restores, for the audit log; the user who is signed in by default.",
      },
    },
    positionals: { name: "DIR", doc: "A folder that `backup` has written.", min: 1, max: 1 },
    examples: [`${program} restore /mnt/backup/2026-06-02 --by ana`],
    async run(args, io) {
      const dataDir = dataDirOf(args.dataDir, io.env);
      const folder = resolve(elementAt(args.positionals, 0));
      const by = args.by ?? io.env["SUDO_USER"] ?? io.env["USER"] ?? userInfo().username;
      const nowMs = clock().nowMs();
      const { manifest, replaced, keptSecrets, missingSecrets } = restoreBackup({
        folder,
        dataDir,
        rules,
        by,
        nowMs,
      });
      const { files } = sumOf(manifest.files);
      const asOf = new Date(manifest.createdAtMs).toISOString();
      const aside = replaced ? `; what was there lies in ${replaced}` : "";
      const keys =
        keptSecrets.length > 0 ? `; keys stay as they are (${keptSecrets.join(", ")})` : "";
      const missing =
        missingSecrets.length > 0
          ? `; keys are missing (${missingSecrets.join(", ")})${withoutSecrets ? `: ${withoutSecrets}` : ""}`
          : "";
      createReporter({ json: args.json, out: io.out }).event(
        "restored",
        { folder, dataDir, files, asOf, replaced, keptSecrets, missingSecrets },
        `${files} files as of ${asOf} are in ${dataDir}${aside}${keys}${missing}`,
      );
      return 0;
    },
  });
}
