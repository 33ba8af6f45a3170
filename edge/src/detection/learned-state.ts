/*
  What detection has learned, as bytes that outlive the process. Little-endian:

     0  4 bytes  "WLD1"
     4  u32      bytes of one tag's columns: another number is another version of the rules
     8  f64      UTC of the plant clock when it was captured, ms
    16  f64      monotonic plant time then, ms
    24  u32      tags
    28  …        of each tag: u16 length and UTF-8 text of its id, 8 bytes of settings hash, its columns
                 one after the other, u32 length and bytes of its streaming detector

  The control thread makes the bytes and nothing else; who stores them adds the check (learned-file.ts).
*/

import { createHash } from "node:crypto";
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import type { TagSettings } from "../configuration/configuration.ts";
import type { Detection } from "./detection.ts";

const magic = 0x31444c57;
const headerSize = 28;
const hashSize = 8;
const maxIdBytes = 0xffff;

export interface Instant {
  nowMs: number;
  monotonicMs: number;
}

export type Restored =
  /** Tags that go on where they were; the others are new or have other settings. */
  { ok: true; tagCount: number } | { ok: false; reason: string };

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

/** Everything the rules of a tag depend on; with other settings what was learned means nothing. */
export function settingsHash(tag: TagSettings): Uint8Array {
  const { kind, unit, periodMs, resolution, min, max, scale, offset, detect } = tag;
  const { boost: _, ...rules } = detect;
  const text = JSON.stringify([kind, unit, periodMs, resolution, min, max, scale, offset, rules]);
  return new Uint8Array(createHash("sha256").update(text).digest().subarray(0, hashSize));
}

interface Known {
  idBytes: Uint8Array;
  hash: Uint8Array;
}

/** Ids and hashes never change while a configuration runs. */
export class LearnedState {
  readonly #detection: Detection;
  readonly #known: Known[];

  constructor(detection: Detection) {
    this.#detection = detection;
    this.#known = detection.tags.map((tag) => ({
      idBytes: utf8.encode.encode(tag.id).subarray(0, maxIdBytes),
      hash: settingsHash(tag),
    }));
  }

  capture(at: Instant): Uint8Array {
    const { columns, stream } = this.#detection;
    const streams = this.#known.map((_, tag) => stream.captureDetector(tag));
    const tagSize = tagBytes(this.#detection);
    const size = this.#known.reduce(
      (sum, { idBytes }, tag) =>
        sum + 2 + idBytes.length + hashSize + tagSize + 4 + elementAt(streams, tag).length,
      headerSize,
    );
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, magic, true);
    view.setUint32(4, tagSize, true);
    view.setFloat64(8, at.nowMs, true);
    view.setFloat64(16, at.monotonicMs, true);
    view.setUint32(24, this.#known.length, true);
    let end = headerSize;
    const put = (part: Uint8Array) => {
      bytes.set(part, end);
      end += part.length;
    };
    this.#known.forEach(({ idBytes, hash }, tag) => {
      view.setUint16(end, idBytes.length, true);
      end += 2;
      put(idBytes);
      put(hash);
      for (const { values, perTag } of columns) {
        const width = values.BYTES_PER_ELEMENT;
        put(new Uint8Array(values.buffer, tag * perTag * width, perTag * width));
      }
      view.setUint32(end, elementAt(streams, tag).length, true);
      end += 4;
      put(elementAt(streams, tag));
    });
    return bytes;
  }

  /** Takes over what is known of tags with the same id and settings. Damaged bytes change nothing. */
  restore(bytes: Uint8Array, at: Instant): Restored {
    const parts = parse(bytes, tagBytes(this.#detection));
    if (!parts.ok) return parts;
    const aloneMs = Math.max(0, at.nowMs - parts.at.nowMs);
    const shiftMs = at.monotonicMs - aloneMs - parts.at.monotonicMs;
    const byId = new Map(parts.tags.map((part) => [part.id, part]));
    let tagCount = 0;
    this.#detection.tags.forEach(({ id }, tag) => {
      const part = byId.get(id);
      if (!part || !equal(part.hash, elementAt(this.#known, tag).hash)) return;
      this.#put(tag, part.columns, shiftMs);
      this.#detection.stream.restoreDetector(tag, part.stream);
      this.#detection.resume(tag);
      tagCount++;
    });
    return { ok: true, tagCount };
  }

  #put(tag: number, from: Uint8Array, shiftMs: number): void {
    let end = 0;
    for (const { values, perTag, times } of this.#detection.columns) {
      const width = values.BYTES_PER_ELEMENT;
      const size = perTag * width;
      new Uint8Array(values.buffer, tag * size, size).set(from.subarray(end, end + size));
      end += size;
      for (const place of times)
        values[tag * perTag + place] = numberAt(values, tag * perTag + place) + shiftMs;
    }
  }
}

const tagBytes = ({ columns }: Detection): number =>
  columns.reduce((sum, { values, perTag }) => sum + perTag * values.BYTES_PER_ELEMENT, 0);

interface Part {
  id: string;
  hash: Uint8Array;
  columns: Uint8Array;
  stream: Uint8Array;
}

type Parsed = { ok: true; at: Instant; tags: Part[] } | { ok: false; reason: string };

function parse(bytes: Uint8Array, tagSize: number): Parsed {
  const refuse = (reason: string): Parsed => ({ ok: false, reason });
  if (bytes.length < headerSize) return refuse(`${bytes.length} bytes are no learned state`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== magic) return refuse("it is no learned state of this version");
  if (view.getUint32(4, true) !== tagSize) return refuse("it is of another version of the rules");
  const at = { nowMs: view.getFloat64(8, true), monotonicMs: view.getFloat64(16, true) };
  if (!Number.isFinite(at.nowMs) || !Number.isFinite(at.monotonicMs)) return refuse("bad times");
  const tags: Part[] = [];
  let end = headerSize;
  const take = (size: number): Uint8Array => {
    end += size;
    return bytes.subarray(end - size, end);
  };
  for (let left = view.getUint32(24, true); left > 0; left--) {
    if (end + 2 > bytes.length) return refuse("it ends too soon");
    const idSize = view.getUint16(end, true);
    end += 2;
    if (end + idSize + hashSize + tagSize + 4 > bytes.length) return refuse("it ends too soon");
    const id = utf8.decode.decode(take(idSize));
    const hash = take(hashSize);
    const columns = take(tagSize);
    const streamSize = view.getUint32(end, true);
    end += 4;
    if (end + streamSize > bytes.length) return refuse("it ends too soon");
    tags.push({ id, hash, columns, stream: take(streamSize) });
  }
  return end === bytes.length ? { ok: true, at, tags } : refuse("something follows its end");
}

const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
