/** The newest backup of the data folder in words. */
import type { LastBackup } from "@weir/runtime/backup.ts";
import type { PlantTime } from "./plant-time.ts";

/** "2026-06-02 06:00:03 +01:00, 4 files, 1.2 MB, in /mnt/backup/tanks", "never" */
export function backupText(last: LastBackup | undefined, time: PlantTime): string {
  if (!last) return "never";
  const { atMs, files, bytes, target } = last;
  const size = `${files} file${files === 1 ? "" : "s"}, ${(bytes / 1024 / 1024).toFixed(1)} MB`;
  return `${time.at(atMs)}, ${size}, in ${target}`;
}
