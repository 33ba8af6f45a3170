import { describe, expect, test } from "vitest";
import { tickLabels, tickStep, timeTicks } from "./time-axis.ts";

const vienna = "Europe/Vienna";
const hourMs = 3_600_000;
const at = (text: string) => Date.parse(text);

interface Span {
  from: string;
  to: string;
  tz?: string;
  count: number;
}

function labelsOf({ from, to, tz = vienna, count }: Span): string[] {
  const [fromMs, toMs] = [at(from), at(to)];
  const ticks = timeTicks(fromMs, toMs, tz, count);
  return tickLabels(ticks, tz, tickStep(toMs - fromMs, count));
}

test("ticks stand at round times of the site's day", () => {
  expect(labelsOf({ from: "2026-06-02T10:10:00Z", to: "2026-06-02T16:10:00Z", count: 6 })).toEqual([
    ...["13:00\n2 Jun", "14:00", "15:00", "16:00", "17:00", "18:00"],
  ]);
  const night = labelsOf({ from: "2026-06-01T20:00:00Z", to: "2026-06-02T02:00:00Z", count: 4 });
  expect(night).toEqual(["22:00\n1 Jun", "00:00\n2 Jun", "02:00", "04:00"]);
});

describe("a day of 23 hours", () => {
  const day = { from: "2026-03-28T23:00:00Z", to: "2026-03-29T22:00:00Z" };

  test("hour by hour, without the one that is skipped", () => {
    const labels = labelsOf({ ...day, count: 30 });
    expect(labels.slice(0, 4)).toEqual(["00:00\n29 Mar", "01:00", "03:00", "04:00"]);
    expect(labels).toHaveLength(24);
  });

  test("every six hours of the clock", () => {
    const labels = labelsOf({ ...day, count: 5 });
    expect(labels).toEqual(["00:00\n29 Mar", "06:00", "12:00", "18:00", "00:00\n30 Mar"]);
  });
});

describe("a day of 25 hours", () => {
  const day = { from: "2026-10-24T22:00:00Z", to: "2026-10-25T23:00:00Z" };

  test("hour by hour, the second two o'clock under its own name", () => {
    const labels = labelsOf({ ...day, count: 30 });
    expect(labels.slice(0, 5)).toEqual([
      ...["00:00\n25 Oct", "01:00", "02:00\nCEST", "02:00\nCET", "03:00"],
    ]);
    expect(labels).toHaveLength(26);
  });

  test("every six hours of the clock, once each", () => {
    const labels = labelsOf({ ...day, count: 5 });
    expect(labels).toEqual(["00:00\n25 Oct", "06:00", "12:00", "18:00", "00:00\n26 Oct"]);
  });
});

test("days start at the site's midnight on both sides of a change", () => {
  const ticks = timeTicks(at("2026-10-23T00:00:00Z"), at("2026-10-27T12:00:00Z"), vienna, 6);
  expect(ticks.map((ms) => new Date(ms).toISOString().slice(5, 16))).toEqual([
    ...["10-23T22:00", "10-24T22:00", "10-25T23:00", "10-26T23:00"],
  ]);
});

test("whatever the span, the ticks are few, in order, and inside", () => {
  const from = at("2026-03-28T17:13:11Z");
  for (const tz of ["UTC", vienna, "Australia/Lord_Howe", "Asia/Kathmandu"]) {
    for (let span = 10_000; span < 400 * 24 * hourMs; span *= 1.7) {
      const ticks = timeTicks(from, from + span, tz, 6);
      expect(ticks.length).toBeLessThanOrEqual(8);
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
      expect(ticks.every((ms) => ms >= from && ms <= from + span)).toBe(true);
    }
  }
});
