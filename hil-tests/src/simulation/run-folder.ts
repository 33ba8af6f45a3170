/** A folder for the files of one run: in memory where the system has such a place. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const memoryFolder = "/dev/shm";

export interface RunFolder extends Disposable {
  readonly path: string;
}

/** A killed process leaves in its files what it had written; no power is cut here, so no disk is needed. */
export function runFolder(): RunFolder {
  const parent = existsSync(memoryFolder) ? memoryFolder : tmpdir();
  const path = mkdtempSync(join(parent, "weir-sim-"));
  return {
    path,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
