import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { seeded } from "@weir/runtime/random.ts";
import { describe, expect, test } from "vitest";
import { Quality } from "../conditioning/quality.ts";
import type { DetectSettings, TagSettings } from "../configuration/configuration.ts";
import type { EdgeThresholds } from "../hand-over.ts";
import { type AlertChange, AlertRule } from "./alert.ts";
import { Detection } from "./detection.ts";

const bounds: DetectSettings["bounds"] = {
  deltaMax: [0.075, 1.2],
  sigmaFloor: [0.0125, 1],
  zMax: [3, 10],
  stuckAfterMs: [60_000, 7_200_000],
  streamThreshold: [0.55, 0.95],
};

const none: DetectSettings = {
  delta: undefined,
  z: undefined,
  stuck: undefined,
  noise: undefined,
  spike: undefined,
  stream: undefined,
  boost: undefined,
  bounds,
};

const tagOf = (detect: Partial<DetectSettings>, over: Partial<TagSettings> = {}, index = 0) =>
  ({
    index,
    id: `D/T${index}`,
    kind: "turbidity",
    unit: "NTU",
    periodMs: 2_000,
    resolution: 0.01,
    min: 0,
    max: 10_000,
    detect: { ...none, ...detect },
    ...over,
  }) as TagSettings;

function rigOf(tags: TagSettings[]) {
  const changes: AlertChange[] = [];
  const detection = new Detection({ tags, raise: (change) => changes.push(change) });
  let timeMs = 0;
  const feed = (value: number, tag = 0, quality: number = Quality.GOOD) => {
    timeMs += elementAt(tags, tag).periodMs;
    detection.stepAt(tag, value, quality, timeMs, timeMs);
  };
  return { detection, changes, feed, active: () => changes.filter((c) => c.isActive) };
}

const round = (x: number): number => Math.round(x * 100) / 100;
const dayReadings = 43_200;

describe("the step rule", () => {
  const z = { max: 4, sigmaMin: 0.05, learnMs: 12 * 3_600_000 };

  // Usual of turbidity: filtered 0.08, settled 1.0, raw 6 NTU; 2 % noise, bubbles of one to three readings.
  test.each([0.08, 1, 6])(
    "is silent over three healthy days at %s NTU and finds the step after",
    (level) => {
      const random = seeded(1, String(level));
      const { feed, active, changes } = rigOf([tagOf({ z })]);
      let drift = 0;
      let bubble = 0;
      const healthy = () => {
        drift += -drift / 2_000 + 0.002 * level * random.gaussian();
        if (random.uniform() < 6 / dayReadings) bubble = 1 + random.integer(3);
        const height = bubble-- > 0 ? 0.3 + 1.2 * random.uniform() : 0;
        return round(level + drift + Math.max(0.003, 0.02 * level) * random.gaussian() + height);
      };
      for (let i = 0; i < 3 * dayReadings; i++) feed(healthy());
      expect(active()).toEqual([]);
      for (let i = 0; i < 10; i++) feed(healthy() + Math.max(0.5, 0.35 * level));
      expect(active().map((c) => c.rule)).toEqual([AlertRule.ROBUST_Z]);
      // The new level becomes normal, and the alert ends by itself.
      for (let i = 0; i < 300; i++) feed(healthy() + Math.max(0.5, 0.35 * level));
      expect(changes.at(-1)).toMatchObject({ isActive: false });
    },
  );

  test("three readings of a bubble raise nothing", () => {
    const random = seeded(2);
    const { feed, active } = rigOf([tagOf({ z })]);
    for (let i = 0; i < 2_000; i++) {
      feed(round(1 + 0.02 * random.gaussian() + (i % 100 < 3 ? 1.5 : 0)));
    }
    expect(active()).toEqual([]);
  });

  test("nothing is judged before the warm-up", () => {
    const { feed, active } = rigOf([tagOf({ z })]);
    for (let i = 0; i < 119; i++) feed(i < 60 ? 1 : 9);
    expect(active()).toEqual([]);
  });
});

