import { statfsSync } from "node:fs";

/** Of the disk that `folder` lies on, as far as this user may write to it. */
export function freeDiskBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
