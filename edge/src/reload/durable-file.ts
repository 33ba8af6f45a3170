/** A file that is replaced whole or not at all, and is on the disk when the call returns. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const fileMode = 0o600;

export function writeDurably(path: string, text: string): void {
  const draft = `${path}.new`;
  const fd = openSync(draft, "w", fileMode);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}