describe("the delta rule", () => {
  const tag = tagOf(
    { delta: { max: 0.3, windowMs: 30_000 } },
    { periodMs: 1_000, kind: "chlorine_free" },
  );

  test("a pump running away is seen though each step is small", () => {
    const { feed, active } = rigOf([tag]);
    for (let i = 0; i < 60; i++) feed(1.2);
    for (let i = 0; i < 40; i++) feed(round(1.2 + 0.02 * i));
    expect(active()).toHaveLength(1);
    expect(active()[0]).toMatchObject({ rule: AlertRule.DELTA, threshold: 0.3 });
    expect(elementAt(active(), 0).score).toBeCloseTo(0.32, 6);
  });

  test("it is the largest difference within the window, not that of its ends", () => {
    const { feed, active } = rigOf([tag]);
    for (let i = 0; i < 30; i++) feed(1.2);
    feed(1.6);
    for (let i = 0; i < 5; i++) feed(1.2);
    expect(active()).toHaveLength(1);
  });

  test("it equals a plain maximum minus minimum, for any readings", () => {
    const random = seeded(3);
    const { feed, changes } = rigOf([tag]);
    const values: number[] = [];
    let isActive = false;
    for (let i = 0; i < 5_000; i++) {
      values.push(round(1.2 + 0.1 * random.gaussian() + 0.2 * Math.sin(i / 40)));
      feed(present(values.at(-1)));
      const window = values.slice(-31);
      const change = Math.max(...window) - Math.min(...window);
      if (window.length >= 10)
        isActive = isActive ? change > 0.7 * 0.3 + 1e-9 : change > 0.3 + 1e-9;
      expect(changes.at(-1)?.isActive ?? false, `reading ${i}`).toBe(isActive);
    }
  });

  test("fourteen healthy days raise nothing", () => {
    const random = seeded(4);
    const { feed, active } = rigOf([tag]);
    let drift = 0;
    for (let i = 0; i < 14 * 86_400; i += 4) {
      drift += -drift / 5_000 + 0.0003 * random.gaussian();
      feed(round(1.2 + drift + 0.006 * random.gaussian()));
    }
    expect(active()).toEqual([]);
  });

  test("bad readings are not differences", () => {
    const { feed, active } = rigOf([tag]);
    for (let i = 0; i < 40; i++)
      feed(i % 2 === 0 ? 1.2 : Number.NaN, 0, i % 2 === 0 ? Quality.GOOD : Quality.BAD);
    expect(active()).toEqual([]);
  });
});

describe("the stuck rule", () => {
  test("a frozen value is told after its time and over when it moves", () => {
    const { feed, changes } = rigOf([
      tagOf({ stuck: { afterMs: 600_000, unlessZero: undefined } }),
    ]);
    for (let i = 0; i < 400; i++) feed(10.31);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      rule: AlertRule.STUCK,
      isActive: true,
      score: 600,
      threshold: 600,
    });
    feed(10.32);
    expect(changes.at(-1)).toMatchObject({ isActive: false });
  });

  test("standing still is right while nothing flows", () => {
    const flow = tagOf({}, { kind: "flow", resolution: 0.1 }, 0);
    const level = tagOf({ stuck: { afterMs: 600_000, unlessZero: 0 } }, {}, 1);
    const { feed, active } = rigOf([flow, level]);
    feed(0, 0);
    for (let i = 0; i < 1_000; i++) feed(2.5, 1);
    expect(active()).toEqual([]);
    feed(12, 0);
    for (let i = 0; i < 400; i++) feed(2.5, 1);
    expect(active()).toHaveLength(1);
  });

  test("without a configured time it learns how long the tag usually rests", () => {
    const { feed, active } = rigOf([
      tagOf({ stuck: { afterMs: undefined, unlessZero: undefined } }),
    ]);
    for (let i = 0; i < 20_000; i++) feed(Math.floor(i / 60)); // changes every two minutes
    expect(active()).toEqual([]);
    for (let i = 0; i < 1_300; i++) feed(999);
    expect(active()).toHaveLength(1);
    expect(elementAt(active(), 0).threshold / (20 * 120)).toBeCloseTo(1, 1);
  });
});

