import type { SeriesView } from "@weir/contracts/api/live.ts";
import { expect, test } from "vitest";
import { wordsOf } from "./trend.tsx";

const minuteMs = 60_000;
const fromMs = Date.UTC(2026, 5, 2, 6);
const series = (mean: (number | null)[], spread: number): SeriesView =>
  ({
    ...{ tag: "e/TANK1/LV01", name: "Level", unit: "m", bucketMs: minuteMs },
    ...{ fromMs, at: mean.map((_, i) => fromMs + i * minuteMs), mean },
    min: mean.map((value) => (value === null ? null : value - spread)),
    max: mean.map((value) => (value === null ? null : value + spread)),
  }) as never;

test("a trend's header tells first and last, and between what the readings were", () => {
  const span = { fromMs, toMs: fromMs + 3 * minuteMs, nowMs: fromMs + 3 * minuteMs };
  expect(wordsOf({ series: series([2, 5, 3], 0.5), ...span, tz: "UTC" })).toMatch(
    /^first 2.*, last 3.*, between 1\.5.* and 5\.5/,
  );
  expect(wordsOf({ series: series([null, null], 0), ...span, tz: "UTC" })).toBe(
    "nothing heard in this time",
  );
});
