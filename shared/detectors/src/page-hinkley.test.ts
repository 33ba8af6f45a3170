import { expect, test } from "vitest";
import { seeded } from "../test/seeded.ts";
import { PageHinkley } from "./page-hinkley.ts";

const repeat = (value: number, count: number): number[] => new Array(count).fill(value);

function firstAlarm(detector: PageHinkley, signal: number[]): number {
  for (const [i, x] of signal.entries()) {
    detector.learn(x);
    if (detector.level >= 1) return i;
  }
  return -1;
}

const options = { drift: 0.05, threshold: 8, minCount: 30 };

test("the example of its page: a step of 0.6 after 200 samples", () => {
  const detector = new PageHinkley(options);
  expect(firstAlarm(detector, [...repeat(20, 200), ...repeat(20.6, 200)])).toBe(215);
});

test("a fall is noticed as a rise is", () => {
  const rise = firstAlarm(new PageHinkley(options), [...repeat(20, 200), ...repeat(20.6, 200)]);
  const fall = firstAlarm(new PageHinkley(options), [...repeat(20, 200), ...repeat(19.4, 200)]);
  expect(fall).toBe(rise);
});

test("noise about a constant mean says nothing in ten thousand samples", () => {
  const random = seeded(1);
  const noise = Array.from({ length: 10_000 }, () => 20 + 0.1 * random.gaussian());
  expect(firstAlarm(new PageHinkley(options), noise)).toBe(-1);
});

test("after a reset the new level is the usual one", () => {
  const detector = new PageHinkley(options);
  firstAlarm(detector, [...repeat(20, 200), ...repeat(20.6, 200)]);
  detector.reset();
  expect(firstAlarm(detector, repeat(20.6, 500))).toBe(-1);
});
