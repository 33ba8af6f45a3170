/** One backup in a thread of its own: copying gigabytes keeps nobody waiting. */
import { workerData } from "node:worker_threads";
import { writeBackup } from "@weir/runtime/backup.ts";
import type { BackupTask } from "@weir/runtime/backups.ts";
import { fogBackup } from "./fog-backup.ts";

const { dataDir, target, nowMs } = workerData as BackupTask;
writeBackup({ dataDir, target, nowMs, rules: fogBackup, withSecrets: false });
