/**
 * A backup of a data folder: every file of it in another folder, each database as of one moment, with a
 * manifest of their hashes. Made beside the running process; put back only where none runs.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isAlive } from "./data-dir.ts";
import { RuntimeFault } from "./faults.ts";
import { replaceFile, syncFolder } from "./replace-file.ts";
import { copySqlite } from "./sql.better-sqlite3.ts";

export type Tier = "edge" | "fog" | "cloud";

export interface BackupRules {
  tier: Tier;
  /** Of the program. */
  version: string;
  /** Databases in this order before all others: what they rely on must not be older than they are. */
  firstDatabases: readonly string[];
  /** Paths of keys: in a backup only when it is asked for. */
  isSecret: (path: string) => boolean;
  /** Names of this very run, and what must never come out of the past. */
  left: readonly string[];
}

export interface BackupFile {
  /** With "/", from the data folder. */
  path: string;
  kind: "database" | "file" | "secret";
  bytes: number;
  sha256: string;
}

export interface BackupManifest {
  format: "weir-backup";
  formatVersion: 1;
  tier: Tier;
  version: string;
  /** UTC. */
  createdAtMs: number;
  hasSecrets: boolean;
  /** Paths of the keys that were there and are not in it; absent in backups of older programs. */
  leftSecrets?: string[];
  files: BackupFile[];
}

export const manifestName = "manifest.json";
export const lastBackupName = "last-backup.json";
/** In a data folder: backups that were made from the page. */
export const backupsName = "backups";

/** A file that comes or goes while it is copied makes the whole copy doubtful. */
const triesMax = 5;

/** Never part of a backup, at no tier. */
const leftAlways: readonly RegExp[] = [
  /^weir\.lock$/,
  /^\./,
  /\.draft-\d+$/,
  /-(wal|shm|journal)$/,
  /\.(damaged|empty|without-tags)-\d{8}T/,
  /\.damaged-\d+$/,
  /^replaced-\d{8}T/,
  /\.new$/,
  /^(restored|last-backup|restore-in-progress)\.json$/,
  new RegExp(`^${backupsName}$`),
];

export interface LastBackup {
  atMs: number;
  target: string;
  files: number;
  bytes: number;
  hasSecrets: boolean;
}

/**
 * Writes the backup to `target`, whole or not at all.
 * @throws Fault RUNTIME_BACKUP_TARGET, RUNTIME_BACKUP_NO_ROOM, RUNTIME_BACKUP_NOTHING, RUNTIME_BACKUP_UNREST, and
 *   RUNTIME_DATABASE_CORRUPT or RUNTIME_DATABASE_UNREADABLE of a database that cannot be copied
 */
