/** The database of a tier's data folder, for commands that work beside the running process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RuntimeFault } from "./faults.ts";
import { openSqlite } from "./sql.better-sqlite3.ts";
import type { SqlDatabase } from "./sql.ts";

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
  if (!existsSync(path)) throw new RuntimeFault("RUNTIME_NO_DATA", { dataDir, file, program });
  return openSqlite(path, { synchronous: "FULL", migrations });
}
