import { describe, expect, test } from "vitest";
import { gapsOf, silentShare, withBreaks } from "./chart-gaps.ts";

const minuteMs = 60_000;
/** One value a minute from 0; "." is none. */
const series = (text: string) => ({
  at: Array.from(text, (_, index) => index * 60),
  mean: Array.from(text, (letter) => (letter === "." ? null : 1)),
});

describe("gaps of a chart", () => {
  test("a silent stretch up to now is open, one that ended is not", () => {
    const gaps = gapsOf(series("xxxx......xxx....."), {
      ...{ fromMs: 0, toMs: 18 * minuteMs, nowMs: 18 * minuteMs },
    });
    expect(gaps).toEqual([
      { fromMs: 4 * minuteMs, toMs: 10 * minuteMs, isOpen: false },
      { fromMs: 13 * minuteMs, toMs: 18 * minuteMs, isOpen: true },
    ]);
  });

  test("a series that ends early is silent up to now, whatever was sent of it", () => {
    const gaps = gapsOf(series("xxx"), { fromMs: 0, toMs: 60 * minuteMs, nowMs: 50 * minuteMs });
    expect(gaps).toEqual([{ fromMs: 3 * minuteMs, toMs: 50 * minuteMs, isOpen: true }]);
  });

  test("nothing at all is one open gap; the future is none", () => {
    const span = { fromMs: 0, toMs: 60 * minuteMs, nowMs: 50 * minuteMs };
    expect(gapsOf({ at: [], mean: [] }, span)).toEqual([
      { fromMs: 0, toMs: 50 * minuteMs, isOpen: true },
    ]);
  });

  test("what is still on its way is no silence, and no longer than it may take", () => {
    const span = { fromMs: 0, toMs: 60 * minuteMs, lateMs: 3 * minuteMs };
    expect(gapsOf(series("xxx"), { ...span, nowMs: 8 * minuteMs })).toEqual([]);
    expect(gapsOf(series("xxx"), { ...span, nowMs: 8 * minuteMs + 1 })).toHaveLength(1);
  });

  test("a bucket that is not full yet, or one that was missed, is no gap", () => {
    const span = { fromMs: 0, toMs: 8 * minuteMs, nowMs: 8 * minuteMs };
    expect(gapsOf(series("xx.xxx.."), span)).toEqual([]);
  });
});

describe("the silent end of a small line", () => {
  const values = (text: string) => series(text).mean;

  test("grows with the silence", () => {
    expect(silentShare(values("xxxxxxxxxx"))).toBe(0);
    expect(silentShare(values("xxxxx....."))).toBe(0.5);
    expect(silentShare(values(".........."))).toBe(1);
    expect(silentShare([])).toBe(0);
  });

  test("a slow value between two of its readings is not silent", () => {
    expect(silentShare(values("x....x....x..."))).toBe(0);
    expect(silentShare(values("x....x...................."))).toBeGreaterThan(0.5);
  });
});

test("rows that are missing break the line", () => {
  const one = [1, 2, 3, 4];
  const broken = withBreaks({ at: [0, 60, 120, 3600], mean: one, min: one, max: one });
  expect(broken.at).toEqual([0, 60, 120, 180, 3600]);
  expect(broken.mean).toEqual([1, 2, 3, null, 4]);
  const whole = { at: [0, 60, 120, 180], mean: one, min: one, max: one };
  expect(withBreaks(whole)).toEqual(whole);
});
