import { numberAt } from "@weir/contracts/elements.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DeviationHistogram } from "./deviation-histogram.ts";
import { medianOf7 } from "./median-of-7.ts";

test("a quantile is never too low and at most an eighth too high", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (values, share) => {
        const histogram = new DeviationHistogram([1, 0.5]);
        for (const value of values) histogram.add(1, value);
        const sorted = [...values].sort((a, b) => a - b);
        const exact = numberAt(
          sorted,
          Math.min(sorted.length, Math.ceil(share * sorted.length)) - 1,
        );
        const found = histogram.quantile(1, share);
        expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-12));
        expect(found).toBeLessThanOrEqual(exact * 1.1251);
        histogram.clear(1);
        expect(histogram.count(1)).toBe(0);
      },
    ),
  );
});

test("the median of seven", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 7, maxLength: 7 }), (values) => {
      const all = Float64Array.from([99, ...values]);
      const out = new Float64Array(2);
      medianOf7(all, 1, out, 1);
      expect(out[1] === [...values].sort((a, b) => a - b)[3]).toBe(true);
      expect([...all]).toEqual([99, ...values]);
    }),
  );
});
