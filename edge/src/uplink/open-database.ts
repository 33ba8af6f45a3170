/** Opens `edge.db`. A damaged one is moved aside: an edge in the field must not stay silent for it. */
import { existsSync, renameSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { isFault } from "@weir/runtime/fault.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { edgeMigrations } from "../edge-schema.ts";

export interface OpenedDatabase {
  db: SqlDatabase;
  /** Where the damaged one lies now. */
  movedTo: string | undefined;
  freeDiskBytes: () => number;
}

/** `nowMs` names what is moved aside. Other trouble, such as a full disk, is thrown for a later attempt. */
export function openEdgeDatabase(file: string, nowMs: number): OpenedDatabase {
  const freeDiskBytes = () => {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  };
  const open = () => openSqlite(file, { synchronous: "FULL", migrations: edgeMigrations });
  try {
    return { db: open(), movedTo: undefined, freeDiskBytes };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const movedTo = `${file}.damaged-${Math.floor(nowMs)}`;
    for (const tail of ["", "-wal", "-shm"]) {
      if (existsSync(file + tail)) renameSync(file + tail, movedTo + tail);
    }
    return { db: open(), movedTo, freeDiskBytes };
  }
}

const isDamage = (error: unknown): boolean =>
  isFault(error, "RUNTIME_DATABASE_CORRUPT") &&
  /^SQLITE_(CORRUPT|NOTADB)/.test(String((error.cause as { code?: unknown } | undefined)?.code));
