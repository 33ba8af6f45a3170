import { expect, test } from "vitest";
import { localCalendar } from "./local-calendar.ts";

const vienna = localCalendar("Europe/Vienna");

test.each([
  ["2026-06-02T05:00:00Z", 7, 2],
  ["2026-01-15T23:30:00Z", 0.5, 5],
  // An hour before and after the clocks go forward, and back.
  ["2026-03-29T00:30:00Z", 1.5, 0],
  ["2026-03-29T01:30:00Z", 3.5, 0],
  ["2026-10-25T00:30:00Z", 2.5, 0],
  ["2026-10-25T01:30:00Z", 2.5, 0],
])("%s is hour %s of weekday %s in Vienna", (instant, hour, dayOfWeek) => {
  expect(vienna(Date.parse(instant))).toMatchObject({ hour, dayOfWeek });
});
