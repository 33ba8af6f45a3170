/** One backup in a thread of its own: copying gigabytes keeps nobody waiting. */
import { workerData } from "node:worker_threads";
import { writeBackup } from "@weir/runtime/backup.ts";
import { fogBackup } from "../fog-backup.ts";

const { dataDir, target, nowMs } = workerData as { dataDir: string; target: string; nowMs: number };
writeBackup({ dataDir, target, nowMs, rules: fogBackup, withSecrets: false });
