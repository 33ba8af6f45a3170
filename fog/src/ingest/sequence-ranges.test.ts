import { numberAt } from "@weir/contracts/elements.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasSequence, noRanges, type SequenceRanges, withSequence } from "./sequence-ranges.ts";

test("agrees with a set, whatever the order, and stays sorted and joined", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 120 }), (sequences) => {
      let ranges: SequenceRanges = noRanges;
      const seen = new Set<number>();
      for (const sequence of sequences) {
        const added = withSequence(ranges, sequence);
        expect(added === undefined).toBe(seen.has(sequence));
        seen.add(sequence);
        ranges = added ?? ranges;
      }
      for (let s = 0; s <= 61; s++) expect(hasSequence(ranges, s)).toBe(seen.has(s));
      for (let i = 1; i < ranges.length - 1; i += 2) {
        // A gap of at least one number lies between neighbouring ranges, or they would be one.
        expect(numberAt(ranges, i + 1) - numberAt(ranges, i)).toBeGreaterThan(1);
      }
    }),
  );
});

test("a link that loses nothing is one range", () => {
  let ranges: SequenceRanges = noRanges;
  for (let s = 1; s <= 1000; s++) ranges = withSequence(ranges, s) as SequenceRanges;
  expect(ranges).toEqual([1, 1000]);
});
