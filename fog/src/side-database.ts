/** A database beside the journal: damaged, it costs what it holds and no more. */
import { join } from "node:path";
import { openSound } from "@weir/runtime/set-aside.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { FogCore } from "./fog.ts";

/** `holds`: what is lost with it, for people. Opened with synchronous FULL. */
export function openSideDatabase(
  core: Pick<FogCore, "dataDir" | "ioClock" | "integrity">,
  name: string,
  { migrations, holds }: { migrations: readonly string[]; holds: string },
): SqlDatabase {
  const { db, aside } = openSound(join(core.dataDir, name), {
    ...{ synchronous: "FULL", migrations, nowMs: core.ioClock.nowMs() },
  });
  if (aside) {
    core.integrity.note({
      code: "damaged",
      subject: name,
      text: `${name} was damaged (${aside.why}): it lies in ${aside.movedTo} now and a new one was begun, without ${holds}. Restore a backup with "weir-fog restore"`,
    });
  }
  return db;
}
