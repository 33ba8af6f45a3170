import { expect, test } from "vitest";
import { hourMs } from "../limits.ts";
import { hoursAbove, trendSlope, trendWord } from "./residual-trend.ts";

const series = (value: (hour: number) => number, hours = 72) =>
  Array.from({ length: hours }, (_, hour) => ({ atMs: hour * hourMs, score: value(hour) }));

test("a slope is that of the newest two days", () => {
  expect(trendSlope(series((hour) => (hour < 24 ? 9 : hour / 100)))).toBeCloseTo(0.01, 6);
  expect(trendSlope(series(() => 1, 3))).toBeNaN();
});

test("rising and falling are what moves by a share of the threshold, the rest is steady", () => {
  expect(
    trendWord(
      series((hour) => hour / 50),
      1,
    ),
  ).toBe("rising");
  expect(
    trendWord(
      series((hour) => -hour / 50),
      1,
    ),
  ).toBe("falling");
  expect(
    trendWord(
      series((hour) => 1 + hour / 500),
      1,
    ),
  ).toBe("steady");
  expect(trendWord([], 1)).toBe("steady");
});

test("hours above are counted from the newest back", () => {
  expect(
    hoursAbove(
      series((hour) => (hour >= 65 || hour === 3 ? 2 : 0)),
      1,
    ),
  ).toBe(7);
  expect(
    hoursAbove(
      series(() => 0),
      1,
    ),
  ).toBe(0);
});
