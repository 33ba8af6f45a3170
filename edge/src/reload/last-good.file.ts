/**
 * The last configuration that is known to have read the plant, in the data folder with its profiles:
 * what the agent runs when the site's own file is lost or broken, so that no typing error disables a
 * cut-off. Also which configuration was taken back, so that a restart does not run it again.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { writeDurably } from "./durable-file.ts";

export interface KeptConfiguration {
  /** The site's file that it was read from. */
  file: string;
  sha256: string;
  /** UTC, plant clock. */
  savedAtMs: number;
  /** By path: the file's and its profiles' text. */
  texts: ReadonlyMap<string, string>;
  /** What the fog had laid over it. */
  overlay: string | undefined;
}

interface Manifest {
  file: string;
  sha256: string;
  savedAtMs: number;
  files: { path: string; copy: string; sha256: string }[];
  overlay: string | undefined;
}

export interface Rejected {
  sha256: string;
  reason: string;
  atMs: number;
}

const manifestName = "manifest.json";

export class LastGood {
  readonly #folder: string;
  readonly #rejectedFile: string;
  #keptSha256: string | undefined;

  /** @param dataDir exists. Nothing is written here. */
  constructor(dataDir: string) {
    this.#folder = join(dataDir, "last-good");
    this.#rejectedFile = join(dataDir, "taken-back.json");
  }

  get folder(): string {
    return this.#folder;
  }

  /** Durable when it returns; the copy before stays whole until then. Throws as node:fs does. */
  keep(kept: KeptConfiguration): void {
    if (this.#keptSha256 === kept.sha256) return;
    const draft = `${this.#folder}.new`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true, mode: 0o750 });
    const files = [...kept.texts].map(([path, text], i) => {
      const copy = `${i}-${basename(path)}`;
      writeDurably(join(draft, copy), text);
      return { path, copy, sha256: sha256Of(text) };
    });
    const { file, sha256, savedAtMs, overlay } = kept;
    const manifest: Manifest = { file, sha256, savedAtMs, files, overlay };
    writeDurably(join(draft, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    const old = `${this.#folder}.old`;
    rmSync(old, { recursive: true, force: true });
    if (existsSync(this.#folder)) renameSync(this.#folder, old);
    renameSync(draft, this.#folder);
    rmSync(old, { recursive: true, force: true });
    this.#keptSha256 = sha256;
  }

  /** Undefined when there is none, or it was damaged. */
  load(): KeptConfiguration | undefined {
    // Between the two renames of `keep` the copy has its other name.
    return readKept(this.#folder) ?? readKept(`${this.#folder}.old`);
  }

  /** Remembers that `sha256` was tried and taken back. */
  reject(rejected: Rejected): void {
    writeDurably(this.#rejectedFile, `${JSON.stringify(rejected)}\n`);
  }

  /** It has read the plant after all. */
  absolve(): void {
    rmSync(this.#rejectedFile, { force: true });
  }

  rejected(): Rejected | undefined {
    try {
      return JSON.parse(readFileSync(this.#rejectedFile, "utf8")) as Rejected;
    } catch {
      return undefined;
    }
  }
}

function readKept(folder: string): KeptConfiguration | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, manifestName), "utf8")) as Manifest;
    const texts = new Map<string, string>();
    for (const { path, copy, sha256 } of manifest.files) {
      const text = readFileSync(join(folder, copy), "utf8");
      if (sha256Of(text) !== sha256) return undefined;
      texts.set(path, text);
    }
    const { file, sha256, savedAtMs, overlay } = manifest;
    return texts.has(file) ? { file, sha256, savedAtMs, texts, overlay } : undefined;
  } catch {
    return undefined;
  }
}

const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");
