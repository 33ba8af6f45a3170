import { expect, test } from "vitest";
import { dayMs, hourMs } from "../limits.ts";
import { timeToLimit } from "./time-to-limit.ts";

const course = (value: (day: number) => number, days = 4) =>
  Array.from({ length: days * 24 }, (_, h) => ({
    atMs: h * hourMs,
    value: value(h / 24) + 0.02 * Math.sin(h * 1.7),
  }));

test("a straight rise reaches its limit between the early and the late guess", () => {
  const time = timeToLimit(
    course((day) => 1.2 + 0.1 * day),
    3,
  );
  const trueMs = 18 * dayMs;
  expect(time?.p10Ms).toBeLessThan(trueMs);
  expect(time?.p90Ms).toBeGreaterThan(trueMs);
  expect(time?.p10Ms).toBeLessThanOrEqual(time?.p50Ms ?? 0);
});

test("an accelerating rise is expected sooner than its straight line says", () => {
  const growth = course((day) => 1.17 + 0.08 * Math.exp(0.3 * day), 6);
  const time = timeToLimit(growth, 3);
  const trueDay = Math.log(1.83 / 0.08) / 0.3;
  expect(time?.p10Ms).toBeLessThan(trueDay * dayMs);
  expect(time?.p90Ms).toBeGreaterThan(trueDay * dayMs);
});

test("what does not rise, is there already, or is far away has no date", () => {
  const at = (value: (day: number) => number) => timeToLimit(course(value), 3);
  expect(at(() => 1.2)).toBeNull();
  expect(at((day) => 2 - 0.1 * day)).toBeNull();
  expect(at((day) => 3.1 + 0.1 * day)).toBeNull();
  expect(at((day) => 1 + 0.008 * day)).toBeNull();
  expect(timeToLimit([], 3)).toBeNull();
});
