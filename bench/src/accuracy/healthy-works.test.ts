/** The promise of the benchmark `alerts`, at the length that every build can afford. */
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { expect, test } from "vitest";
import { faultTrials } from "./fault-trials.ts";
import { watchWorks } from "./watch-works.ts";
import { worksConfigurations } from "./works-configuration.ts";

const days = 0.25;
/** Instead of two days. */
const learnMs = 5 * 3_600_000;
const daysPerMonth = 30;

test("healthy works trip nothing and raise less than one alert a sensor and month; steps are found", () => {
  const steps = faultTrials.filter(({ fault }) => fault === "bias");
  const configurations = worksConfigurations();
  for (const { tags } of configurations) {
    for (const { detect } of tags) if (detect.z) detect.z.learnMs = learnMs;
  }
  const { alerts, trips, readingCount, trials } = watchWorks({
    seed: 103,
    configurations,
    learnDays: 0.25,
    days,
    trials: steps,
  });
  expect(readingCount).toBe(140 * 86_400 * days);
  expect(trips).toEqual([]);
  const allowed = Math.floor((waterWorks.sensors.length * days) / daysPerMonth);
  expect(allowed).toBe(2);
  const raised = alerts.filter(({ isActive }) => isActive);
  expect(raised.length, raised.map(({ tagId }) => tagId).join(", ")).toBeLessThanOrEqual(allowed);
  for (const { name, tried, foundAfterMs, missed } of trials) {
    expect(missed, name).toEqual([]);
    expect(foundAfterMs.length).toBe(tried);
    expect(Math.max(...foundAfterMs)).toBeLessThanOrEqual(10_000);
  }
}, 600_000);
