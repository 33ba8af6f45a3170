/**
 * What a few registers could mean: every neighbouring offset, byte order and type. Off-by-one and
 * word order are where people lose their afternoons.
 */

import { numberAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
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
  /** It is what the display shows, as far as its digits go. */
  isShown: boolean;
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
  /** Half of the display's last digit; the shown value's own by default. */
  tolerance?: number;
  /** What the configuration says: likelier than anything else, but for the address. */
  configured?: { type: string; order: string };
}

/** Range around what a display shows, for who knows no other: a tenth of it, one of its last digits at least. */
export function rangeAround(shown: number): { min: number; max: number } {
  const margin = Math.max(Math.abs(shown) / 10, 2 * toleranceOf(shown));
  return { min: shown - margin, max: shown + margin };
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
      const bytes = Uint8Array.from(
        words.flatMap((word) => [present(word) >> 8, present(word) & 0xff]),
      );
      for (const order of ordersOf(type)) {
        const raw = decoderOf(type, order)(bytes, 0);
        candidates.push(judge({ offset, type, order, raw }, expected));
      }
    }
  }
  return candidates
    .map((candidate) => ({ candidate, rank: rankOf(candidate, expected) }))
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ candidate }) => candidate);
}

/**
 * Lower is likelier, first number first. What the display shows outweighs everything; of meanings that it
 * cannot tell apart the one that differs least from the configuration comes first, as the address is what
 * people get wrong most, then the byte order, then the type.
 */
function rankOf(candidate: Candidate, expected: Expectation): number[] {
  const { type, order, offset, value, isExpected, isShown } = candidate;
  const { shown, configured, min, max } = expected;
  const away = Math.abs(value - (shown ?? (min + max) / 2));
  const forms = [byteOrders.indexOf(order), probeTypes.indexOf(type)];
  const unlike = configured
    ? [
        Number(type !== configured.type),
        Number(widthOf[type] > 1 && order !== configured.order),
        ...forms,
        Math.abs(offset),
      ]
    : // The address is all that somebody has said: another order of bytes is likelier than another address.
      [0, 0, Math.abs(offset), ...forms];
  const distance = Number.isFinite(away) ? away : Number.MAX_VALUE;
  return shown === undefined
    ? [Number(!isExpected), ...unlike.slice(0, 2), distance, ...unlike.slice(2)]
    : [Number(!isShown), Number(!isExpected), ...(isShown ? unlike : [distance, ...unlike])];
}

/** The display's own half digit. */
function isWhatIsShown(value: number, { shown, tolerance }: Expectation): boolean {
  return shown !== undefined && Math.abs(value - shown) <= (tolerance ?? toleranceOf(shown));
}

/** Half of the last digit of a number as people write it. */
function toleranceOf(shown: number): number {
  const [, decimals = ""] = String(shown).split(".");
  return 0.5 * 10 ** -decimals.length * (1 + Number.EPSILON * 8) + Math.abs(shown) * 1e-6;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const difference = numberAt(a, i) - numberAt(b, i);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** One register has no word order. */
const ordersOf = (type: ProbeType): readonly ByteOrder[] =>
  widthOf[type] === 1 ? ["ABCD", "BADC"] : byteOrders;

function judge(
  found: Omit<Candidate, "value" | "isExpected" | "isShown">,
  expected: Expectation,
): Candidate {
  const { raw, type } = found;
  const isFloat = type === "float32";
  const isScaled = !isFloat || expected.areFloatsScaled;
  const value = isScaled ? raw * expected.scale + expected.offset : raw;
  const isPlausible = !isFloat || raw === 0 || Math.abs(raw) >= plausibleFloatMin;
  const isExpected =
    Number.isFinite(value) && isPlausible && value >= expected.min && value <= expected.max;
  return { ...found, value, isExpected, isShown: isWhatIsShown(value, expected) };
}
