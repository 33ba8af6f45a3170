import { expect, test } from "vitest";
import { bucketsOf, ranges } from "./trend-range.tsx";

test("every range is asked for in whole buckets that cover it, and few of them", () => {
  const toMs = Date.UTC(2026, 5, 2, 14, 3, 7);
  for (const { label, ms } of ranges) {
    const { fromMs, toMs: end, count } = bucketsOf(toMs - ms, toMs);
    expect(fromMs, label).toBeLessThanOrEqual(toMs - ms);
    expect(end, label).toBeGreaterThanOrEqual(toMs);
    expect(Number.isInteger(count), label).toBe(true);
    expect(count, label).toBeLessThanOrEqual(702);
  }
});
