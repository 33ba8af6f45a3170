import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { expect, test } from "vitest";
import type { Summary } from "../historian/bucket-summary.ts";
import { hourMs } from "../limits.ts";
import {
  gapHoursMax,
  hourMatrix,
  hourStartMs,
  recentDaysExcluded,
  splitWindows,
  wholeHours,
  windowStarts,
  withoutEmptyChannels,
} from "./hour-matrix.ts";

const summary = (hour: number, mean = hour): Summary => ({
  ...{ atMs: hour * hourMs, n: 1, mean, min: mean, max: mean, sd: 0, slopePerS: 0 },
});
const range = (hours: number) => ({ fromMs: 0, toMs: hours * hourMs, zone: "UTC" });
const hoursBut = (count: number, gap: readonly number[]) =>
  Array.from({ length: count }, (_, hour) => hour)
    .filter((hour) => !gap.includes(hour))
    .map((hour) => summary(hour));

test("short gaps keep the last value, long ones stay open", () => {
  const gap = Array.from({ length: gapHoursMax + 2 }, (_, i) => 5 + i);
  const matrix = hourMatrix(new Map([["a", hoursBut(40, gap)]]), range(40));
  expect(matrix.values[5 + gapHoursMax - 1]).toBe(4);
  const whole = wholeHours(matrix);
  expect(whole.indexOf(false)).toBe(5 + gapHoursMax);
  expect(whole.filter((ok) => !ok)).toHaveLength(2);
});

test("a channel without history does not void the others", () => {
  const matrix = hourMatrix(
    new Map([
      ["a", hoursBut(40, [])],
      ["b", [summary(3)]],
    ]),
    range(40),
  );
  expect(withoutEmptyChannels(matrix)).toMatchObject({ channels: ["a"], hourCount: 40 });
});

test("windows start where all their hours are usable", () => {
  expect(windowStarts([true, true, false, true, true, true], 2)).toEqual([0, 3, 4]);
});

test("training windows lie before held-out ends; newest days and labelled times are in neither", () => {
  const days = 40;
  const matrix = hourMatrix(new Map([["a", hoursBut(days * 24, [])]]), range(days * 24));
  const excluded = [{ fromMs: 100 * hourMs, toMs: 110 * hourMs }];
  const nowMs = days * 24 * hourMs;
  const { trainStarts, heldOutStarts, words } = splitWindows(matrix, { nowMs, excluded });
  const ends = (starts: number[]) => starts.map((start) => start + 168);
  expect(trainStarts[0]).toBe(110);
  expect(Math.max(...ends(trainStarts))).toBeLessThan(Math.min(...ends(heldOutStarts)));
  expect(Math.max(...ends(heldOutStarts))).toBe((days - recentDaysExcluded) * 24);
  expect(words).toContain("newest 6 days and 1 labelled or ticketed times are left out");
});

/** Hours of UTC whose value is the hour that the wall clock of `zone` shows. */
const wallHours = (zone: string, from: string, count: number): Summary[] => {
  const fromHour = Date.parse(from) / hourMs;
  return Array.from({ length: count }, (_, i) => {
    const atMs = (fromHour + i) * hourMs;
    const shown = (siteTimeOf(zone).localMs(atMs) / hourMs) % 24;
    return { ...summary(fromHour + i, shown) };
  });
};

test.each([
  ["a day of 23 hours", "2026-03-27T23:00:00Z", 3 * 24 - 1],
  ["a day of 25 hours", "2026-10-23T22:00:00Z", 3 * 24 + 1],
])("through %s every day has 24 rows, each of its own hour", (_, from, count) => {
  const zone = "Europe/Vienna";
  const summaries = wallHours(zone, from, count);
  const fromMs = Date.parse(from);
  const span = { fromMs, toMs: fromMs + count * hourMs, zone };
  const matrix = hourMatrix(new Map([["a", summaries]]), span);
  expect(matrix.hourCount).toBe(3 * 24);
  const shown = Array.from(matrix.values);
  // The hour that does not come keeps the value of the one before it.
  const expected = shown.map((_, row) => (count < 72 && row === 26 ? 1 : row % 24));
  expect(shown).toEqual(expected);
  const starts = shown.map((_, row) => hourStartMs(matrix, row));
  expect(starts.filter((start) => start === undefined)).toHaveLength(count < 72 ? 1 : 0);
  for (const start of starts) {
    if (start !== undefined) expect(start).toBeGreaterThanOrEqual(fromMs);
  }
});
