/*
  Latched trips in one file of two slots that are written in turn, in place: a full disk cannot keep
  a trip from being stored, and a torn write leaves the other slot. One fdatasync a save. Aside, write
  and fdatasync run on a thread of libuv's pool (name look-ups never take more than half of it), so that
  a slow disk delays no write to an output.

  Slot (64 KiB: some 300 latched rules)
     0  4 bytes  "WLS1"
     4  u32      size of the JSON text, bytes
     8  f64      sequence, the higher is newer
    16  32 bytes SHA-256 of bytes 0…15 and the text
    48  …        JSON text of LatchedState

  A slot that holds something but fails its check makes the file untrustworthy: the newest state may
  be the lost one, so a caller must assume the worst.
*/
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readSync,
  write,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { LatchLoad, LatchSaved, LatchStore } from "./latch-store.ts";
import { type LatchedState, latchedStateOf } from "./safety-state.ts";

export const slotSize = 64 * 1024;
const headerSize = 48;
const magic = "WLS1";

type Slot =
  | { at: "empty" }
  | { at: "torn" }
  | { at: "good"; sequence: number; state: LatchedState };

/** Puts `bytes` at `position` of `fd` for good. */
type Put = (
  fd: number,
  at: { bytes: Uint8Array; position: number },
  settled: (error: Error | null) => void,
) => void;

const putNow: Put = (fd, { bytes, position }, settled) => {
  try {
    writeSync(fd, bytes, 0, bytes.length, position);
    fdatasyncSync(fd);
  } catch (error) {
    return settled(error as Error);
  }
  settled(null);
};

const putAside: Put = (fd, { bytes, position }, settled) => {
  write(fd, bytes, 0, bytes.length, position, (error, written) => {
    if (error) return settled(error);
    // A disk that takes only a part says why on the next attempt.
    if (written < bytes.length) return putAside(fd, rest(bytes, position, written), settled);
    fdatasync(fd, settled);
  });
};

const rest = (bytes: Uint8Array, position: number, written: number) => ({
  bytes: bytes.subarray(written),
  position: position + written,
});

/**
 * @param path the file; its folder exists.
 * @param isAside saves settle later, and the thread does not wait for the disk.
 * @param isExpected this edge has run before: a file that is missing was lost, and with it what may have
 *   been latched; it is as little to be trusted as a damaged one.
 */
export function openLatchFile(
  path: string,
  isAside = false,
  isExpected = false,
): LatchStore & { close(): void } {
  return new LatchFile(path, isAside ? putAside : putNow, isExpected && !existsSync(path));
}

class LatchFile implements LatchStore {
  readonly #path: string;
  readonly #put: Put;
  #fd = -1;
  #sequence = 0;
  #isWriting = false;
  #isClosing = false;
  /** The newest state that came while another was written, and who waits for it. */
  #next: { state: LatchedState; settled: ((saved: LatchSaved) => void)[] } | undefined;

  readonly #isLost: boolean;

  constructor(path: string, put: Put, isLost: boolean) {
    this.#path = path;
    this.#put = put;
    this.#isLost = isLost;
  }

