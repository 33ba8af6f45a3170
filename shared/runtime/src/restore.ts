/**
 * Puts a backup back into a data folder: checked first, with no process running there, and with what it
 * replaces kept aside. The next start says that this state comes out of a backup.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  type BackupManifest,
  type BackupRules,
  manifestName,
  pathsOf,
  sha256Of,
} from "./backup.ts";
import { type DataDir, dataDirFault, openDataDir } from "./data-dir.ts";
import { RuntimeFault } from "./faults.ts";
import type { IntegrityFinding } from "./integrity-log.ts";
import { replaceFile, syncFolder } from "./replace-file.ts";
import { databaseTails, dateTag } from "./set-aside.ts";

/** Made in the data folder, so that its files only have to be renamed. */
const stagedPrefix = ".restore-";
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
  /** Keys that there were when the backup was made, and that are neither in it nor in the folder. */
  missingSecrets: string[];
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
  const { folder, rules } = options;
  const manifest = checkBackup(folder, rules);
  const dataDir = openDataDir(options.dataDir);
  const staged = dataDir.file(`${stagedPrefix}${process.pid}`);
  try {
    sweepStaged(dataDir.path);
    stage({ folder, staged, manifest });
    return exchange({ ...options, manifest, staged, dataDir });
  } catch (error) {
    throw dataDirFault(dataDir.path, error);
  } finally {
    rmSync(staged, { recursive: true, force: true });
    dataDir.close();
  }
}

/** Halves that a killed restore has left. Nobody else restores: the folder is held. */
function sweepStaged(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith(stagedPrefix))
      rmSync(join(dataDir, name), { recursive: true, force: true });
  }
}

function exchange(
  options: Omit<RestoreOptions, "dataDir"> & {
    manifest: BackupManifest;
    staged: string;
    dataDir: DataDir;
  },
): Restored {
  const { folder, rules, by, nowMs, manifest, staged, dataDir } = options;
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
  renameSync(dataDir.file(progressName), dataDir.file(noteName));
  syncFolder(dataDir.path);
  const { leftSecrets = [] } = manifest;
  const missingSecrets = leftSecrets.filter((path) => !existsSync(dataDir.file(path)));
  return { manifest, replaced, keptSecrets, missingSecrets };
}

/**
 * At a start: what is to be told of a restore, once. `told` forgets it.
 * @throws Fault RUNTIME_RESTORE_INTERRUPTED
 */
export function takeRestoreNote(
  dataDir: string,
): { finding: IntegrityFinding; told: () => void } | undefined {
  const progress = join(dataDir, progressName);
  if (existsSync(progress)) {
    const from = readNote(progress)?.from ?? "a backup that it does not name";
    throw new RuntimeFault("RUNTIME_RESTORE_INTERRUPTED", { dataDir, from });
  }
  const file = join(dataDir, noteName);
  if (!existsSync(file)) return undefined;
  const note = readNote(file);
  const told = () => rmSync(file, { force: true });
  if (!note) {
    const text = `this state was restored from a backup, but of which, when and by whom is not known: ${noteName} cannot be read`;
    return { finding: { code: "restored", subject: dataDir, text }, told };
  }
  const { from, backupAtMs, restoredAtMs, by, replaced } = note;
  const iso = (atMs: number) => new Date(atMs).toISOString();
  const kept = replaced ? ` What it replaced lies in ${replaced}.` : "";
  const text = `this state was restored from ${from} by ${by} at ${iso(restoredAtMs)}: it is as of ${iso(backupAtMs)}, and what was decided, labelled or received after that is not in it.${kept}`;
  return { finding: { code: "restored", subject: dataDir, text }, told };
}

/** Reads the manifest and every file against it. @throws Fault RUNTIME_BACKUP_UNUSABLE with all that is wrong */
export function checkBackup(folder: string, { tier }: Pick<BackupRules, "tier">): BackupManifest {
  const refuse = (faults: string[]) =>
    new RuntimeFault("RUNTIME_BACKUP_UNUSABLE", { folder, faults });
  let manifest: BackupManifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, manifestName), "utf8")) as BackupManifest;
  } catch (error) {
    throw refuse([`${manifestName} cannot be read: ${(error as Error).message}`]);
  }
  if (manifest?.format !== "weir-backup" || manifest.formatVersion !== 1)
    throw refuse([
      `${manifestName} is not of a format this program knows; use the Weir that made it`,
    ]);
  if (manifest.tier !== tier) throw refuse([`it is a backup of a weir-${manifest.tier}`]);
  const misshapen = manifestFaults(manifest);
  if (misshapen.length > 0) throw refuse(misshapen);
  const faults = manifest.files.flatMap((file) => fileFaults(folder, file));
  if (faults.length > 0) throw refuse(faults);
  return manifest;
}

/** The file was read from a disk: nothing of it is known to be what its type says. */
function manifestFaults({ createdAtMs, files, leftSecrets = [] }: BackupManifest): string[] {
  const faults: string[] = [];
  const isDate = typeof createdAtMs === "number" && !Number.isNaN(new Date(createdAtMs).getTime());
  if (!isDate) faults.push(`${manifestName} does not say when it was made: createdAtMs`);
  if (!Array.isArray(leftSecrets) || leftSecrets.some((path) => typeof path !== "string"))
    faults.push(`${manifestName} lists no paths of keys: leftSecrets`);
  if (!Array.isArray(files) || files.length === 0)
    return [...faults, `${manifestName} lists no files: files`];
  const paths = new Set<string>();
  for (const [index, file] of files.entries()) {
    const isFile =
      typeof file?.path === "string" && file.path !== "" && typeof file.sha256 === "string";
    if (!isFile) faults.push(`${manifestName} lists no path and hash: files[${index}]`);
    else if (paths.has(file.path)) faults.push(`${file.path} is listed twice`);
    else paths.add(file.path);
  }
  return faults;
}

function fileFaults(folder: string, { path, sha256 }: BackupManifest["files"][number]): string[] {
  if (path.startsWith("/") || path.split("/").includes(".."))
    return [`${path} leads out of the folder`];
  const file = join(folder, path);
  if (!existsSync(file)) return [`${path} is missing`];
  try {
    return sha256Of(file) === sha256 ? [] : [`${path} is not what was backed up: its hash differs`];
  } catch (error) {
    return [`${path} cannot be read: ${(error as Error).message}`];
  }
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
    throw new RuntimeFault("RUNTIME_BACKUP_UNUSABLE", { folder: of.folder, faults });
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

/** Undefined when it cannot be read or says too little. */
function readNote(file: string): RestoreNote | undefined {
  try {
    const note = JSON.parse(readFileSync(file, "utf8")) as RestoreNote;
    const dates = [note.backupAtMs, note.restoredAtMs].map((atMs) => new Date(atMs).getTime());
    const isWhole = typeof note.from === "string" && !dates.some(Number.isNaN);
    return isWhole ? note : undefined;
  } catch {
    return undefined;
  }
}
