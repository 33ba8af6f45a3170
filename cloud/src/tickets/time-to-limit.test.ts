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
    { usual: 1.17, limit: 3 },
  );
  const trueMs = 18 * dayMs;
  expect(time?.p10Ms).toBeLessThan(trueMs);
  expect(time?.p90Ms).toBeGreaterThan(trueMs);
  expect(time?.p10Ms).toBeLessThanOrEqual(time?.p50Ms ?? 0);
});

test("an accelerating rise is expected sooner than its straight line says", () => {
  const growth = course((day) => 1.17 + 0.05 * Math.exp(0.5 * day));
  const time = timeToLimit(growth, { usual: 1.17, limit: 3 });
  const trueDay = Math.log(1.83 / 0.05) / 0.5;
  expect(time?.p10Ms).toBeLessThan(trueDay * dayMs * 1.05);
  expect(time?.p90Ms).toBeGreaterThan(trueDay * dayMs);
});

test("what does not rise, is there already, or is far away has no date", () => {
  const at = (value: (day: number) => number) => timeToLimit(course(value), { usual: 1, limit: 3 });
  expect(at(() => 1.2)).toBeNull();
  expect(at((day) => 2 - 0.1 * day)).toBeNull();
  expect(at((day) => 3.1 + 0.1 * day)).toBeNull();
  expect(at((day) => 1 + 0.008 * day)).toBeNull();
  expect(timeToLimit([], { usual: 1, limit: 3 })).toBeNull();
});
