/** Bits of an integer from 0 to 2^53 − 1: 0 → 0, 1 → 1, 2 → 2, 4 → 3. */
export const bitLength = (value: number): number =>
  value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 2 ** 32));
