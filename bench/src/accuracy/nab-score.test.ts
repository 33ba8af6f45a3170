/** The scorer is right when it gives others' published figures from their published scores. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { numberAt } from "@weir/contracts/elements.ts";
import { describe, expect, test } from "vitest";
import { readCorpus, readPublished, type Series } from "./nab-corpus.ts";
import { countEvents, wilson } from "./nab-events.ts";
import { scoreAtThresholds, scoreCorpus } from "./nab-score.ts";

const dataDir = resolve(
  process.env["WEIR_DATA"] ?? join(import.meta.dirname, "../../../../shared/data"),
);
const folder = join(dataDir, "nab");
const isHere = existsSync(folder);
if (!isHere)
  process.stderr.write(
    `SKIPPED: the scorer is not checked against published scores, because ${folder} is not there (WEIR_DATA names another)\n`,
  );

describe.skipIf(!isHere)("published scores", () => {
  const corpus = readCorpus(folder) ?? [];
  // The body of a skipped suite runs all the same.
  const published = isHere ? readPublished(folder, corpus) : new Map<string, Float64Array[]>();

  test("the corpus has 58 files and 116 windows", () => {
    expect(corpus.length).toBe(58);
    expect(corpus.reduce((sum, { windows }) => sum + windows.length, 0)).toBe(116);
  });

  test.each([
    ["ARTime", 74.85, 65.15, 80.36],
    ["numenta", 70.1, 63.21, 74.32],
    ["contextOSE", 69.9, 66.98, 73.18],
    ["randomCutForest", 51.72, 38.36, 59.75],
  ])("%s: %d standard, %d low FP, %d low FN", (name, standard, lowFp, lowFn) => {
    const best = scoreCorpus(corpus, published.get(name) ?? []);
    expect(best.map(({ normalised }) => Math.round(100 * normalised) / 100)).toEqual([
      standard,
      lowFp,
      lowFn,
    ]);
  });

  test("a threshold given is worth what the sweep found for it", () => {
    const scores = published.get("numenta") ?? [];
    const best = scoreCorpus(corpus, scores);
    const again = scoreAtThresholds(
      corpus,
      scores,
      best.map(({ threshold }) => threshold),
    );
    for (const [p, { normalised }] of best.entries()) expect(again[p]).toBeCloseTo(normalised, 9);
  });
});

/** 100 readings, an hour apart; one window from 50 to 59. */
const series: Series = {
  name: "made/up.csv",
  timesMs: Float64Array.from({ length: 100 }, (_, i) => i * 3_600_000),
  values: new Float64Array(100),
  windows: [{ left: 50, right: 59 }],
  judgedFrom: 15,
};

const alarmsAt = (...indices: number[]): Float64Array[] => {
  const scores = new Float64Array(100);
  for (const i of indices) scores[i] = 1;
  return [scores];
};

const standardAt = (...indices: number[]): number =>
  numberAt(scoreAtThresholds([series], alarmsAt(...indices), [1, 1, 1]), 0);

describe("a made-up series", () => {
  test("no alarm is 0, the window's first reading 100, and no threshold is forced on a bad detector", () => {
    expect(standardAt()).toBe(0);
    expect(standardAt(50)).toBeCloseTo(100, 9);
    expect(scoreCorpus([series], alarmsAt(20, 21, 22, 99))[0]).toEqual({
      normalised: 0,
      threshold: Number.POSITIVE_INFINITY,
    });
  });

  test("later is worth less, and only the best point of a window counts", () => {
    expect(standardAt(55)).toBeLessThan(standardAt(50));
    expect(standardAt(55)).toBeGreaterThan(standardAt(59));
    expect(standardAt(55, 50, 59)).toBeCloseTo(100, 9);
  });

  test("a false alarm costs 0.11 of a window, less just after one, nothing while learning", () => {
    expect(standardAt(50, 30)).toBeCloseTo(100 - (100 * 0.11) / 2, 9);
    expect(standardAt(50, 61)).toBeGreaterThan(standardAt(50, 65));
    expect(standardAt(50, 95)).toBeCloseTo(standardAt(50, 30), 9);
    expect(standardAt(50, 3)).toBeCloseTo(100, 9);
  });

  test("events: found windows, false alarms an hour apart, time outside", () => {
    const count = countEvents([series], alarmsAt(20, 21, 40, 52, 53), 1);
    expect(count).toMatchObject({ windows: 1, found: 1, falseAlarms: 3 });
    expect(count.delayShares).toEqual([2 / 9]);
    expect(count.sensorMonths).toBeCloseTo(75 / 730.56, 4);
  });

  test("Wilson's interval, textbook value", () => {
    const [low, high] = wilson(8, 10);
    expect(low).toBeCloseTo(0.4902, 3);
    expect(high).toBeCloseTo(0.9433, 3);
  });
});
