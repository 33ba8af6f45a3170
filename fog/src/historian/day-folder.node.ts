/** Day files in a folder of the data directory. */
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { databaseTails, setAside } from "@weir/runtime/set-aside.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { DayFolder } from "./day-files.ts";

const namePattern = /^(\d{4}-\d{2}-\d{2})\.db$/;

export function dayFolder(folder: string): DayFolder {
  mkdirSync(folder, { recursive: true });
  const size = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return {
    list: () =>
      readdirSync(folder).flatMap((name) => {
        const day = namePattern.exec(name)?.[1];
        if (day === undefined) return [];
        const file = join(folder, name);
        return [{ day, bytes: databaseTails.reduce((sum, tail) => sum + size(file + tail), 0) }];
      }),
    // FULL: a sealed minute's raw batches are deleted from the journal right after this commit.
    open: (day, migrations) =>
      openSqlite(join(folder, `${day}.db`), { synchronous: "FULL", migrations }),
    remove: (day) => {
      for (const tail of databaseTails) rmSync(join(folder, `${day}.db${tail}`), { force: true });
    },
    setAside: (day, nowMs) => setAside(join(folder, `${day}.db`), nowMs),
  };
}
