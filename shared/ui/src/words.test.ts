import { expect, test } from "vitest";
import { bytes, counted, number, percent, span } from "./words.ts";

test("numbers keep three digits, and what is none is a dash", () => {
  expect([0.1234, 1.234, 12.34, 123.4, -0.5, 0].map(number)).toEqual([
    ...["0.123", "1.23", "12.3", "123", "-0.500", "0.000"],
  ]);
  expect([null, undefined, Number.NaN, Number.POSITIVE_INFINITY].map(number)).toEqual([
    ...["–", "–", "–", "–"],
  ]);
});

test("a length of time has one unit and no digits that say nothing", () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const cases: [number, string][] = [
    [240, "240 ms"],
    [999.7, "1 s"],
    [1400, "1.4 s"],
    [12 * second, "12 s"],
    [2 * minute, "2 min"],
    [2 * hour, "2 h"],
    [7.5 * hour, "7.5 h"],
    [18 * 24 * hour, "18 d"],
    [-3 * hour, "3 h"],
  ];
  for (const [ms, text] of cases) expect(span(ms), String(ms)).toBe(text);
});

test("sizes, shares and counts", () => {
  expect(bytes(999)).toBe("999 B");
  expect(bytes(1_500_000)).toBe("1.50 MB");
  expect(percent(0.934)).toBe("93 %");
  expect(counted(1, "tag")).toBe("1 tag");
  expect(counted(0, "tag")).toBe("0 tags");
  expect(counted(2, "advisory", "advisories")).toBe("2 advisories");
});
