/** One backup in a thread of its own: copying gigabytes keeps nobody waiting. */
import { workerData } from "node:worker_threads";
import { writeBackup } from "@weir/runtime/backup.ts";
import type { BackupTask } from "@weir/runtime/backups.ts";
import { cloudBackup } from "./cloud-backup.ts";

const { dataDir, target, nowMs } = workerData as BackupTask;
writeBackup({ dataDir, target, nowMs, rules: cloudBackup, withSecrets: false });
