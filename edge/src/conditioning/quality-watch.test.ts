import { expect, test } from "vitest";
import { Quality, reason } from "./quality.ts";
import { QualityWatch } from "./quality-watch.ts";

const bad = [Quality.BAD, reason.currentLow] as const;
const good = [Quality.GOOD, reason.good] as const;

test("a change is told once, when it has lasted for three readings", () => {
  const watch = new QualityWatch(1);
  const told = [good, bad, bad, bad, bad, good, good, good, good].map(([q, r]) =>
    watch.step(0, q, r),
  );
  expect(told).toEqual([false, false, false, true, false, false, false, true, false]);
});

test("a flicker is not told, a stale tag at once", () => {
  const watch = new QualityWatch(1);
  for (const [q, r] of [bad, good, bad, bad, good, bad, good])
    expect(watch.step(0, q, r)).toBe(false);
  expect(watch.step(0, Quality.STALE, reason.stale)).toBe(true);
});
