/** Where the running fog of a data folder can be asked; ports may have been chosen by the system. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface RunFile {
  httpUrl: string;
  mqttUrl: string;
  /** Specification of the plant clock of a simulation. */
  clock?: string | undefined;
}

const runFile = "addresses.json";

export const writeRunFile = (dataDir: string, run: RunFile): void =>
  writeFileSync(join(dataDir, runFile), `${JSON.stringify(run, null, 2)}\n`);

/** `undefined` when nothing has ever run there. */
export function readRunFile(dataDir: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, runFile), "utf8")) as RunFile;
  } catch {
    return undefined;
  }
}
