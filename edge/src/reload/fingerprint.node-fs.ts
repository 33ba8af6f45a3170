/** Tells by size, time and file number whether one of some files is another one than before. */
import { statSync } from "node:fs";

export function fingerprintOf(files: Iterable<string>): string {
  return [...files].map(one).join("\n");
}

function one(file: string): string {
  try {
    const { size, mtimeMs, ino } = statSync(file);
    return `${file} ${size} ${mtimeMs} ${ino}`;
  } catch {
    return `${file} gone`;
  }
}
