import fc from "fast-check";
import { expect, test } from "vitest";
import { hourMs, minuteMs } from "../limits.ts";
import { coarsen, summarise } from "./bucket-summary.ts";

const readings = fc
  .array(fc.tuple(fc.nat(3 * hourMs), fc.double({ min: -100, max: 100, noNaN: true }), fc.nat(3)), {
    maxLength: 60,
  })
  .map((list) => {
    const sorted = list.toSorted((a, b) => a[0] - b[0]);
    return {
      timesMs: Float64Array.from(sorted, ([at]) => at),
      values: Float64Array.from(sorted, ([, value]) => value),
      qualities: Uint8Array.from(sorted, ([, , quality]) => quality),
    };
  });

test("hours made of minutes say what hours made of readings say", () => {
  fc.assert(
    fc.property(readings, (all) => {
      const direct = summarise(all, hourMs);
      const merged = coarsen(summarise(all, minuteMs), hourMs);
      expect(merged.map(({ atMs, n, min, max }) => ({ atMs, n, min, max }))).toEqual(
        direct.map(({ atMs, n, min, max }) => ({ atMs, n, min, max })),
      );
      for (const [i, hour] of merged.entries()) {
        expect(hour.mean).toBeCloseTo(direct[i]?.mean ?? Number.NaN, 9);
        expect(hour.sd).toBeCloseTo(direct[i]?.sd ?? Number.NaN, 6);
      }
    }),
  );
});

test("bad and stale readings and gaps do not count", () => {
  const all = {
    timesMs: Float64Array.of(0, 1_000, 2_000, 3_000, 90_000),
    values: Float64Array.of(1, 3, 500, Number.NaN, 7),
    qualities: Uint8Array.of(0, 1, 2, 0, 3),
  };
  expect(summarise(all, minuteMs)).toEqual([
    { atMs: 0, n: 2, mean: 2, min: 1, max: 3, sd: 1, slopePerS: 2 },
  ]);
});
