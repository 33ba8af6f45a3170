/** A site's wall clock, held against Intl itself over years of zones with every sort of rule. */
import { describe, expect, test } from "vitest";
import { isZone, SiteTime, zoneRemedy } from "./site-time.ts";

const hourMs = 3_600_000;
const at = (text: string) => Date.parse(text);

const zones = [
  "UTC",
  "Europe/Vienna",
  "Europe/London",
  "America/New_York",
  "America/St_Johns",
  "Australia/Lord_Howe", // half an hour of summer time
  "Asia/Kathmandu", // +05:45, no summer time
  "Africa/Casablanca", // back for Ramadan
  "Pacific/Apia",
];

describe.each(zones)("%s", (zone) => {
  const time = new SiteTime(zone);
  const oracle = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "short",
  });

  test("says what Intl says at every 37th minute of two years", () => {
    for (let ms = at("2026-01-01T00:00:00Z"); ms < at("2028-01-01T00:00:00Z"); ms += 37 * 60_000) {
      const said = `${time.day(ms)} ${time.clock(ms)}`;
      if (said !== oracle.format(ms)) expect(said).toBe(oracle.format(ms));
    }
  });

  test("finds the instant that the clock shows, and the start of each day", () => {
    for (let ms = at("2026-01-01T12:00:00Z"); ms < at("2027-12-30T00:00:00Z"); ms += 11 * hourMs) {
      const back = time.instantOf(time.localMs(ms));
      expect(time.localMs(back)).toBe(time.localMs(ms));
      expect(back).toBeLessThanOrEqual(ms);
      const start = time.startOfDayMs(ms);
      expect(time.day(start)).toBe(time.day(ms));
      expect(time.day(start - 1)).not.toBe(time.day(ms));
    }
  });
});

test("a day has 23, 24 or 25 hours, half an hour of them where the zone has it so", () => {
  const hours = (zone: string, day: string) => {
    const time = new SiteTime(zone);
    const start = time.startOfDayMs(at(`${day}T12:00:00Z`));
    return (time.startOfDayMs(start + 26 * hourMs) - start) / hourMs;
  };
  expect(hours("Europe/Vienna", "2026-03-29")).toBe(23);
  expect(hours("Europe/Vienna", "2026-06-01")).toBe(24);
  expect(hours("Europe/Vienna", "2026-10-25")).toBe(25);
  expect(hours("America/New_York", "2026-03-08")).toBe(23);
  expect(hours("America/New_York", "2026-11-01")).toBe(25);
  expect(hours("Australia/Lord_Howe", "2026-10-04")).toBe(23.5);
  expect(hours("UTC", "2026-03-29")).toBe(24);
});

test("an hour that comes twice, and one that does not come", () => {
  const time = new SiteTime("Europe/Vienna");
  expect(time.stamp(at("2026-10-25T00:30:00Z"))).toBe("2026-10-25 02:30 +02:00");
  expect(time.stamp(at("2026-10-25T01:30:00Z"))).toBe("2026-10-25 02:30 +01:00");
  expect(time.secondStamp(at("2026-10-25T00:30:05Z"))).toBe("2026-10-25 02:30:05 +02:00");
  expect(time.secondStamp(at("2026-10-25T01:30:05Z"))).toBe("2026-10-25 02:30:05 +01:00");
  const utc = new SiteTime("UTC");
  expect(utc.secondStamp(at("2026-10-25T01:30:05Z"))).toBe("2026-10-25 01:30:05 UTC");
  expect(time.fileStamp(at("2026-10-25T00:30:05Z"))).toBe("2026-10-25T023005+0200");
  expect(time.fileStamp(at("2026-10-25T01:30:05Z"))).toBe("2026-10-25T023005+0100");
  const twice = time.localMs(at("2026-10-25T00:30:00Z"));
  expect(time.instantOf(twice)).toBe(at("2026-10-25T00:30:00Z"));
  const never = at("2026-03-29T02:30:00Z"); // wall clock 02:30, which is skipped
  expect(time.instantOf(never)).toBe(at("2026-03-29T01:00:00Z"));
});

test("names that are no zone are told with what may have been meant", () => {
  expect(isZone("Europe/Vienna")).toBe(true);
  expect(isZone("UTC")).toBe(true);
  for (const wrong of ["Mars/Olympus", "", "Vienna", "+01:00", "europe vienna"]) {
    expect(isZone(wrong)).toBe(false);
  }
  expect(zoneRemedy("Vienna")).toContain("Europe/Vienna");
  expect(zoneRemedy("Mars/Olympus")).toContain('"Mars/Olympus" is no time zone');
});
