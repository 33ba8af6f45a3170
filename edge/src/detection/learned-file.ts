/**
 * The file of what detection has learned: the bytes of learned-state.ts and their SHA-256. Written
 * whole beside the old one and put in its place; a crash leaves one of the two.
 *
 * Losing it costs days of learning, never safety, so nothing waits for it.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { open, rename } from "node:fs/promises";

/** Larger files are not read. */
export const learnedBytesMax = 64 * 1024 * 1024;
const digestSize = 32;

export type LearnedLoad =
  /** `bytes` undefined: nothing was ever stored. */
  { ok: true; bytes: Uint8Array | undefined } | { ok: false; reason: string };

export function loadLearned(path: string): LearnedLoad {
  try {
    if (!existsSync(path)) return { ok: true, bytes: undefined };
    const { size } = statSync(path);
    if (size > learnedBytesMax) {
      return { ok: false, reason: `${size} bytes, at most ${learnedBytesMax} are read` };
    }
    const file = new Uint8Array(readFileSync(path));
    const bytes = file.subarray(0, Math.max(0, file.length - digestSize));
    const isWhole = digest(bytes).equals(file.subarray(bytes.length));
    return isWhole ? { ok: true, bytes } : { ok: false, reason: "it fails its check" };
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}

const digest = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

export interface LearnedFileOptions {
  path: string;
  /** Told once when writes begin to fail, and with undefined when one works again. */
  onTrouble: (reason: string | undefined) => void;
}

/** Writes what it is given, one at a time; of several that wait only the newest. */
export class LearnedFile {
  readonly #options: LearnedFileOptions;
  #waiting: Uint8Array | undefined;
  #writing: Promise<void> | undefined;
  #isTroubled = false;

  constructor(options: LearnedFileOptions) {
    this.#options = options;
  }

  save(bytes: Uint8Array): void {
    this.#waiting = bytes;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting) {
      const bytes = this.#waiting;
      this.#waiting = undefined;
      try {
        await this.#write(bytes);
        if (this.#isTroubled) this.#options.onTrouble(undefined);
        this.#isTroubled = false;
      } catch (error) {
        if (!this.#isTroubled) this.#options.onTrouble((error as Error).message);
        this.#isTroubled = true;
      }
    }
    this.#writing = undefined;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { path } = this.#options;
    const beside = `${path}.new`;
    const file = await open(beside, "w", 0o600);
    try {
      await file.write(bytes);
      await file.write(digest(bytes));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  }
}
