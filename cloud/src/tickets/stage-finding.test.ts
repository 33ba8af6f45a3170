import { expect, test } from "vitest";
import type { HealthPoint } from "../evaluation/health-book.ts";
import { overSinceMs, risingHoursMin, steadyHoursMin, ticketLine } from "./stage-finding.ts";

const hourMs = 3_600_000;
const course = (ratios: readonly number[]): HealthPoint[] =>
  ratios.map(
    (ratio, hour) =>
      ({
        atMs: hour * hourMs,
        score: ratio * 0.8,
        threshold: 0.8,
        version: 1,
        shares: {},
      }) as unknown as HealthPoint,
  );
const flat = (ratio: number, hours: number) => new Array<number>(hours).fill(ratio);

test("a healthy stage that strays over its model's line for days gets no ticket", () => {
  expect(overSinceMs(course([...flat(0.9, 48), ...flat(1.5, 200)]))).toBeUndefined();
});

test("far over the line for long enough is a ticket, and it says since when the stage left its past", () => {
  const points = course([
    ...flat(0.9, 48),
    ...flat(1.2, 24),
    ...flat(ticketLine + 0.1, steadyHoursMin),
  ]);
  expect(overSinceMs(points)).toBe(48 * hourMs);
  expect(overSinceMs(points.slice(0, 48 + 24 + risingHoursMin - 1))).toBeUndefined();
});

test("a rising one is a ticket sooner", () => {
  const rising = Array.from({ length: risingHoursMin }, (_, hour) => ticketLine + 0.1 + hour / 5);
  expect(overSinceMs(course([...flat(0.9, 60), ...rising]))).toBe(60 * hourMs);
});