describe("the noise and spike rules", () => {
  test("a loose terminal is told; ordinary noise for days is not", () => {
    const random = seeded(5);
    const { feed, changes } = rigOf([tagOf({ noise: { ratio: 3 } })]);
    for (let i = 0; i < 2 * dayReadings; i++) feed(round(1 + 0.03 * random.gaussian()));
    expect(changes).toEqual([]);
    for (let i = 0; i < 300; i++) feed(round(1 + 0.2 * random.gaussian()));
    expect(changes.map((c) => c.isActive)).toEqual([true]);
    for (let i = 0; i < 600; i++) feed(round(1 + 0.03 * random.gaussian()));
    expect(changes.map((c) => c.isActive)).toEqual([true, false]);
  });

  test("six bubbles a day are normal, fifty spikes are not", () => {
    const random = seeded(6);
    const { feed, active } = rigOf([tagOf({ spike: { perDay: 12 } })]);
    const run = (days: number, perDay: number) => {
      for (let i = 0; i < days * dayReadings; i++) {
        const spike = random.uniform() < perDay / dayReadings ? 1 : 0;
        feed(round(1 + 0.02 * random.gaussian() + spike));
      }
    };
    run(4, 6);
    expect(active()).toEqual([]);
    run(1, 50);
    expect(active().map((c) => c.rule)).toEqual([AlertRule.SPIKE]);
  });
});

test("the state has one size, whatever is measured", () => {
  const random = seeded(7);
  const all = {
    delta: { max: 0.3, windowMs: 30_000 },
    z: { max: 4, sigmaMin: 0.05, learnMs: 3_600_000 },
    stuck: { afterMs: undefined, unlessZero: undefined },
    noise: { ratio: 3 },
    spike: { perDay: 12 },
  };
  const { detection, feed } = rigOf([tagOf(all)]);
  const before = detection.stateBytes;
  for (let i = 0; i < 50_000; i++) feed(round(1 + random.gaussian()));
  expect(detection.stateBytes).toBe(before);
  expect(before).toBeLessThan(4_096);
});

describe("thresholds from outside", () => {
  const tags = [
    tagOf({
      delta: { max: 0.3, windowMs: 30_000 },
      z: { max: 4, sigmaMin: 0.05, learnMs: 3_600_000 },
      stuck: { afterMs: 600_000, unlessZero: undefined },
    }),
    tagOf({}, {}, 1),
  ];
  const apply = (set: unknown, id = "D/T0", format = "weir-edge-thresholds-1") =>
    rigOf(tags).detection.apply({ format, tags: { [id]: set } } as unknown as EdgeThresholds);

  test("within the site's bounds are taken over", () => {
    const { detection, feed, active } = rigOf(tags);
    const set = { deltaMax: 1, sigmaFloor: 0.2, zMax: 6, stuckAfterMs: 120_000 };
    expect(detection.apply({ format: "weir-edge-thresholds-1", tags: { "D/T0": set } })).toEqual({
      ok: true,
    });
    expect(detection.sigmaFloor(0)).toBe(0.2);
    for (let i = 0; i < 61; i++) feed(1);
    expect(active()).toMatchObject([{ rule: AlertRule.STUCK, threshold: 120 }]);
  });

  test.each([
    [{ deltaMax: 5 }, "D/T0", "D/T0: deltaMax 5 lies outside the site's bounds 0.075 to 1.2"],
    [{ zMax: Number.NaN }, "D/T0", "D/T0: zMax is no number"],
    [{ hardHigh: 99 }, "D/T0", "D/T0: hardHigh is not a threshold that can be set from outside"],
    [
      { __proto__: 1, limit: 3 },
      "D/T0",
      "D/T0: limit is not a threshold that can be set from outside",
    ],
    [{ deltaMax: 0.5 }, "D/T1", "D/T1 has no delta rule"],
    [{ deltaMax: 0.5 }, "D/T9", "there is no tag D/T9"],
  ])("%j for %s is refused", (set, id, reason) => {
    expect(apply(set, id)).toEqual({ ok: false, reason });
  });

  test("of an unknown format are refused whole", () => {
    expect(apply({ deltaMax: 0.5 }, "D/T0", "other")).toMatchObject({ ok: false });
  });
});