  load(): LatchLoad {
    try {
      if (this.#isLost) {
        this.#open();
        return { ok: false, reason: `${this.#path} is missing, though this edge has run before` };
      }
      const slots = [0, 1].map((i) => readSlot(this.#open(), i));
      const torn = slots.findIndex((slot) => slot.at === "torn");
      if (torn >= 0) return { ok: false, reason: `slot ${torn} of ${this.#path} fails its check` };
      const newest = slots
        .filter((slot) => slot.at === "good")
        .sort((a, b) => b.sequence - a.sequence)[0];
      this.#sequence = newest?.sequence ?? 0;
      return { ok: true, state: newest?.state };
    } catch (error) {
      return { ok: false, reason: (error as Error).message };
    }
  }

  save(state: LatchedState, settled: (saved: LatchSaved) => void): void {
    if (this.#isWriting) {
      this.#next = { state, settled: [...(this.#next?.settled ?? []), settled] };
      return;
    }
    this.#write(state, [settled]);
  }

  /** What is being written is finished first. */
  close(): void {
    this.#isClosing = true;
    if (this.#isWriting) return;
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #write(state: LatchedState, settled: ((saved: LatchSaved) => void)[]): void {
    const tell = (saved: LatchSaved) => {
      for (const each of settled) each(saved);
    };
    let bytes: Buffer;
    try {
      bytes = encodeSlot(state, this.#sequence + 1);
      this.#open();
    } catch (error) {
      tell({ ok: false, reason: (error as Error).message });
      return;
    }
    if (bytes.length > slotSize) {
      tell({ ok: false, reason: `${bytes.length} bytes of state` });
      return;
    }
    const position = ((this.#sequence + 1) % 2) * slotSize;
    this.#isWriting = true;
    this.#put(this.#fd, { bytes, position }, (error) => {
      this.#isWriting = false;
      if (!error) this.#sequence++;
      const next = this.#next;
      this.#next = undefined;
      if (next) this.#write(next.state, next.settled);
      else if (this.#isClosing) this.close();
      tell(error ? { ok: false, reason: error.message } : { ok: true });
    });
  }

  #open(): number {
    if (this.#fd >= 0) return this.#fd;
    const isNew = !existsSync(this.#path);
    this.#fd = openSync(this.#path, isNew ? "w+" : "r+", 0o600);
    if (isNew) {
      // In place of a lost one: untrustworthy until a state is stored, whenever the power goes.
      const empty = new Uint8Array(2 * slotSize).fill(this.#isLost ? 0xff : 0);
      writeSync(this.#fd, empty, 0, empty.length, 0);
      fsyncSync(this.#fd);
      syncFolder(dirname(this.#path));
    }
    return this.#fd;
  }
}

function encodeSlot(state: LatchedState, sequence: number): Buffer {
  const text = Buffer.from(JSON.stringify(state, keepNaN));
  const bytes = Buffer.alloc(headerSize + text.length);
  bytes.write(magic, 0, "latin1");
  bytes.writeUInt32BE(text.length, 4);
  bytes.writeDoubleBE(sequence, 8);
  text.copy(bytes, headerSize);
  digest(bytes, text.length).copy(bytes, 16);
  return bytes;
}

function readSlot(fd: number, index: number): Slot {
  const bytes = Buffer.alloc(slotSize);
  const size = readSync(fd, bytes, 0, slotSize, index * slotSize);
  if (bytes.subarray(0, headerSize).every((byte) => byte === 0)) {
    return size === slotSize ? { at: "empty" } : { at: "torn" };
  }
  const length = bytes.readUInt32BE(4);
  const isWhole =
    bytes.toString("latin1", 0, 4) === magic &&
    length <= slotSize - headerSize &&
    digest(bytes, length).equals(bytes.subarray(16, headerSize));
  if (!isWhole) return { at: "torn" };
  const text = bytes.toString("utf8", headerSize, headerSize + length);
  const state = latchedStateOf(JSON.parse(text, restoreNaN));
  return state ? { at: "good", sequence: bytes.readDoubleBE(8), state } : { at: "torn" };
}

const digest = (bytes: Buffer, length: number): Buffer =>
  createHash("sha256")
    .update(bytes.subarray(0, 16))
    .update(bytes.subarray(headerSize, headerSize + length))
    .digest();

// A simulated trip has no value; JSON has no NaN.
const keepNaN = (key: string, value: unknown): unknown =>
  key === "value" && Number.isNaN(value) ? "NaN" : value;
const restoreNaN = (key: string, value: unknown): unknown =>
  key === "value" && value === "NaN" ? Number.NaN : value;

function syncFolder(path: string): void {
  const fd = openSync(path, "r");
  fsyncSync(fd);
  closeSync(fd);
}
