/** The changes from above that are in force, in the data folder: laid over the site's file at each start. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "./durable-file.ts";

export interface RemoteConfiguration {
  /** Of the artifact. */
  name: string;
  version: number;
  text: string;
}

export class RemoteConfigurationFile {
  readonly #file: string;

  constructor(dataDir: string) {
    this.#file = join(dataDir, "remote-configuration.json");
  }

  load(): RemoteConfiguration | undefined {
    try {
      const read = JSON.parse(readFileSync(this.#file, "utf8")) as Partial<RemoteConfiguration>;
      const { name, version, text } = read;
      const isWhole =
        typeof name === "string" && typeof version === "number" && typeof text === "string";
      return isWhole ? { name, version, text } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Undefined: the site's own file alone. */
  save(remote: RemoteConfiguration | undefined): void {
    if (remote) writeDurably(this.#file, `${JSON.stringify(remote)}\n`);
    else rmSync(this.#file, { force: true });
  }
}
