/** Numbers rise, also where what was given last has been forgotten. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { risingNumber } from "./rising-number.ts";

const startMs = Date.UTC(2026, 5, 2);

test("whatever is restored to whenever, no number is given again, and later ones are higher", () => {
  const step = fc.record({
    /** Milliseconds until the next number; one a second at most. */
    afterMs: fc.integer({ min: 1_000, max: 90_000_000 }),
    /** How many of the newest numbers a restore forgets first. */
    forgotten: fc.integer({ min: 0, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const given: number[] = [];
      let kept: number[] = [];
      let nowMs = startMs;
      for (const { afterMs, forgotten } of steps) {
        nowMs += afterMs;
        kept = kept.slice(0, Math.max(0, kept.length - forgotten));
        const number = risingNumber(kept.at(-1) ?? 0, nowMs);
        expect(number).toBeGreaterThan(given.at(-1) ?? 0);
        given.push(number);
        kept.push(number);
      }
    }),
  );
});

test("several within a second follow each other; a clock before 2026 still counts", () => {
  const first = risingNumber(0, startMs);
  expect(first).toBe((startMs - Date.UTC(2026, 0, 1)) / 1_000);
  expect(risingNumber(first, startMs)).toBe(first + 1);
  expect(risingNumber(0, 0)).toBe(1);
  expect(risingNumber(1, 0)).toBe(2);
});
