/*
  Latched trips in one file of two slots that are written in turn, in place: a full disk cannot keep
  a trip from being stored, and a torn write leaves the other slot. One fdatasync a save.

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
  fdatasyncSync,
  fsyncSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { LatchLoad, LatchStore } from "./latch-store.ts";
import { isLatchedState, type LatchedState } from "./safety-state.ts";

export const slotSize = 64 * 1024;
const headerSize = 48;
const magic = "WLS1";

type Slot =
  | { at: "empty" }
  | { at: "torn" }
  | { at: "good"; sequence: number; state: LatchedState };

/** @param path the file; its folder exists. */
export function openLatchFile(path: string): LatchStore & { close(): void } {
  let fd = -1;
  let sequence = 0;
  const open = (): number => {
    if (fd >= 0) return fd;
    const isNew = !existsSync(path);
    fd = openSync(path, isNew ? "w+" : "r+", 0o600);
    if (isNew) {
      writeSync(fd, new Uint8Array(2 * slotSize), 0, 2 * slotSize, 0);
      fsyncSync(fd);
      syncFolder(dirname(path));
    }
    return fd;
  };
  return {
    load: (): LatchLoad => {
      try {
        const slots = [0, 1].map((i) => readSlot(open(), i));
        const torn = slots.findIndex((slot) => slot.at === "torn");
        if (torn >= 0) return { ok: false, reason: `slot ${torn} of ${path} fails its check` };
        const newest = slots
          .filter((slot) => slot.at === "good")
          .sort((a, b) => b.sequence - a.sequence)[0];
        sequence = newest?.sequence ?? 0;
        return { ok: true, state: newest?.state };
      } catch (error) {
        return { ok: false, reason: (error as Error).message };
      }
    },
    save: (state) => {
      try {
        const bytes = encodeSlot(state, sequence + 1);
        if (bytes.length > slotSize) return { ok: false, reason: `${bytes.length} bytes of state` };
        writeSync(open(), bytes, 0, bytes.length, ((sequence + 1) % 2) * slotSize);
        fdatasyncSync(fd);
        sequence++;
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: (error as Error).message };
      }
    },
    close: () => {
      if (fd >= 0) closeSync(fd);
      fd = -1;
    },
  };
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
  const state: unknown = JSON.parse(text, restoreNaN);
  return isLatchedState(state)
    ? { at: "good", sequence: bytes.readDoubleBE(8), state }
    : { at: "torn" };
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
