/**
 * What a few registers could mean: every neighbouring offset, byte order and type. Off-by-one and
 * word order are where people lose their afternoons.
 */

import { decoderOf } from "../conditioning/decode.ts";
import { type ByteOrder, byteOrders, widthOf } from "../configuration/configuration.ts";

export const probeTypes = ["int16", "uint16", "int32", "float32"] as const;
export type ProbeType = (typeof probeTypes)[number];
export const probeOffsets = [-1, 0, 1] as const;

export interface Candidate {
  /** Registers from the configured address. */
  offset: number;
  type: ProbeType;
  order: ByteOrder;
  /** As the registers say, and with scale and offset of the tag. */
  raw: number;
  value: number;
  isExpected: boolean;
}

export interface Expectation {
  min: number;
  max: number;
  scale: number;
  offset: number;
  /** Floats usually carry the value itself. */
  areFloatsScaled: boolean;
  /** What the instrument's own display shows, when somebody looked. */
  shown?: number;
}

/** Smaller numbers than this are registers of another kind read as a float. */
const plausibleFloatMin = 1e-6;

/** Best first. `registers`: by address relative to the configured one, high byte first; absent where unreadable. */
export function candidatesOf(
  registers: ReadonlyMap<number, number>,
  expected: Expectation,
): Candidate[] {
  const candidates: Candidate[] = [];
  for (const offset of probeOffsets) {
    for (const type of probeTypes) {
      const words = Array.from({ length: widthOf[type] }, (_, i) => registers.get(offset + i));
      if (words.some((word) => word === undefined)) continue;
      const bytes = Uint8Array.from(words.flatMap((word) => [word! >> 8, word! & 0xff]));
      for (const order of ordersOf(type)) {
        const raw = decoderOf(type, order)(bytes, 0);
        candidates.push(judge({ offset, type, order, raw }, expected));
      }
    }
  }
  const distance = (c: Candidate) => Math.abs(c.value - target(expected));
  return candidates.sort(
    (a, b) =>
      Number(b.isExpected) - Number(a.isExpected) ||
      (Number.isFinite(distance(a)) ? distance(a) : Number.MAX_VALUE) -
        (Number.isFinite(distance(b)) ? distance(b) : Number.MAX_VALUE) ||
      Math.abs(a.offset) - Math.abs(b.offset),
  );
}

/** One register has no word order. */
const ordersOf = (type: ProbeType): readonly ByteOrder[] =>
  widthOf[type] === 1 ? ["ABCD", "BADC"] : byteOrders;

function judge(found: Omit<Candidate, "value" | "isExpected">, expected: Expectation): Candidate {
  const { raw, type } = found;
  const isFloat = type === "float32";
  const isScaled = !isFloat || expected.areFloatsScaled;
  const value = isScaled ? raw * expected.scale + expected.offset : raw;
  const isPlausible = !isFloat || raw === 0 || Math.abs(raw) >= plausibleFloatMin;
  const isExpected =
    Number.isFinite(value) && isPlausible && value >= expected.min && value <= expected.max;
  return { ...found, value, isExpected };
}

const target = ({ shown, min, max }: Expectation): number => shown ?? (min + max) / 2;
