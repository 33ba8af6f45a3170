import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { Quality } from "../conditioning/quality.ts";
import type { DetectSettings, TagSettings } from "../configuration/configuration.ts";
import { type AlertChange, AlertRule } from "./alert.ts";
import { Detection } from "./detection.ts";

const periodMs = 2_000;
const dayCount = 43_200;
const hourCount = dayCount / 24;
const stepReadings = 6;

function turbidimeter(over: Partial<DetectSettings> = {}) {
  const changes: AlertChange[] = [];
  const detect = {
    z: { max: 4, sigmaMin: 0.05, learnMs: 48 * 3_600_000 },
    ...over,
  } as DetectSettings;
  const tag = {
    index: 0,
    id: "D06/TU01",
    kind: "turbidity",
    unit: "NTU",
    periodMs,
    resolution: 0.001,
    min: 0,
    max: 300,
    detect,
  } as TagSettings;
  const detection = new Detection({ tags: [tag], raise: (change) => changes.push(change) });
  const random = seeded(7, "turbidity");
  let timeMs = 0;
  /** `count` readings around `level(i)`, with noise of 2 %. */
  const feed = (count: number, level: (i: number) => number) => {
    for (let i = 0; i < count; i++) {
      timeMs += periodMs;
      const true_ = level(i);
      const y = true_ + Math.max(0.003, 0.02 * true_) * random.gaussian();
      detection.stepAt(0, Math.round(1_000 * y) / 1_000, Quality.GOOD, timeMs, timeMs);
    }
  };
  const now = () => timeMs;
  return { detection, feed, changes, now, raised: () => changes.filter((c) => c.isActive) };
}

/** A filter washed every two days: 0.35 NTU more at once, then gone within the hour. */
const washed = (i: number): number => {
  const sinceS = ((i + hourCount * 20) % (2 * dayCount)) * (periodMs / 1_000);
  return 0.07 + 0.35 * Math.exp(-sinceS / 720);
};

test("a filter that ripens after every wash is healthy, week after week; half an NTU more is not", () => {
  const { feed, raised } = turbidimeter();
  feed(2 * dayCount, washed);
  const whileLearning = raised().length;
  feed(20 * dayCount, (i) => washed(i + 2 * dayCount));
  expect(raised().length - whileLearning).toBe(0);
  feed(stepReadings, () => 0.57);
  expect(raised().at(-1)).toMatchObject({ rule: AlertRule.ROBUST_Z });
  expect(raised().length - whileLearning).toBe(1);
});

test("the floor grows with the level: a storm is no row of steps", () => {
  const { detection, feed, raised } = turbidimeter();
  feed(2 * dayCount + 200, () => 6);
  const dry = detection.sigmaFloor(0);
  feed(dayCount, (i) => 6 + 24 * Math.min(1, i / (4 * hourCount)));
  expect(raised()).toEqual([]);
  feed(stepReadings, () => 30 * 1.35);
  expect(raised()).toHaveLength(1);
  expect(detection.sigmaFloor(0)).toBe(dry);
});

test("whatever happens while it learns, a step of 35 % and of half an NTU stays visible", () => {
  for (const level of [0.08, 1, 6]) {
    const { feed, raised } = turbidimeter();
    // Somebody works at it for two days: the level jumps every five minutes.
    feed(2 * dayCount + 500, (i) => level * (1 + 3 * (Math.floor(i / 150) % 2)));
    feed(2_000, () => level);
    const before = raised().length;
    feed(stepReadings, () => level + Math.max(0.5, 0.36 * level));
    expect(raised().length - before, `${level} NTU`).toBe(1);
  }
});

test("an instrument in function check is not listened to until it has settled", () => {
  const { detection, feed, raised, now } = turbidimeter();
  feed(2 * dayCount + 500, () => 1);
  detection.hold(0, now());
  feed(60, (i) => 4 - i / 30); // two minutes back from the buffer's value
  feed(2_000, () => 1);
  expect(raised()).toEqual([]);
  feed(stepReadings, () => 1.5);
  expect(raised()).toHaveLength(1);
});
