import { u8 } from "../elements.ts";

/*
  Header of a column block
    0  u8      version, 1
    1  u32 LE  dictionary hash
    5  varint  readings
       u48 LE  first time, UTC milliseconds       (absent when there are no readings)
       varint  last time − first time
  Trailer: CRC-32 of everything before it, u32 LE.
*/

export const blockVersion = 1;

/** A block never holds more. */
export const readingsMax = 2 ** 20;

/** Times are below this, UTC milliseconds: the year 10889. */
export const timeMsMax = 2 ** 48;

export const headerBytesMax = 1 + 4 + 3 + 6 + 7;

export const crcBytes = 4;

export interface BlockHeader {
  version: number;
  dictionary: number;
  readings: number;
  /** NaN when there are no readings, like `lastMs`. */
  firstMs: number;
  lastMs: number;
  /** Where the body starts. */
  bytes: number;
}

export type PeekedBlock =
  | ({ ok: true } & BlockHeader)
  | { ok: false; fault: "truncated" | "unknown-version" | "malformed"; detail: string };

/** Reads a block's header without decoding it or checking its CRC. Never throws. */
export function peekBlock(bytes: Uint8Array): PeekedBlock {
  if (bytes.length === 0) return { ok: false, fault: "truncated", detail: "0 bytes" };
  const version = u8(bytes, 0);
  if (version !== blockVersion) {
    const detail = `block version ${version}, this reader knows ${blockVersion}`;
    return { ok: false, fault: "unknown-version", detail };
  }
  const truncated = {
    ok: false,
    fault: "truncated",
    detail: `${bytes.length} bytes end within the header`,
  } as const;
  if (bytes.length < 5) return truncated;
  const dictionary = u32At(bytes, 1);
  const readings = readVarint(bytes, 5);
  if (readings === undefined) return truncated;
  if (readings.value > readingsMax) {
    const detail = `${readings.value} readings, at most ${readingsMax} fit a block`;
    return { ok: false, fault: "malformed", detail };
  }
  let at = readings.next;
  if (readings.value === 0) {
    const none = { firstMs: Number.NaN, lastMs: Number.NaN };
    return { ok: true, version, dictionary, readings: 0, ...none, bytes: at };
  }
  if (bytes.length < at + 6) return truncated;
  const firstMs = u32At(bytes, at) + (u8(bytes, at + 4) + u8(bytes, at + 5) * 256) * 2 ** 32;
  at += 6;
  const span = readVarint(bytes, at);
  if (span === undefined) return truncated;
  const lastMs = firstMs + span.value;
  if (lastMs >= timeMsMax) {
    return { ok: false, fault: "malformed", detail: `a last time of ${lastMs} ms` };
  }
  return {
    ok: true,
    version,
    dictionary,
    readings: readings.value,
    firstMs,
    lastMs,
    bytes: span.next,
  };
}

/** Writes the header at the start of `bytes` (≥ `headerBytesMax`); returns its length. */
export function writeHeader(
  bytes: Uint8Array,
  header: { dictionary: number; readings: number; firstMs: number; lastMs: number },
): number {
  bytes[0] = blockVersion;
  writeU32(bytes, 1, header.dictionary);
  let at = writeVarint(bytes, 5, header.readings);
  if (header.readings === 0) return at;
  writeU32(bytes, at, header.firstMs % 2 ** 32);
  const upper = Math.floor(header.firstMs / 2 ** 32);
  bytes[at + 4] = upper & 255;
  bytes[at + 5] = upper >>> 8;
  at = writeVarint(bytes, at + 6, header.lastMs - header.firstMs);
  return at;
}

export const u32At = (bytes: Uint8Array, at: number): number =>
  (u8(bytes, at) |
    (u8(bytes, at + 1) << 8) |
    (u8(bytes, at + 2) << 16) |
    (u8(bytes, at + 3) << 24)) >>>
  0;

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = Math.floor(value / 2 ** (8 * i)) & 255;
}

function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value >= 128) {
    bytes[at++] = (value % 128) + 128;
    value = Math.floor(value / 128);
  }
  bytes[at++] = value;
  return at;
}

/** Up to seven bytes (49 bits); `undefined` when `bytes` end before it does. */
function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 7; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 127) * 128 ** i;
    if (byte < 128) return { value, next: at + i + 1 };
  }
  return { value: Number.POSITIVE_INFINITY, next: at + 7 };
}
