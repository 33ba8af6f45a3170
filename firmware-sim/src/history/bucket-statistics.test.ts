import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { type BucketSink, BucketStatistics } from "./bucket-statistics.ts";

type Row = Parameters<BucketSink["push"]>[2];

test("hours are what the batch formulas give, also far from zero", () => {
  const rows: { atMs: number; row: Row }[] = [];
  const hours: BucketSink = { push: (_, atMs, row) => void rows.push({ atMs, row }) };
  const statistics = new BucketStatistics({ sensorCount: 1, minutes: undefined, hours });
  const random = seeded(1, "values");
  const fromMs = Date.UTC(2026, 5, 2, 5);
  const samples: { t: number; x: number }[] = [];
  for (let s = 0; s < 3600; s++) {
    const x = 1e4 + 1e-3 * s + random.gaussian();
    samples.push({ t: s, x });
    statistics.add(0, x, fromMs + s * 1000);
  }
  statistics.finish(fromMs + 3_600_000);
  expect(rows).toHaveLength(1);
  const n = samples.length;
  const meanX = samples.reduce((sum, { x }) => sum + x, 0) / n;
  const meanT = samples.reduce((sum, { t }) => sum + t, 0) / n;
  const common = samples.reduce((sum, { t, x }) => sum + (t - meanT) * (x - meanX), 0);
  const spread = samples.reduce((sum, { t }) => sum + (t - meanT) ** 2, 0);
  const sd = Math.sqrt(samples.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0) / (n - 1));
  const row = rows[0]?.row;
  expect(row?.n).toBe(n);
  expect(row?.mean).toBeCloseTo(meanX, 9);
  expect(row?.sd).toBeCloseTo(sd, 9);
  expect(row?.slopePerS).toBeCloseTo(common / spread, 12);
  expect(row?.min).toBe(Math.min(...samples.map(({ x }) => x)));
  expect(row?.max).toBe(Math.max(...samples.map(({ x }) => x)));
});
