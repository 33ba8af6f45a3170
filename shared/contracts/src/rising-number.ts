/**
 * Numbers that rise over a restore: a plain count begins again where a backup left off, and what gets a
 * number the second time is taken by whoever has heard of the first for that one, or refused as old.
 */

const epochMs = Date.UTC(2026, 0, 1);
/** What fits into a uint32 of the wire: until the year 2162. */
const numberMax = 2 ** 32 - 1;

/**
 * One more than `last`, and no less than the calendar's seconds since 2026: as long as less than one number a
 * second is given on average, none that was given before a restore is given again after it.
 * `nowMs`: UTC, milliseconds.
 */
export const risingNumber = (last: number, nowMs: number): number =>
  Math.max(last + 1, Math.min(Math.floor((nowMs - epochMs) / 1_000), numberMax));
