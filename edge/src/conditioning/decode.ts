/*
  Registers to a raw number. Registers arrive high byte first; the four letters name where the bytes
  A (most significant) to D lie in that order. A 64-bit value follows the same pattern over four registers:
  the word letters swap the order of registers, the byte letters the bytes within each.
*/
import { type ByteOrder, type ValueType, widthOf } from "../configuration/configuration.ts";

export type Decoder = (bytes: Uint8Array, at: number) => number;

const scratch = new DataView(new ArrayBuffer(8));

type Read = (view: DataView) => number;

/** How each type reads bytes that have been put in big-endian order. */
const reads: Record<Exclude<ValueType, "bool">, Read> = {
  int16: (view) => view.getInt16(0),
  uint16: (view) => view.getUint16(0),
  int32: (view) => view.getInt32(0),
  uint32: (view) => view.getUint32(0),
  float32: (view) => view.getFloat32(0),
  float64: (view) => view.getFloat64(0),
};

/** Wire position of each byte of a value, most significant first. */
export function bytePositions(type: ValueType, order: ByteOrder): number[] {
  const words = widthOf[type];
  const isWordSwapped = order === "CDAB" || order === "DCBA";
  const isByteSwapped = order === "BADC" || order === "DCBA";
  const positions: number[] = [];
  for (let word = 0; word < words; word++) {
    const from = 2 * (isWordSwapped ? words - 1 - word : word);
    positions.push(isByteSwapped ? from + 1 : from, isByteSwapped ? from : from + 1);
  }
  return positions;
}

/** The decoder of one register type. Bits are read with `bitAt`. */
export function decoderOf(type: Exclude<ValueType, "bool">, order: ByteOrder): Decoder {
  const read = reads[type];
  const positions = bytePositions(type, order);
  if (type === "int16" && order === "ABCD") {
    return (bytes, at) => ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;
  }
  if (type === "uint16" && order === "ABCD")
    return (bytes, at) => (bytes[at]! << 8) | bytes[at + 1]!;
  return (bytes, at) => {
    for (let i = 0; i < positions.length; i++) scratch.setUint8(i, bytes[at + positions[i]!]!);
    return read(scratch);
  };
}

/** Bit `index` of packed bits, first coil in the lowest bit of the first byte: 0 or 1. */
export const bitAt = (bytes: Uint8Array, at: number, index: number): number =>
  (bytes[at + (index >> 3)]! >> (index & 7)) & 1;
