/** The database of a tier's data folder, for commands that work beside the running process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { declareFaults, Fault } from "./fault.ts";
import { openSqlite } from "./sql.better-sqlite3.ts";
import type { SqlDatabase } from "./sql.ts";

declareFaults({
  RUNTIME_NO_DATA: {
    retry: false,
    text: (f: { dataDir: string; file: string; program: string }) =>
      `${f.dataDir} holds no ${f.file}; name the data folder of ${f.program} with --data-dir`,
  },
});

/** @throws Fault RUNTIME_NO_DATA: a folder that was named by mistake must not get a database */
export function openTierDatabase(of: {
  /** "weir-edge" */
  program: string;
  dataDir: string;
  file: string;
  migrations: readonly string[];
}): SqlDatabase {
  const { program, dataDir, file, migrations } = of;
  const path = join(dataDir, file);
  if (!existsSync(path)) throw new Fault("RUNTIME_NO_DATA", { dataDir, file, program });
  return openSqlite(path, { synchronous: "FULL", migrations });
}
