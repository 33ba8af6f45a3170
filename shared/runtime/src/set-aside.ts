/**
 * A damaged database costs what it holds and no more: it is moved aside under a name with the date, for
 * a person to look into, and a new one takes its place.
 */
import { existsSync, renameSync, statSync } from "node:fs";
import { RuntimeFault } from "./faults.ts";
import { isDamageCode, openSqlite, type SqliteOptions } from "./sql.better-sqlite3.ts";
import type { SqlDatabase } from "./sql.ts";

/** SQLite's companions of a database file. */
export const databaseTails = ["", "-wal", "-shm"] as const;

/** Larger ones are not read through at the start: that would take seconds. Bytes. */
const checkedBytesMax = 64 * 2 ** 20;

/** "20260602T050000Z": sorts by time and is a name everywhere. */
export const dateTag = (nowMs: number): string =>
  new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, "").concat("Z");

/** Moves `path` (a folder, or a database with its companions) out of the way; returns where it is now. */
export function setAside(path: string, nowMs: number, what = "damaged"): string {
  const stem = `${path}.${what}-${dateTag(nowMs)}`;
  let to = stem;
  for (let n = 2; existsSync(to); n++) to = `${stem}-${n}`;
  for (const tail of databaseTails) {
    if (existsSync(path + tail)) renameSync(path + tail, to + tail);
  }
  return to;
}

/** Says whether SQLite found the file itself damaged, not merely busy, full or from a newer Weir. */
export function isDamage(error: unknown): boolean {
  const cause = RuntimeFault.is(error, "RUNTIME_DATABASE_CORRUPT") ? error.cause : error;
  return isDamageCode(String((cause as { code?: unknown } | undefined)?.code));
}

/** What is wrong inside a database that opens, or undefined. Reads all of it. */
export function flawOf(db: SqlDatabase): string | undefined {
  try {
    const row = db.prepare("PRAGMA quick_check(1)").get<{ quick_check: string }>();
    return row?.quick_check === "ok" ? undefined : row?.quick_check;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return (error as Error).message;
  }
}

export interface SoundDatabase {
  db: SqlDatabase;
  /** Of a file that was damaged: where it lies now, and what was wrong with it. */
  aside: { movedTo: string; why: string } | undefined;
}

/**
 * Opens `file` and looks whether it is sound: the database, or why it is damaged.
 * @throws Fault of `openSqlite` for everything but damage
 */
export function openChecked(
  file: string,
  options: SqliteOptions,
): { db: SqlDatabase; why?: undefined } | { db: undefined; why: string } {
  try {
    const db = openSqlite(file, options);
    const isSmall = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= checkedBytesMax;
    const why = isSmall ? flawOf(db) : undefined;
    if (why === undefined) return { db };
    db.close();
    return { db: undefined, why };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { db: undefined, why: (error as Error).message };
  }
}

/**
 * Opens `file`; one that is damaged is set aside and begun anew.
 * @throws Fault of `openSqlite` for everything but damage
 */
export function openSound(file: string, options: SqliteOptions & { nowMs: number }): SoundDatabase {
  const { db, why } = openChecked(file, options);
  if (db) return { db, aside: undefined };
  const movedTo = setAside(file, options.nowMs);
  return { db: openSqlite(file, options), aside: { movedTo, why } };
}
