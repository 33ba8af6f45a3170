/** Backups that are asked for on the page: one at a time, in the background, the newest few kept. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { BackupView } from "@weir/contracts/api/fog.ts";
import { backupsName, lastBackup } from "@weir/runtime/backup.ts";
import { dateTag } from "@weir/runtime/set-aside.ts";
import type { FogCore } from "../fog.ts";

/** Kept in the data folder; those that lie elsewhere are nobody's business here. */
const keptMax = 5;

export class Backups {
  readonly #core: Pick<FogCore, "dataDir" | "ioClock" | "audit" | "logger">;
  #running: { sinceMs: number; ended: Promise<void> } | undefined;
  #failed: string | undefined;

  constructor(core: Pick<FogCore, "dataDir" | "ioClock" | "audit" | "logger">) {
    this.#core = core;
  }

  view(): BackupView {
    return {
      last: lastBackup(this.#core.dataDir) ?? null,
      runningSinceMs: this.#running?.sinceMs ?? null,
      failed: this.#failed ?? null,
    };
  }

  /** Begins one, unless one is under way. */
  start(by: string): void {
    if (this.#running) return;
    const { dataDir, ioClock, audit } = this.#core;
    const nowMs = ioClock.nowMs();
    const target = join(dataDir, backupsName, dateTag(nowMs));
    audit.append({ actor: by, action: "backup", subject: target, detail: "without keys" });
    this.#failed = undefined;
    this.#running = { sinceMs: nowMs, ended: this.#run({ dataDir, target, nowMs }) };
  }

  /** When none is under way any more. */
  async settled(): Promise<void> {
    await this.#running?.ended;
  }

  async #run(workerData: { dataDir: string; target: string; nowMs: number }): Promise<void> {
    const { logger } = this.#core;
    const worker = new Worker(new URL("./backup-thread.ts", import.meta.url), { workerData });
    const why = await new Promise<string | undefined>((resolve) => {
      worker.on("error", (error) => resolve((error as Error).message));
      worker.on("exit", (code) => resolve(code === 0 ? undefined : `it ended with code ${code}`));
    });
    this.#running = undefined;
    this.#failed = why;
    if (why === undefined) {
      logger.info("backup written", { target: workerData.target });
      this.#keepNewest();
    } else logger.error("the backup failed", { why });
  }

  #keepNewest(): void {
    const folder = join(this.#core.dataDir, backupsName);
    if (!existsSync(folder)) return;
    const names = readdirSync(folder).filter((name) => /^\d{8}T\d{6}Z$/.test(name));
    for (const name of names.sort().slice(0, -keptMax)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}
