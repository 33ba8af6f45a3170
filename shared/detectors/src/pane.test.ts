import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addReading,
  emptyPane,
  mergePanes,
  type Pane,
  paneOfBucket,
  paneSd,
  paneSlope,
} from "./pane.ts";

const reading = fc.record({
  atMs: fc.integer({ min: 1_780_000_000_000, max: 1_780_000_300_000 }),
  value: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
});
const readings = fc.array(reading, { maxLength: 40 });

const paneOf = (list: { atMs: number; value: number }[]): Pane => {
  const pane = emptyPane();
  for (const { atMs, value } of list) addReading(pane, atMs, value);
  return pane;
};

function expectClose(one: Pane, two: Pane): void {
  expect(one.count).toBe(two.count);
  for (const key of ["min", "max", "firstAtMs", "lastAtMs"] as const)
    expect(one[key]).toBe(two[key]);
  if (one.count === 0) return;
  expect(one.mean).toBeCloseTo(two.mean, 8);
  expect(paneSd(one)).toBeCloseTo(paneSd(two), 5);
  expect(one.timeMean).toBeCloseTo(two.timeMean, 1);
  expect(one.timeValue).toBeCloseTo(two.timeValue, -1);
}

test("a pane holds what the batch formulas give", () => {
  fc.assert(
    fc.property(fc.array(reading, { minLength: 2, maxLength: 60 }), (list) => {
      const pane = paneOf(list);
      const mean = list.reduce((sum, { value }) => sum + value, 0) / list.length;
      const timeMean = list.reduce((sum, { atMs }) => sum + atMs / list.length, 0);
      const m2 = list.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
      const timeM2 = list.reduce((sum, { atMs }) => sum + (atMs - timeMean) ** 2, 0);
      const both = list.reduce(
        (sum, { atMs, value }) => sum + (atMs - timeMean) * (value - mean),
        0,
      );
      expect(pane.mean).toBeCloseTo(mean, 8);
      expect(paneSd(pane)).toBeCloseTo(Math.sqrt(m2 / (list.length - 1)), 5);
      // Times that hardly differ leave no slope to compare.
      if (timeM2 > 1e6) expect(paneSlope(pane)).toBeCloseTo((1_000 * both) / timeM2, 3);
      expect(pane.min).toBe(Math.min(...list.map(({ value }) => value)));
      expect(pane.max).toBe(Math.max(...list.map(({ value }) => value)));
    }),
  );
});

test("merging is associative, and equal to adding every reading to one pane", () => {
  fc.assert(
    fc.property(readings, readings, readings, (a, b, c) => {
      const left = mergePanes([mergePanes([paneOf(a), paneOf(b)]), paneOf(c)]);
      const right = mergePanes([paneOf(a), mergePanes([paneOf(b), paneOf(c)])]);
      expectClose(left, right);
      expectClose(left, paneOf([...a, ...b, ...c]));
    }),
  );
});

test("the slope of a straight line is its slope, in units per second", () => {
  const line = Array.from({ length: 60 }, (_, i) => ({
    atMs: 1_780_000_000_000 + 5_000 * i,
    value: 3 + 0.02 * 5 * i,
  }));
  const panes = [paneOf(line.slice(0, 7)), paneOf(line.slice(7, 30)), paneOf(line.slice(30))];
  expect(paneSlope(mergePanes(panes))).toBeCloseTo(0.02, 9);
});

test("a value that is no number is no reading", () => {
  const pane = paneOf([{ atMs: 0, value: Number.NaN }]);
  expect(pane.count).toBe(0);
  expect(paneSlope(pane)).toBe(0);
});

test("stored minutes give back the window they were cut from", () => {
  const readingsOf = (minute: number) =>
    Array.from({ length: 12 }, (_, i) => ({
      atMs: 60_000 * minute + 5_000 * i,
      value: 2 + 0.001 * (60 * minute + 5 * i) + 0.05 * Math.sin(7 * i + minute),
    }));
  const minutes = [0, 1, 2, 3, 4].map(readingsOf);
  const buckets = minutes.map((list, minute) => {
    const pane = paneOf(list);
    return paneOfBucket({
      atMs: 60_000 * minute,
      lengthMs: 60_000,
      count: pane.count,
      mean: pane.mean,
      sd: paneSd(pane),
      slope: paneSlope(pane),
      min: pane.min,
      max: pane.max,
    });
  });
  const whole = paneOf(minutes.flat());
  const merged = mergePanes(buckets);
  expect(merged.mean).toBeCloseTo(whole.mean, 10);
  expect(paneSd(merged)).toBeCloseTo(paneSd(whole), 10);
  expect(paneSlope(merged)).toBeCloseTo(paneSlope(whole), 8);
});