export function writeBackup(options: BackupOptions): BackupManifest {
  const { dataDir, rules } = options;
  const target = resolve(options.target);
  if (pathsOf(dataDir, rules).length === 0)
    throw new RuntimeFault("RUNTIME_BACKUP_NOTHING", { dataDir });
  const draft = `${target}.draft-${process.pid}`;
  try {
    assertFree(target);
    sweepDrafts(target, dataDir);
    const manifest = writeDraft(draft, options);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
    syncFolder(dirname(target));
    const { createdAtMs: atMs, hasSecrets, files } = manifest;
    noteLast(dataDir, { atMs, target, hasSecrets, ...sumOf(files) });
    return manifest;
  } catch (error) {
    throw targetFault(target, error);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

interface BackupOptions {
  dataDir: string;
  target: string;
  rules: BackupRules;
  withSecrets: boolean;
  /** UTC. */
  nowMs: number;
}

function writeDraft(draft: string, options: BackupOptions): BackupManifest {
  const { dataDir, rules, withSecrets, nowMs } = options;
  for (let tries = 0; tries < triesMax; tries++) {
    rmSync(draft, { recursive: true, force: true });
    const copied = copyAll({ dataDir, draft, rules, withSecrets });
    if (!copied) continue;
    const manifest: BackupManifest = {
      ...{ format: "weir-backup", formatVersion: 1, tier: rules.tier, version: rules.version },
      ...{ createdAtMs: nowMs, hasSecrets: withSecrets, ...copied },
    };
    replaceFile(join(draft, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, 0o600);
    return manifest;
  }
  throw new RuntimeFault("RUNTIME_BACKUP_UNREST", { dataDir, tries: triesMax });
}

/** Halves that a killed run has left: of this very target, and of any in the folder that is ours. */
function sweepDrafts(target: string, dataDir: string): void {
  const folder = dirname(target);
  const isOurs = folder === resolve(dataDir, backupsName);
  for (const name of readdirSync(folder)) {
    const [, of, pid] = /^(.+)\.draft-(\d+)$/.exec(name) ?? [];
    if (of === undefined || !(isOurs || of === basename(target)) || isRunning(Number(pid)))
      continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

const isRunning = (pid: number): boolean => pid !== process.pid && isAlive({ pid, birth: "" });

/** What the operating system's refusal means for the folder that a backup is written to. */
function targetFault(target: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const options = { cause: error };
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
    case "RUNTIME_DATABASE_NO_ROOM":
      return new RuntimeFault("RUNTIME_BACKUP_NO_ROOM", { target }, options);
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOTDIR":
    case "EEXIST":
    case "EIO":
      return new RuntimeFault("RUNTIME_BACKUP_TARGET", { target, why: message }, options);
    default:
      return error;
  }
}

/** The newest backup that was made of a data folder, wherever it lies; undefined when there was none. */
export function lastBackup(dataDir: string): LastBackup | undefined {
  try {
    const last = JSON.parse(readFileSync(join(dataDir, lastBackupName), "utf8")) as LastBackup;
    return typeof last.atMs === "number" && typeof last.target === "string" ? last : undefined;
  } catch {
    return undefined;
  }
}

export const sumOf = (files: readonly BackupFile[]) => ({
  files: files.length,
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
});

/** What belongs into a backup, by path with "/". */
export function pathsOf(dataDir: string, rules: Pick<BackupRules, "left">, under = ""): string[] {
  const folder = join(dataDir, under);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const { name } = entry;
    if (leftAlways.some((pattern) => pattern.test(name))) return [];
    if (under === "" && rules.left.includes(name)) return [];
    const path = under === "" ? name : `${under}/${name}`;
    if (entry.isDirectory()) return pathsOf(dataDir, rules, path);
    return entry.isFile() ? [path] : [];
  });
}

export const sha256Of = (file: string): string =>
  createHash("sha256").update(readFileSync(file)).digest("hex");

function assertFree(target: string): void {
  if (!existsSync(target)) {
    mkdirSync(dirname(target), { recursive: true });
    return;
  }
  if (!statSync(target).isDirectory())
    throw new RuntimeFault("RUNTIME_BACKUP_TARGET", { target, why: "it is a file" });
  if (readdirSync(target).length > 0)
    throw new RuntimeFault("RUNTIME_BACKUP_TARGET", { target, why: "it is not empty" });
}

/** Undefined: files came or went meanwhile. */
function copyAll(options: {
  dataDir: string;
  draft: string;
  rules: BackupRules;
  withSecrets: boolean;
}): Required<Pick<BackupManifest, "files" | "leftSecrets">> | undefined {
  const { dataDir, draft, rules, withSecrets } = options;
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  const paths = pathsOf(dataDir, rules);
  const files: BackupFile[] = [];
  const leftSecrets: string[] = [];
  for (const path of inOrder(paths, rules)) {
    const kind = rules.isSecret(path) ? "secret" : path.endsWith(".db") ? "database" : "file";
    if (kind === "secret" && !withSecrets) {
      leftSecrets.push(path);
      continue;
    }
    const [from, to] = [join(dataDir, path), join(draft, path)];
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    try {
      if (kind === "database") copySqlite(from, to);
      else copyFileSync(from, to);
    } catch (error) {
      if (!existsSync(from)) return undefined;
      throw error;
    }
    chmodSync(to, 0o600);
    files.push({ path, kind, bytes: statSync(to).size, sha256: sha256Of(to) });
  }
  const after = pathsOf(dataDir, rules);
  const isAtRest = after.sort().join("\n") === [...paths].sort().join("\n");
  return isAtRest ? { files, leftSecrets } : undefined;
}

function inOrder(paths: readonly string[], { firstDatabases }: BackupRules): string[] {
  const rank = (path: string): number => {
    const first = firstDatabases.indexOf(path);
    if (first >= 0) return first;
    return path.endsWith(".db") ? firstDatabases.length : firstDatabases.length + 1;
  };
  return [...paths].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function noteLast(dataDir: string, last: LastBackup): void {
  try {
    replaceFile(join(dataDir, lastBackupName), `${JSON.stringify(last)}\n`);
  } catch {
    // The backup is whole; only the page will not know of it.
  }
}
