/** A folder that is removed after the test that asked for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "weir-cloud-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
