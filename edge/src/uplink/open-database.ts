/**
 * Opens `edge.db`. A damaged or lost one is replaced by a new one and told: an edge in the field must
 * not stay silent for it, nor about it.
 */
import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { IntegrityFinding } from "@weir/runtime/integrity-log.ts";
import { isDamage, setAside } from "@weir/runtime/set-aside.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { edgeMigrations } from "../edge-schema.ts";

export interface OpenedDatabase {
  db: SqlDatabase;
  /** What became of the one before; undefined when it is sound, or when there never was one. */
  finding: IntegrityFinding | undefined;
  freeDiskBytes: () => number;
}

/**
 * `hasRun`: this edge has run on the folder before. `nowMs` names what is moved aside. Other trouble,
 * such as a full disk, is thrown for a later attempt.
 */
export function openEdgeDatabase(
  file: string,
  { nowMs, hasRun = false }: { nowMs: number; hasRun?: boolean | undefined },
): OpenedDatabase {
  const freeDiskBytes = () => {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  };
  const open = () => openSqlite(file, { synchronous: "FULL", migrations: edgeMigrations });
  let finding = hasRun ? lostFinding(file, nowMs) : undefined;
  try {
    return { db: open(), finding, freeDiskBytes };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const movedTo = setAside(file, nowMs);
    const text = `the edge's database was damaged and lies in ${movedTo} now; a new one was begun. What it kept for the fog and its audit log are in the old one`;
    finding = { code: "damaged", subject: file, text };
    return { db: open(), finding, freeDiskBytes };
  }
}

function lostFinding(file: string, nowMs: number): IntegrityFinding | undefined {
  const isThere = existsSync(file);
  if (isThere && statSync(file).size > 0) return undefined;
  const moved = isThere ? ` (set aside as ${setAside(file, nowMs, "empty")})` : "";
  const text = `${file} was ${isThere ? "empty" : "missing"} though this edge has run before${moved}; a new one was begun. Readings that waited for the fog are lost and in no count`;
  return { code: "lost", subject: file, text };
}
