/** Reads the same part of the protobuf wire format that the writer writes. Anything else is malformed. */
import { u8 } from "@weir/contracts/elements.ts";

/** Why bytes are not what they should be; only thrown inside a reader, never out of it. */
export class MalformedProtobuf extends Error {}

export interface ProtobufField {
  field: number;
  /** For wire type 0. */
  int: number;
  /** For wire type 5. */
  float: number;
  /** For wire type 2. */
  bytes: Uint8Array;
  wireType: number;
}

const nothing = new Uint8Array(0);

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Every field of one message, in order. */
export function* fieldsOf(bytes: Uint8Array): Generator<ProtobufField> {
  const cursor = { at: 0 };
  while (cursor.at < bytes.length) {
    const key = readVarint(bytes, cursor);
    const wireType = key % 8;
    const field = Math.floor(key / 8);
    if (field < 1) throw new MalformedProtobuf(`field number ${field} at byte ${cursor.at}`);
    if (wireType === 0) {
      yield { field, wireType, int: readVarint(bytes, cursor), float: 0, bytes: nothing };
    } else if (wireType === 5) {
      if (cursor.at + 4 > bytes.length) throw new MalformedProtobuf("fixed32 is cut off");
      const float = new DataView(bytes.buffer, bytes.byteOffset + cursor.at, 4).getFloat32(0, true);
      cursor.at += 4;
      yield { field, wireType, int: 0, float, bytes: nothing };
    } else if (wireType === 2) {
      const length = readVarint(bytes, cursor);
      if (length < 0 || cursor.at + length > bytes.length) {
        throw new MalformedProtobuf(`field ${field} claims ${length} bytes at byte ${cursor.at}`);
      }
      const inner = bytes.subarray(cursor.at, cursor.at + length);
      cursor.at += length;
      yield { field, wireType, int: 0, float: 0, bytes: inner };
    } else {
      throw new MalformedProtobuf(`wire type ${wireType} at byte ${cursor.at}`);
    }
  }
}

export const textOf = (bytes: Uint8Array): string => {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new MalformedProtobuf("text is not UTF-8");
  }
};

export function packedIntsOf(bytes: Uint8Array): number[] {
  const values: number[] = [];
  const cursor = { at: 0 };
  while (cursor.at < bytes.length) values.push(readVarint(bytes, cursor));
  return values;
}

export function packedFloatsOf(bytes: Uint8Array): Float32Array {
  if (bytes.length % 4 !== 0) throw new MalformedProtobuf("packed floats are cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function readVarint(bytes: Uint8Array, cursor: { at: number }): number {
  let value = 0;
  let scale = 1;
  for (let length = 0; length < 10; length++) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new MalformedProtobuf("varint is cut off");
    if (length === 9) {
      // The tenth byte of a negative number: only its sign is left.
      if (byte !== 1) throw new MalformedProtobuf("varint above 64 bits");
      return signed(bytes, cursor.at);
    }
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) throw new MalformedProtobuf("varint above 2^53");
      return value;
    }
  }
  throw new MalformedProtobuf("varint longer than ten bytes");
}

function signed(bytes: Uint8Array, end: number): number {
  let value = 0n;
  for (let i = 0; i < 10; i++) value |= BigInt(u8(bytes, end - 10 + i) & 0x7f) << BigInt(7 * i);
  const number = Number(BigInt.asIntN(64, value));
  if (!Number.isSafeInteger(number)) throw new MalformedProtobuf("varint below −2^53");
  return number;
}
