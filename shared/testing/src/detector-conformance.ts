/**
 * What every detector of one signal promises, whatever its idea. A test file calls
 * {@link describeDetector} once for each of its detectors.
 */
import { numberAt } from "@weir/contracts/elements.ts";
import { describe, expect, test } from "vitest";

/** The part of a detector that the suite asks about; a rule that judges and learns in one step can be wrapped. */
export interface DetectorSubject {
  score(value: number, timeMs: number): number;
  learn(value: number, timeMs: number): void;
  readonly stateBytes: number;
  capture(): Uint8Array;
  restore(bytes: Uint8Array): boolean;
}

export interface DetectorPromises {
  create(): DetectorSubject;
  /** Most memory one signal may take. */
  stateBytesMax: number;
  /** 1 unless the detector has a measure of its own. */
  scoreMax?: number;
  /** Another detector's state, which must be refused. */
  foreignState?: Uint8Array;
}

const periodMs = 300_000;
const startMs = Date.UTC(2026, 0, 5);

/** Flat stretches, steps, spikes, ramps, noise of several sizes, noughts and the largest numbers. */
export function awkwardSignal(seed: number, count: number): number[] {
  const random = generator(seed);
  return Array.from({ length: count }, (_, i) => {
    const part = Math.floor(i / 500) % 7;
    if (part === 0) return 7;
    if (part === 1) return 7 + random();
    if (part === 2) return i % 97 === 0 ? 1e6 : -3 + 0.01 * random();
    if (part === 3) return 0.02 * (i % 500);
    if (part === 4) return 0;
    if (part === 5) return 1e-9 * random();
    return 1e12 + 1e9 * random();
  });
}

/** Noise about a level. */
export function steadySignal(seed: number, count: number): number[] {
  const random = generator(seed);
  return Array.from({ length: count }, () => 20 + 0.1 * random());
}

export function describeDetector(name: string, promises: DetectorPromises): void {
  const { create, stateBytesMax, scoreMax = 1 } = promises;
  const signal = awkwardSignal(1, 7_000);
  const timeOf = (i: number): number => startMs + i * periodMs;
  const run = (detector: DetectorSubject, values: readonly number[], from = 0): number[] =>
    values.map((value, i) => {
      const score = detector.score(value, timeOf(from + i));
      detector.learn(value, timeOf(from + i));
      return score;
    });

  describe(`${name} keeps the promises of a detector`, () => {
    test("scores stay within their bounds on the most awkward signal", () => {
      for (const score of run(create(), signal)) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(scoreMax);
      }
    });

    test("scoring does not teach", () => {
      const asked = create();
      const left = create();
      run(asked, signal.slice(0, 900));
      run(left, signal.slice(0, 900));
      for (let i = 0; i < 100; i++) asked.score(1e3 * i, timeOf(900 + 7 * i));
      expect(asked.capture()).toEqual(left.capture());
      // Nor does the memory of the last question show in what is learned next.
      const rest = signal.slice(900, 1_500);
      expect(run(asked, rest, 900)).toEqual(run(left, rest, 900));
    });

    test("learning does not need a score before it", () => {
      const scored = create();
      const taught = create();
      run(scored, signal.slice(0, 1_500));
      for (let i = 0; i < 1_500; i++) taught.learn(numberAt(signal, i), timeOf(i));
      expect(taught.capture()).toEqual(scored.capture());
    });

    test("the same readings, the same scores", () => {
      expect(run(create(), signal)).toEqual(run(create(), signal));
    });

    test("a restored state scores like the original, wherever the restart falls", () => {
      for (const cut of [0, 1, 37, 499, 2_300, 5_001]) {
        const detector = create();
        run(detector, signal.slice(0, cut));
        const restored = create();
        expect(restored.restore(detector.capture())).toBe(true);
        const rest = signal.slice(cut, cut + 800);
        expect(run(restored, rest, cut)).toEqual(run(detector, rest, cut));
        expect(restored.capture()).toEqual(detector.capture());
      }
    });

    test("a state of another kind, cut short or damaged is refused and changes nothing", () => {
      const detector = create();
      run(detector, signal.slice(0, 900));
      const state = detector.capture();
      const damaged = state.map((byte, i) => (i === state.length >> 1 ? byte ^ 1 : byte));
      const version = state.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
      const foreign = promises.foreignState ?? new Uint8Array(state.length);
      for (const bad of [damaged, version, foreign, state.subarray(1), new Uint8Array(0)])
        expect(detector.restore(bad)).toBe(false);
      expect(detector.capture()).toEqual(state);
    });

    test("what was captured is a copy", () => {
      const detector = create();
      run(detector, signal.slice(0, 900));
      const state = detector.capture();
      const kept = state.slice();
      run(detector, signal.slice(900, 1_800), 900);
      expect(state).toEqual(kept);
    });

    test(`memory is at most ${stateBytesMax} bytes and does not grow`, () => {
      const detector = create();
      expect(detector.stateBytes).toBeLessThanOrEqual(stateBytesMax);
      const { stateBytes } = detector;
      run(detector, signal.slice(0, 10));
      const captured = detector.capture().length;
      run(detector, signal, 10);
      expect(detector.stateBytes).toBe(stateBytes);
      expect(detector.capture().length).toBe(captured);
    });

    test("readings that are not finite score nothing and teach nothing", () => {
      const detector = create();
      run(detector, signal.slice(0, 900));
      const state = detector.capture();
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        expect(detector.score(bad, timeOf(900))).toBe(0);
        detector.learn(bad, timeOf(900));
      }
      expect(detector.capture()).toEqual(state);
    });

    test("a clock that stands, jumps ahead by a year or steps back is survived", () => {
      const detector = create();
      const values = steadySignal(2, 1_000);
      const stepsMs = [0, periodMs, -3_600_000, 365 * 86_400_000, 1, -400 * 86_400_000];
      let timeMs = startMs;
      for (const [i, value] of values.entries()) {
        if (i % 50 === 0) timeMs += numberAt(stepsMs, (i / 50) % stepsMs.length);
        timeMs += periodMs;
        const score = detector.score(value, timeMs);
        expect(score >= 0 && score <= scoreMax).toBe(true);
        detector.learn(value, timeMs);
      }
      run(detector, steadySignal(3, 1_000));
      expect(Number.isFinite(detector.score(20, timeOf(1_000)))).toBe(true);
    });

    test("a level never seen before scores higher than the usual one", () => {
      const detector = create();
      run(detector, steadySignal(4, 3_000));
      const usual = detector.score(20, timeOf(3_000));
      expect(detector.score(26, timeOf(3_000))).toBeGreaterThan(usual + 0.2 * scoreMax);
    });
  });
}

/** Standard normal numbers, always the same for a seed (mulberry32, Box–Muller). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
