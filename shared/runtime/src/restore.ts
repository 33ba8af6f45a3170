/**
 * Puts a backup back into a data folder: checked first, with no process running there, and with what it
 * replaces kept aside. The next start says that this state comes out of a backup.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type BackupManifest,
  type BackupRules,
  manifestName,
  pathsOf,
  sha256Of,
} from "./backup.ts";
import { openDataDir } from "./data-dir.ts";
import { declareFaults, Fault } from "./fault.ts";
import type { IntegrityFinding } from "./integrity-log.ts";
import { replaceFile, syncFolder } from "./replace-file.ts";
import { databaseTails, dateTag } from "./set-aside.ts";

declareFaults({
  RUNTIME_BACKUP_UNUSABLE: {
    retry: false,
    text: (f: { folder: string; faults: readonly string[] }) =>
      `${f.folder} is no usable backup, nothing was changed:\n${f.faults.map((fault) => `  ${fault}`).join("\n")}`,
  },
  RUNTIME_RESTORE_INTERRUPTED: {
    retry: false,
    text: (f: { dataDir: string; from: string }) =>
      `a restore of ${f.from} into ${f.dataDir} was interrupted and its files are half exchanged; run the restore again`,
  },
});

const noteName = "restored.json";
const progressName = "restore-in-progress.json";

interface RestoreNote {
  from: string;
  backupAtMs: number;
  restoredAtMs: number;
  by: string;
  replaced: string | undefined;
}

export interface Restored {
  manifest: BackupManifest;
  /** Where the replaced files lie; undefined when there were none. */
  replaced: string | undefined;
  /** Keys that the backup does not hold: those of the folder stay, if it has any. */
  keptSecrets: string[];
}

export interface RestoreOptions {
  folder: string;
  dataDir: string;
  rules: BackupRules;
  by: string;
  /** UTC. */
  nowMs: number;
}

/** @throws Fault RUNTIME_BACKUP_UNUSABLE, RUNTIME_DATA_DIR_LOCKED and the others of `openDataDir` */
export function restoreBackup(options: RestoreOptions): Restored {
  const { folder, rules, by, nowMs } = options;
  const manifest = checkBackup(folder, rules);
  const dataDir = openDataDir(options.dataDir);
  try {
    const staged = dataDir.file(`.restore-${process.pid}`);
    rmSync(staged, { recursive: true, force: true });
    stage({ folder, staged, manifest });
    const backup = new Set(manifest.files.map(({ path }) => path));
    const old = pathsOf(dataDir.path, rules);
    const keptSecrets = old.filter((path) => rules.isSecret(path) && !backup.has(path));
    const replacing = old.filter((path) => !keptSecrets.includes(path));
    const replaced = replacing.length > 0 ? dataDir.file(freeName(dataDir.path, nowMs)) : undefined;
    const note = { from: folder, backupAtMs: manifest.createdAtMs, restoredAtMs: nowMs, by };
    replaceFile(dataDir.file(progressName), `${JSON.stringify({ ...note, replaced })}\n`);
    if (replaced) for (const path of replacing) moveAside(dataDir.path, replaced, path);
    for (const { path } of manifest.files) {
      // The log of a database that is gone would be read into the one that comes.
      for (const tail of databaseTails) rmSync(dataDir.file(path + tail), { force: true });
      move(join(staged, path), dataDir.file(path));
    }
    rmSync(staged, { recursive: true, force: true });
    renameSync(dataDir.file(progressName), dataDir.file(noteName));
    syncFolder(dataDir.path);
    return { manifest, replaced, keptSecrets };
  } finally {
    dataDir.close();
  }
}

/**
 * At a start: what is to be told of a restore, once. `told` forgets it.
 * @throws Fault RUNTIME_RESTORE_INTERRUPTED
 */
export function takeRestoreNote(
  dataDir: string,
): { finding: IntegrityFinding; told: () => void } | undefined {
  const broken = readNote(join(dataDir, progressName));
  if (broken) throw new Fault("RUNTIME_RESTORE_INTERRUPTED", { dataDir, from: broken.from });
  const file = join(dataDir, noteName);
  const note = readNote(file);
  if (!note) return undefined;
  const { from, backupAtMs, restoredAtMs, by, replaced } = note;
  const iso = (atMs: number) => new Date(atMs).toISOString();
  const kept = replaced ? ` What it replaced lies in ${replaced}.` : "";
  const text = `this state was restored from ${from} by ${by} at ${iso(restoredAtMs)}: it is as of ${iso(backupAtMs)}, and what was decided, labelled or received after that is not in it.${kept}`;
  return {
    finding: { code: "restored", subject: dataDir, text },
    told: () => rmSync(file, { force: true }),
  };
}

/** Reads the manifest and every file against it. @throws Fault RUNTIME_BACKUP_UNUSABLE with all that is wrong */
export function checkBackup(folder: string, { tier }: Pick<BackupRules, "tier">): BackupManifest {
  const refuse = (faults: string[]) => new Fault("RUNTIME_BACKUP_UNUSABLE", { folder, faults });
  let manifest: BackupManifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, manifestName), "utf8")) as BackupManifest;
  } catch (error) {
    throw refuse([`${manifestName} cannot be read: ${(error as Error).message}`]);
  }
  if (manifest.format !== "weir-backup" || manifest.formatVersion !== 1)
    throw refuse([
      `${manifestName} is not of a format this program knows; use the Weir that made it`,
    ]);
  if (manifest.tier !== tier) throw refuse([`it is a backup of a weir-${manifest.tier}`]);
  const faults = manifest.files.flatMap(({ path, sha256 }) => {
    if (path.startsWith("/") || path.split("/").includes(".."))
      return [`${path} leads out of the folder`];
    const file = join(folder, path);
    if (!existsSync(file)) return [`${path} is missing`];
    return sha256Of(file) === sha256 ? [] : [`${path} is not what was backed up: its hash differs`];
  });
  if (faults.length > 0) throw refuse(faults);
  return manifest;
}

function stage(of: { folder: string; staged: string; manifest: BackupManifest }): void {
  const faults: string[] = [];
  for (const { path, sha256 } of of.manifest.files) {
    const to = join(of.staged, path);
    mkdirSync(dirname(to), { recursive: true, mode: 0o750 });
    copyFileSync(join(of.folder, path), to);
    if (sha256Of(to) !== sha256) faults.push(`${path} changed while it was copied`);
  }
  if (faults.length > 0) {
    rmSync(of.staged, { recursive: true, force: true });
    throw new Fault("RUNTIME_BACKUP_UNUSABLE", { folder: of.folder, faults });
  }
}

function freeName(dataDir: string, nowMs: number): string {
  const stem = `replaced-${dateTag(nowMs)}`;
  let name = stem;
  for (let n = 2; existsSync(join(dataDir, name)); n++) name = `${stem}-${n}`;
  return name;
}

function moveAside(dataDir: string, replaced: string, path: string): void {
  for (const tail of path.endsWith(".db") ? databaseTails : [""]) {
    const from = join(dataDir, path + tail);
    if (existsSync(from)) move(from, join(replaced, path + tail));
  }
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o750 });
  renameSync(from, to);
}

function readNote(file: string): RestoreNote | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as RestoreNote;
  } catch {
    return undefined;
  }
}
