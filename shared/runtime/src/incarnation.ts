/**
 * Who numbers. A process that gives sequence numbers draws an incarnation at every start and numbers
 * under it, so no state that is restored, rolled back or cloned can give a number twice: what is stored
 * keeps the incarnation under which it was numbered, what is new gets one that nobody has seen.
 */
import { randomBytes as systemRandomBytes } from "node:crypto";
import type { Random } from "./random.ts";

/** 64 bits as decimal text, as protobuf carries it. */
export type Incarnation = string;

/** Of a peer that is too old to have one. */
export const noIncarnation: Incarnation = "0";

/** Two draws are equal once in 2^64. `randomBytes` is the system's unless a test gives another. */
export function drawIncarnation(
  randomBytes: (size: number) => Uint8Array = systemRandomBytes,
): Incarnation {
  const bits = Buffer.from(randomBytes(8)).readBigUInt64LE();
  return String(bits === 0n ? 1n : bits);
}

/** For simulations, whose every run must be the same. */
export function seededIncarnation(random: Random): Incarnation {
  const half = () => BigInt(random.integer(2 ** 32));
  return String((half() << 32n) | half() | 1n);
}

/** Short, for ids and for people: 13 letters and digits at most. */
export const shortIncarnation = (incarnation: Incarnation): string =>
  BigInt(incarnation).toString(36);
