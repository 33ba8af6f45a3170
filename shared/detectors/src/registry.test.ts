/** One conformance suite over every registered streaming detector. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { seeded } from "../test/seeded.ts";
import type { Detector, DetectorKind } from "./detector.ts";
import { detectors } from "./registry.ts";

/** Flat stretches, steps, spikes, ramps, noise of several sizes, and noughts. */
function awkwardSignal(seed: number, count: number): number[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => {
    const part = Math.floor(i / 500) % 6;
    if (part === 0) return 7;
    if (part === 1) return 7 + random.gaussian();
    if (part === 2) return i % 97 === 0 ? 1e6 : -3 + 0.01 * random.gaussian();
    if (part === 3) return 0.02 * (i % 500);
    if (part === 4) return 0;
    return 1e-9 * random.gaussian();
  });
}

function scoresOf(detector: Detector, signal: number[]): number[] {
  return signal.map((x) => {
    const score = detector.scoreOne(x);
    detector.learnOne(x);
    return score;
  });
}

test("every file that implements a detector is registered", () => {
  const folder = new URL(".", import.meta.url);
  const files = readdirSync(folder).filter(
    (name) =>
      name.endsWith(".ts") &&
      !name.endsWith(".test.ts") &&
      readFileSync(new URL(name, folder), "utf8").includes("implements Detector<"),
  );
  expect(Object.keys(detectors).sort()).toEqual(
    files.map((name) => name.replace(".ts", "")).sort(),
  );
});

describe.each(Object.entries(detectors) as [string, DetectorKind][])(
  "%s keeps the promises of a detector",
  (_, kind) => {
    const signal = awkwardSignal(1, 6_000);

    test("scores stay within 0 and 1", () => {
      for (const score of scoresOf(kind.create(), signal)) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
    });

    test("scoring does not teach", () => {
      const detector = kind.create();
      scoresOf(detector, signal.slice(0, 900));
      const before = detector.scoreOne(9);
      const state = detector.capture();
      for (let i = 0; i < 100; i++) detector.scoreOne(1e3 * i);
      expect(detector.scoreOne(9)).toBe(before);
      expect(detector.capture()).toEqual(state);
    });

    test("the same samples, the same scores", () => {
      expect(scoresOf(kind.create(), signal)).toEqual(scoresOf(kind.create(), signal));
    });

    test("a state that went through JSON scores like the original", () => {
      const detector = kind.create();
      scoresOf(detector, signal.slice(0, 2_300));
      const restored = kind.restore(JSON.parse(JSON.stringify(detector.capture())));
      expect(restored).toBeDefined();
      const rest = signal.slice(2_300);
      expect(scoresOf(restored as Detector, rest)).toEqual(scoresOf(detector, rest));
    });

    test("another kind's state and a newer version are refused", () => {
      const state = kind.create().capture();
      expect(kind.restore({ ...state, kind: "other" })).toBeUndefined();
      expect(kind.restore({ ...state, version: 99 })).toBeUndefined();
    });

    test("memory does not grow with the stream", () => {
      const detector = kind.create();
      scoresOf(detector, signal.slice(0, 1_000));
      const keys = (state: object) => Object.values(state).flat().length;
      const early = keys(detector.capture());
      scoresOf(detector, signal);
      expect(keys(detector.capture())).toBe(early);
    });

    test("a level never seen before scores higher than the usual one", () => {
      const detector = kind.create();
      const random = seeded(3);
      for (let i = 0; i < 2_000; i++) detector.learnOne(20 + 0.1 * random.gaussian());
      const usual = detector.scoreOne(20);
      expect(detector.scoreOne(26)).toBeGreaterThan(usual + 0.2);
    });
  },
);
