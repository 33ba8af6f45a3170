/** What every alert rule promises, whatever it looks for. A new rule is one more row. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { seeded } from "@weir/runtime/random.ts";
import { describe, expect, test } from "vitest";
import { Quality } from "../src/conditioning/quality.ts";
import type { DetectSettings, TagSettings } from "../src/configuration/configuration.ts";
import { type AlertChange, AlertRule } from "../src/detection/alert.ts";
import { Detection } from "../src/detection/detection.ts";
import { LearnedState } from "../src/detection/learned-state.ts";

const none: DetectSettings = {
  delta: undefined,
  z: undefined,
  stuck: undefined,
  noise: undefined,
  spike: undefined,
  stream: undefined,
  boost: undefined,
  bounds: {
    deltaMax: [0.1, 10],
    sigmaFloor: [0.01, 1],
    zMax: [3, 10],
    stuckAfterMs: [1, 1e9],
    streamThreshold: [0.55, 0.99],
  },
};

const hourMs = 3_600_000;

/** Each rule with the readings that set it off after healthy ones; `i` counts from the fault's onset. */
const rules: {
  name: string;
  rule: AlertRule;
  detect: Partial<DetectSettings>;
  faulty: (healthy: number, i: number) => number;
  faultyCount: number;
  /** Healthy readings until the alert must be over. */
  overCount: number;
}[] = [
  {
    name: "delta",
    rule: AlertRule.DELTA,
    detect: { delta: { max: 0.3, windowMs: 30_000 } },
    faulty: (x, i) => x + Math.min(1, 0.05 * i),
    faultyCount: 40,
    overCount: 200,
  },
  {
    name: "z",
    rule: AlertRule.ROBUST_Z,
    detect: { z: { max: 4, sigmaMin: 0.05, learnMs: hourMs } },
    faulty: (x) => x + 1,
    faultyCount: 20,
    overCount: 400,
  },
  {
    name: "stuck",
    rule: AlertRule.STUCK,
    detect: { stuck: { afterMs: 300_000, unlessZero: undefined } },
    faulty: () => 1.23,
    faultyCount: 400,
    overCount: 5,
  },
  {
    name: "stuck, time learned",
    rule: AlertRule.STUCK,
    detect: { stuck: { afterMs: undefined, unlessZero: undefined } },
    faulty: () => 1.23,
    faultyCount: 800,
    overCount: 5,
  },
  {
    name: "noise",
    rule: AlertRule.NOISE,
    detect: { noise: { ratio: 3 } },
    faulty: (x) => 1 + 8 * (x - 1),
    faultyCount: 1_000,
    overCount: 5_000,
  },
  {
    name: "spike",
    rule: AlertRule.SPIKE,
    detect: { spike: { perDay: 12 } },
    faulty: (x, i) => x + (i % 100 === 0 ? 2 : 0),
    faultyCount: 2_000,
    overCount: 140_000,
  },
  {
    name: "stream",
    rule: AlertRule.STREAM,
    detect: { stream: { threshold: 0.8, everyMs: 10_000 } },
    faulty: (x) => x + 3,
    faultyCount: 60,
    overCount: 9_000,
  },
];

const periodMs = 1_000;
const warmUpCount = 4_000;

const tagOf = (detect: Partial<DetectSettings>, index = 0): TagSettings =>
  ({
    index,
    id: `D/T${index}`,
    kind: "turbidity",
    unit: "NTU",
    periodMs,
    resolution: 0.001,
    min: 0,
    max: 100,
    scale: 1,
    offset: 0,
    detect: { ...none, ...detect },
  }) as TagSettings;

class Rig {
  readonly changes: AlertChange[] = [];
  readonly detection: Detection;
  readonly learned: LearnedState;
  readonly #random;
  /** Readings of healthy water made so far. */
  made = 0;
  timeMs = 5_000_000;
  calendarMs = Date.UTC(2026, 5, 2, 5);

  constructor(detect: Partial<DetectSettings>, { seed = 1, made = 0, tagCount = 1 } = {}) {
    const tags = Array.from({ length: tagCount }, (_, i) => tagOf(detect, i));
    this.detection = new Detection({ tags, raise: (change) => this.changes.push(change) });
    this.learned = new LearnedState(this.detection);
    this.#random = seeded(seed, "conformance");
    for (let i = 0; i < made; i++) this.healthy();
  }

