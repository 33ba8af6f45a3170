/** Backups that are asked for on the page: one at a time, in the background, the newest few kept. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import type { BackupView } from "@weir/contracts/api/backup.ts";
import type { AuditLog } from "./audit-log.ts";
import { backupsName, lastBackup, manifestName } from "./backup.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { dateTag } from "./set-aside.ts";

/** Kept in the data folder; those that lie elsewhere are nobody's business here. */
const keptMax = 5;

export interface BackupsOptions {
  dataDir: string;
  /** Backups are dated by it. */
  ioClock: Clock;
  audit: Pick<AuditLog, "append">;
  logger: Logger;
  /** Module of the tier that writes one; its `workerData` is a `BackupTask`. */
  thread: URL;
}

export interface BackupTask {
  dataDir: string;
  target: string;
  nowMs: number;
}

export class Backups {
  readonly #options: BackupsOptions;
  #running: { sinceMs: number; ended: Promise<void> } | undefined;
  #failed: string | undefined;

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  view(): BackupView {
    const { dataDir, ioClock } = this.#options;
    const last = lastBackup(dataDir);
    return {
      last: last ? { ...last, isThere: existsSync(join(last.target, manifestName)) } : null,
      runningSinceMs: this.#running?.sinceMs ?? null,
      failed: this.#failed ?? null,
      dataDir: resolve(dataDir),
      nowMs: ioClock.nowMs(),
    };
  }

  /** Begins one, unless one is under way. */
  start(by: string): void {
    if (this.#running) return;
    const { dataDir, ioClock, audit } = this.#options;
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

  async #run(workerData: BackupTask): Promise<void> {
    const { logger, thread } = this.#options;
    const worker = new Worker(thread, { workerData });
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
    const folder = join(this.#options.dataDir, backupsName);
    if (!existsSync(folder)) return;
    const names = readdirSync(folder).filter((name) => /^\d{8}T\d{6}Z$/.test(name));
    for (const name of names.sort().slice(0, -keptMax)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}
