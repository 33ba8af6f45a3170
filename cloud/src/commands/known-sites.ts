/** Every site that this cloud has enrolled or heard of. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { CloudAuthority } from "../enrolment/authority.ts";
import { cloudMigrations } from "../storage.ts";

export function knownSites(dataDir: string, authority: CloudAuthority): string[] {
  const names = new Set(authority.enrolled().map(({ site }) => site));
  const file = join(dataDir, "cloud.db");
  if (existsSync(file)) {
    const db = openSqlite(file, { synchronous: "FULL", migrations: cloudMigrations });
    for (const { id } of db.prepare("SELECT id FROM site").all<{ id: string }>()) names.add(id);
    db.close();
  }
  return [...names].sort();
}
