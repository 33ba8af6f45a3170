import { addReading, emptyPane } from "@weir/detectors/pane.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hourMs, minuteMs } from "../limits.ts";
import { coarsen, summarise, summariseWithPanes } from "./bucket-summary.ts";

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

test("readings in panes say what they would say themselves", () => {
  const startMs = 5 * minuteMs;
  const reading = fc.tuple(
    fc.nat(minuteMs - 1),
    fc.double({ min: -100, max: 100, noNaN: true }),
    fc.nat(3),
    fc.boolean(),
  );
  const columnsOf = (list: [number, number, number, boolean][]) => ({
    timesMs: Float64Array.from(list, ([at]) => startMs + at),
    values: Float64Array.from(list, ([, value]) => value),
    qualities: Uint8Array.from(list, ([, , quality]) => quality),
  });
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 60 }), (unsorted) => {
      const all = unsorted.toSorted((a, b) => a[0] - b[0]);
      const summed = Map.groupBy(
        all.filter(([, , , isInPane]) => isInPane),
        ([, , quality]) => quality,
      );
      const panes = [...summed].map(([quality, list]) => {
        const figures = emptyPane();
        for (const [at, value] of list) addReading(figures, at, value);
        return { tag: 0, startMs, quality, holes: 0, lastAtMs: figures.lastAtMs, figures };
      });
      const rest = columnsOf(all.filter(([, , , isInPane]) => !isInPane));
      const [expected] = summarise(columnsOf(all), minuteMs);
      const got = summariseWithPanes(rest, panes, startMs);
      expect(got?.n).toBe(expected?.n);
      if (!got || !expected) return;
      expect([got.atMs, got.min, got.max]).toEqual([expected.atMs, expected.min, expected.max]);
      expect(got.mean).toBeCloseTo(expected.mean, 9);
      expect(got.sd).toBeCloseTo(expected.sd, 6);
      const scale = 1 + Math.abs(expected.slopePerS);
      expect(got.slopePerS / scale).toBeCloseTo(expected.slopePerS / scale, 6);
    }),
  );
});
