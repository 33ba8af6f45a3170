import { numberAt } from "@weir/contracts/elements.ts";
import { expect, test } from "vitest";
import { seeded } from "../test/seeded.ts";
import {
  createStreamingDetector,
  type StreamingDetector,
  streamingAlarmScore,
} from "./streaming-detector.ts";

const periodMs = 300_000;
const dayCount = 288;
const startMs = Date.UTC(2026, 2, 2);

/** Scores of `count` readings from number `from` on; each is learned. */
function feed(
  detector: StreamingDetector,
  signal: (i: number) => number,
  { from = 0, count }: { from?: number; count: number },
): number[] {
  return Array.from({ length: count }, (_, k) => {
    const timeMs = startMs + (from + k) * periodMs;
    const value = signal(from + k);
    const score = detector.score(value, timeMs);
    detector.learn(value, timeMs);
    return score;
  });
}

/** A day's rhythm of amplitude 1 with noise about 20, always the same for a seed. */
function rhythm(seed: number): (i: number) => number {
  const random = seeded(seed);
  return (i) => 20 + Math.sin((2 * Math.PI * i) / dayCount) + 0.1 * random.gaussian();
}

const alarms = (scores: readonly number[]): number =>
  scores.filter((score) => score >= streamingAlarmScore).length;
const highest = (scores: readonly number[]): number => Math.max(...scores);

test("healthy sensors of several kinds alarm less than 0.2 times a month", () => {
  const weeks = 12;
  let count = 0;
  let months = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const random = seeded(seed);
    const memory = numberAt([0, 0.5, 0.9, 0.98], seed % 4);
    const swing = numberAt([0, 1, 4], seed % 3);
    let noise = 0;
    const scores = feed(
      createStreamingDetector(),
      (i) => {
        noise = memory * noise + Math.sqrt(1 - memory ** 2) * random.gaussian();
        // Half of them are washed every morning at the same hour.
        const wash = seed % 2 === 1 && i % dayCount === 100 ? 8 : 0;
        return swing * Math.sin((2 * Math.PI * i) / dayCount) + noise + wash;
      },
      { count: weeks * 7 * dayCount },
    );
    count += alarms(scores.slice(14 * dayCount));
    months += (weeks - 2) / 4.35;
  }
  expect(count / months).toBeLessThan(0.2);
});

test.each([
  ["a spike", (i: number) => (i === 0 ? 3 : 0)],
  ["a step that stays", () => 3],
  ["a drift of a tenth an hour", (i: number) => i / 120],
  ["a stop at a usual value", (_: number, healthy: number) => 20.5 - healthy],
])("%s is found", (_, trouble) => {
  const detector = createStreamingDetector();
  const signal = rhythm(3);
  const count = 21 * dayCount;
  const before = highest(feed(detector, signal, { count }).slice(14 * dayCount));
  const during = feed(
    detector,
    (i) => {
      const healthy = signal(i);
      return healthy + trouble(i - count, healthy);
    },
    { from: count, count: dayCount },
  );
  expect(highest(during)).toBeGreaterThan(before);
  expect(highest(during)).toBeGreaterThan(0.3);
});

test("what comes every day at the same hour is soon no news", () => {
  const detector = createStreamingDetector();
  const signal = rhythm(4);
  const washed = (i: number) => signal(i) + (i % dayCount === 100 ? 5 : 0);
  feed(detector, signal, { count: 14 * dayCount });
  const days = Array.from({ length: 6 }, (_, day) =>
    highest(feed(detector, washed, { from: (14 + day) * dayCount, count: dayCount })),
  );
  expect(days[0]).toBeGreaterThan(streamingAlarmScore);
  for (const later of days.slice(2)) expect(later).toBeLessThan(0.5);
});

test("a second anomaly a week after the first is seen as well", () => {
  const detector = createStreamingDetector();
  const signal = rhythm(5);
  const spiky = (i: number) => signal(i) + (i === 4_100 || i === 6_170 ? 6 : 0);
  const scores = feed(detector, spiky, { count: 6_500 });
  expect(scores[4_100]).toBeGreaterThan(streamingAlarmScore);
  expect(scores[6_170]).toBeGreaterThan(0.5);
});

test("shortly after an alarm only a clearly larger surprise is news", () => {
  const detector = createStreamingDetector();
  const signal = rhythm(6);
  feed(detector, signal, { count: 4_000 });
  const after = (i: number) => signal(i) + numberAt([5, 5, 0, 0, 5, 0, 0, 80], i - 4_000);
  const scores = feed(detector, after, { from: 4_000, count: 8 });
  expect(scores[0]).toBeGreaterThan(streamingAlarmScore);
  expect(highest(scores.slice(1, 7))).toBe(0);
  expect(scores[7]).toBeGreaterThan(0.5);
});

test("a sensor in other units scores the same", () => {
  const scaled = (factor: number, offset: number) => {
    const signal = rhythm(7);
    const step = (i: number) => offset + factor * (signal(i) + (i > 4_000 ? 3 : 0));
    return feed(createStreamingDetector(), step, { count: 4_200 });
  };
  const plain = scaled(1, 0);
  for (const other of [scaled(1_024, 0), scaled(2 ** -20, 0), scaled(-1, 0)])
    for (const [i, score] of other.entries()) expect(score).toBeCloseTo(numberAt(plain, i), 2);
});

test("a constant signal is ordinary, and the first other value is not", () => {
  const detector = createStreamingDetector();
  expect(highest(feed(detector, () => 7.1, { count: 3_000 }))).toBe(0);
  expect(detector.score(7.2, startMs + 3_000 * periodMs)).toBeGreaterThan(streamingAlarmScore);
});

test("a quarantined reading moves no mean, and its like is no news", () => {
  const [learned, kept, fresh] = [1, 2, 3].map(() => {
    const detector = createStreamingDetector();
    feed(detector, rhythm(8), { count: 4_000 });
    return detector;
  }) as [StreamingDetector, StreamingDetector, StreamingDetector];
  const timeOf = (i: number) => startMs + (4_000 + i) * periodMs;
  for (let i = 0; i < 12; i++) {
    learned.learn(30, timeOf(i));
    kept.quarantine(30, timeOf(i));
  }
  // A day later the alarm's own memory has faded.
  for (const detector of [learned, kept])
    feed(detector, rhythm(9), { from: 4_012, count: dayCount });
  expect(kept.score(30, timeOf(300))).toBeLessThan(fresh.score(30, timeOf(300)) / 2);
  expect(kept.capture()).not.toEqual(learned.capture());
});

test("readings without end do not wear it out", () => {
  const detector = createStreamingDetector();
  const signal = rhythm(10);
  feed(detector, signal, { count: 300 * dayCount });
  expect(highest(feed(detector, signal, { from: 300 * dayCount, count: dayCount }))).toBeLessThan(
    0.9,
  );
  expect(detector.score(26, startMs + 301 * dayCount * periodMs)).toBeGreaterThan(0.5);
});
