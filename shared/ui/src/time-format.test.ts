import { describe, expect, test } from "vitest";
import { date, dayTime, minuteTime, secondTime, sinceAndAge, sinceTime } from "./time-format.ts";

const vienna = "Europe/Vienna";
const at = (text: string) => Date.parse(text);

test("times are those of the site's clocks, whatever the browser's zone", () => {
  const ms = at("2026-06-02T12:05:09Z");
  expect(secondTime(ms, vienna)).toBe("14:05:09");
  expect(dayTime(ms, "America/New_York")).toBe("2 Jun 08:05");
  expect(date(at("2026-12-31T23:30:00Z"), vienna)).toBe("2027-01-01");
});

describe("the changes of summer time", () => {
  test("forward: a minute after 01:59 it is 03:00", () => {
    expect(minuteTime(at("2026-03-29T00:59:00Z"), vienna)).toBe("01:59");
    expect(minuteTime(at("2026-03-29T01:00:00Z"), vienna)).toBe("03:00");
  });

  test("back: the hour that comes twice says which it is, all others do not", () => {
    expect(minuteTime(at("2026-10-25T00:30:00Z"), vienna)).toBe("02:30 CEST");
    expect(minuteTime(at("2026-10-25T01:30:00Z"), vienna)).toBe("02:30 CET");
    expect(minuteTime(at("2026-10-25T02:00:00Z"), vienna)).toBe("03:00");
    expect(dayTime(at("2026-10-24T23:59:00Z"), vienna)).toBe("25 Oct 01:59");
  });
});

test("since when: as much of the date as it takes to know the day, and how long ago", () => {
  const now = at("2026-06-02T14:00:00Z");
  expect(sinceTime(at("2026-06-02T12:03:00Z"), now, vienna)).toBe("14:03");
  expect(sinceTime(at("2026-06-01T12:03:00Z"), now, vienna)).toBe("1 Jun 14:03");
  expect(sinceTime(at("2025-06-02T12:03:00Z"), now, vienna)).toBe("2 Jun 2025 14:03");
  expect(sinceAndAge(at("2026-06-02T12:00:00Z"), now, vienna)).toBe("14:00 (2 h)");
  // A clock that is a little ahead makes nothing younger than now.
  expect(sinceAndAge(now + 300, now, vienna)).toBe("16:00 (now)");
});

test("yesterday is by the site's midnight", () => {
  const now = at("2026-06-01T22:30:00Z");
  expect(sinceTime(at("2026-06-01T21:30:00Z"), now, vienna)).toBe("1 Jun 23:30");
  expect(sinceTime(at("2026-06-01T21:30:00Z"), now, "UTC")).toBe("21:30");
});
