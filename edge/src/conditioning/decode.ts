/*
  Registers to a raw number. Registers arrive high byte first; the four letters name where the bytes
  A (most significant) to D lie in that order. A 64-bit value follows the same pattern over four registers:
  the word letters swap the order of registers, the byte letters the bytes within each.
*/
import { f64, u8 } from "@weir/contracts/elements.ts";
import { type ByteOrder, type ValueType, widthOf } from "../configuration/configuration.ts";

export type Decoder = (bytes: Uint8Array, at: number) => number;

/** Puts the number into `into[place]`: a number that is returned costs a piece of garbage. */
export type ColumnDecoder = (
  bytes: Uint8Array,
  at: number,
  into: Float64Array,
  place: number,
) => void;

const scratch = new ArrayBuffer(8);
const octets = new Uint8Array(scratch);

/** The host's own view of each type; `octets` are put in the host's order, least significant first. */
const views = {
  int16: new Int16Array(scratch),
  uint16: new Uint16Array(scratch),
  int32: new Int32Array(scratch),
  uint32: new Uint32Array(scratch),
  float32: new Float32Array(scratch),
  float64: new Float64Array(scratch),
} as const satisfies Record<Exclude<ValueType, "bool">, ArrayLike<number>>;
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

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
export function columnDecoderOf(type: Exclude<ValueType, "bool">, order: ByteOrder): ColumnDecoder {
  const positions = bytePositions(type, order);
  const hostOrder = isLittleEndian ? positions.reverse() : positions;
  // Read here and not by `numberAt`: each decoder sees one kind of view, which keeps the read a bare load.
  const view = views[type];
  if (hostOrder.length === 2) {
    const [p0, p1] = hostOrder as [number, number];
    return (bytes, at, into, place) => {
      octets[0] = u8(bytes, at + p0);
      octets[1] = u8(bytes, at + p1);
      into[place] = view[0] ?? Number.NaN;
    };
  }
  if (hostOrder.length === 4) {
    const [p0, p1, p2, p3] = hostOrder as [number, number, number, number];
    return (bytes, at, into, place) => {
      octets[0] = u8(bytes, at + p0);
      octets[1] = u8(bytes, at + p1);
      octets[2] = u8(bytes, at + p2);
      octets[3] = u8(bytes, at + p3);
      into[place] = view[0] ?? Number.NaN;
    };
  }
  const hostBytes = Uint8Array.from(hostOrder);
  return (bytes, at, into, place) => {
    for (let i = 0; i < hostBytes.length; i++) octets[i] = u8(bytes, at + u8(hostBytes, i));
    into[place] = view[0] ?? Number.NaN;
  };
}

/** The same for who wants the number itself. */
export function decoderOf(type: Exclude<ValueType, "bool">, order: ByteOrder): Decoder {
  const decode = columnDecoderOf(type, order);
  const one = new Float64Array(1);
  return (bytes, at) => {
    decode(bytes, at, one, 0);
    return f64(one, 0);
  };
}

/** Bit `index` of packed bits, first coil in the lowest bit of the first byte: 0 or 1. */
export const bitAt = (bytes: Uint8Array, at: number, index: number): number =>
  (u8(bytes, at + (index >> 3)) >> (index & 7)) & 1;
