/**
 * The folder a process keeps its state in: made when missing, proven writable, and held by one process
 * at a time, because two writers would destroy each other's files.
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { RuntimeFault } from "./faults.ts";

export interface DataDir {
  /** Absolute. */
  readonly path: string;
  /** The path of `name` in the folder. */
  file(name: string): string;
  /** There was no room for the lock: only with `evenWhenFull`. */
  readonly isFull: boolean;
  /** Gives the folder up. Safe to call twice. */
  close(): void;
}

const lockName = "weir.lock";
/** Bytes written to prove that there is room: a few pages of SQLite's journal. */
const probeSize = 64 * 1024;

/**
 * `evenWhenFull`: a program that guards something must start on a full disk as well, if the folder is
 * there and nobody else holds it.
 * @throws Fault RUNTIME_DATA_DIR_IS_FILE, RUNTIME_DATA_DIR_NOT_WRITABLE, RUNTIME_DATA_DIR_LOCKED,
 * RUNTIME_DATA_DIR_FULL
 */
export function openDataDir(path: string, { evenWhenFull = false } = {}): DataDir {
  const absolute = resolve(path);
  const opened = { path: absolute, file: (name: string) => join(absolute, name) };
  try {
    const isNew = mkdirSync(absolute, { recursive: true, mode: 0o750 }) !== undefined;
    try {
      probe(absolute);
      return { ...opened, isFull: false, close: lock(absolute) };
    } catch (error) {
      if (!evenWhenFull || isNew || !isFullDisk(error)) throw error;
      refuseHeld(absolute, readHolder(join(absolute, lockName)));
      return { ...opened, isFull: true, close: () => {} };
    }
  } catch (error) {
    throw dataDirFault(absolute, error);
  }
}

const isFullDisk = (error: unknown): boolean =>
  ["ENOSPC", "EDQUOT"].includes(String((error as NodeJS.ErrnoException).code));

/** What the operating system's refusal means for the data folder. */
export function dataDirFault(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const options = { cause: error };
  switch (code) {
    case "EEXIST":
    case "ENOTDIR":
      return new RuntimeFault("RUNTIME_DATA_DIR_IS_FILE", { path }, options);
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOENT":
      return new RuntimeFault("RUNTIME_DATA_DIR_NOT_WRITABLE", { path, code }, options);
    case "ENOSPC":
    case "EDQUOT":
      return new RuntimeFault("RUNTIME_DATA_DIR_FULL", { path }, options);
    default:
      return error;
  }
}

function probe(folder: string): void {
  const file = join(folder, `.probe-${process.pid}`);
  try {
    writeThrough(file, Buffer.alloc(probeSize));
  } finally {
    rmSync(file, { force: true });
  }
}

function writeThrough(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(file, "w", 0o640);
  try {
    writeSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

interface Holder {
  pid: number;
  /** Tells the process from a later one with the same number; empty where the system does not say. */
  birth: string;
}

/** Takes the lock, or that of a process that is gone. A hard link is atomic where a test is not. */
function lock(folder: string): () => void {
  const file = join(folder, lockName);
  const own = JSON.stringify({ pid: process.pid, birth: birthOf(process.pid) });
  const draft = join(folder, `.${lockName}-${process.pid}`);
  writeThrough(draft, Buffer.from(own));
  try {
    for (;;) {
      if (tryLink(draft, file)) break;
      refuseHeld(folder, readHolder(file));
      // Renamed first, so that of two who saw the same stale lock only one removes it.
      const aside = join(folder, `.${lockName}-stale-${process.pid}`);
      renameSync(file, aside);
      rmSync(aside);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  let isHeld = true;
  return () => {
    if (isHeld) rmSync(file, { force: true });
    isHeld = false;
  };
}

/** @throws Fault RUNTIME_DATA_DIR_LOCKED when `holder` lives */
function refuseHeld(path: string, holder: Holder | undefined): void {
  if (holder && isAlive(holder))
    throw new RuntimeFault("RUNTIME_DATA_DIR_LOCKED", { path, pid: holder.pid });
}

function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined when the lock is unreadable: half-written before a power cut. */
function readHolder(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, "utf8")) as Partial<Holder>;
    if (typeof holder.pid !== "number") return undefined;
    return { pid: holder.pid, birth: String(holder.birth ?? "") };
  } catch {
    return undefined;
  }
}

/** Without a birth, only whether some process has that number. */
export function isAlive({ pid, birth }: Holder): boolean {
  const nowBirth = birthOf(pid);
  if (birth !== "" && nowBirth !== "") return birth === nowBirth;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Boot and start tick of a process, on Linux: in a container the next process has the same number. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    // The name in parentheses may hold anything; field 22 counts from after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return `${boot}/${fields[19]}`;
  } catch {
    return "";
  }
}