  healthy(): number {
    this.made++;
    return Math.round(1_000 * (1 + 0.02 * this.#random.gaussian())) / 1_000;
  }

  feed(value: number, quality: number = Quality.GOOD, stepMs = periodMs): void {
    this.timeMs += stepMs;
    this.calendarMs += stepMs;
    this.detection.stepAt(0, value, quality, this.timeMs, this.calendarMs);
  }

  feedHealthy(count: number): this {
    for (let i = 0; i < count; i++) this.feed(this.healthy());
    return this;
  }

  feedFaulty({ faulty, faultyCount }: (typeof rules)[number]): this {
    for (let i = 0; i < faultyCount; i++) this.feed(faulty(this.healthy(), i));
    return this;
  }

  at() {
    return { nowMs: this.calendarMs, monotonicMs: this.timeMs };
  }

  capture(): Uint8Array {
    return this.learned.capture(this.at());
  }
}

describe.each(rules)("$name", (row) => {
  const { detect, rule, overCount } = row;
  const warm = (): Rig => new Rig(detect).feedHealthy(warmUpCount);

  test("healthy readings raise nothing; a fault does, once, and its end is told", () => {
    const rig = warm();
    expect(rig.changes).toEqual([]);
    rig.feedFaulty(row);
    expect(rig.changes.filter(({ isActive }) => isActive).length).toBeGreaterThanOrEqual(1);
    rig.feedHealthy(overCount);
    expect(rig.changes.map((change) => change.isActive)).toEqual(
      rig.changes.map((_, i) => i % 2 === 0),
    );
    expect(rig.changes.at(-1)).toMatchObject({ rule, tag: 0, isActive: false });
  });

  test("readings that are not good teach nothing", () => {
    const [rig, other] = [warm(), warm()];
    for (let i = 0; i < 50; i++) {
      for (const quality of [Quality.BAD, Quality.STALE, Quality.UNCERTAIN]) {
        other.detection.stepAt(0, Number.NaN, quality, other.timeMs, other.calendarMs);
        other.detection.stepAt(0, 1e9, quality, other.timeMs, other.calendarMs);
      }
    }
    if (rule !== AlertRule.STUCK) {
      // A standstill is over when nothing can be said: that much the rule remembers.
      expect(other.capture()).toEqual(rig.capture());
    }
    expect(other.changes).toEqual([]);
  });

  test("time that stands still, jumps ahead or goes back breaks nothing", () => {
    const rig = warm();
    for (const jumpMs of [0, 0, 1, -1, 7 * hourMs, -9 * hourMs, 24 * hourMs, -24 * hourMs]) {
      rig.feed(rig.healthy(), Quality.GOOD, jumpMs);
      rig.feedHealthy(warmUpCount);
      expect(rig.changes, `after a jump of ${jumpMs} ms`).toEqual([]);
    }
    rig.feedFaulty(row);
    expect(rig.changes.some(({ isActive }) => isActive)).toBe(true);
  });

  test("what was captured goes on as if nothing had been", () => {
    const rig = warm();
    for (let i = 0; i < row.faultyCount / 2; i++) rig.feed(row.faulty(rig.healthy(), i));
    const next = new Rig(detect, { made: rig.made });
    next.timeMs = 77;
    next.calendarMs = rig.calendarMs;
    expect(next.learned.restore(rig.capture(), next.at())).toEqual({ ok: true, tagCount: 1 });
    const told = rig.changes.length;
    rig.changes.length = 0;
    for (const each of [rig, next]) {
      for (let i = 0; i < row.faultyCount; i++) each.feed(row.faulty(each.healthy(), i));
      each.feedHealthy(overCount);
    }
    const short = ({ changes }: Rig) => changes.map((c) => [c.rule, c.isActive]);
    // What nobody watched is no standstill, and a window of seconds is filled anew.
    if (told > 0 || (rule !== AlertRule.STUCK && rule !== AlertRule.DELTA)) {
      expect(short(next)).toEqual(short(rig));
    }
    expect(next.changes.at(-1)?.isActive).toBe(false);
  });

  test("a tag that is read five times as often behaves as before", () => {
    const rig = warm();
    for (let i = 0; i < warmUpCount; i++) {
      const value = rig.healthy();
      for (let part = 0; part < 5; part++) rig.feed(value, Quality.GOOD, periodMs / 5);
    }
    expect(rig.changes).toEqual([]);
    for (let i = 0; i < row.faultyCount; i++) {
      const value = row.faulty(rig.healthy(), i);
      for (let part = 0; part < 5; part++) rig.feed(value, Quality.GOOD, periodMs / 5);
    }
    expect(rig.changes.some(({ isActive }) => isActive)).toBe(true);
  });

  test("the state has one size", () => {
    const rig = new Rig(detect);
    const before = rig.detection.stateBytes;
    rig.feedHealthy(warmUpCount).feedFaulty(row);
    expect(rig.detection.stateBytes).toBe(before);
  });
});

test("no rule keeps anything of the readings it has judged", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const detect = Object.assign({}, ...rules.map((row) => row.detect)) as Partial<DetectSettings>;
  const rig = new Rig(detect);
  rig.feedHealthy(20_000);
  collect();
  const before = process.memoryUsage().heapUsed;
  rig.feedHealthy(100_000);
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000);
});
