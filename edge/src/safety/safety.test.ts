import { beforeEach, describe, expect, test } from "vitest";
import { configurationOf } from "../../test/control-rig.ts";
import { Quality, reason } from "../conditioning/quality.ts";
import { Safety } from "./safety.ts";
import type { SafetyEffect } from "./safety-effect.ts";

const yaml = (rule: string) => `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}}
devices:
  - id: D
    connection: plc
    tags:
      CL: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 5, kind: chlorine_free, unit: mg/L}
      PH: {read: "holding:1", type: int16, scale: 0.01, min: 0, max: 14, kind: ph}
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety:
${rule}
`;
const then = "then: [{set: pump, to: off}]";
const high = `  - {id: HIGH, group: g, when: {tag: CL, above: 4, for: 2s, deadband: 0.1}, ${then}, tripsPerHour: 2}`;

let monotonicMs = 0;
beforeEach(() => {
  monotonicMs = 0;
});

function rigOf(rules: string) {
  const safety = new Safety(configurationOf(yaml(rules)));
  const at = () => ({ nowMs: 1e12 + monotonicMs, monotonicMs });
  const feed = (
    tag: number,
    value: number,
    quality: number = Quality.GOOD,
    why: number = 0,
  ): SafetyEffect[] => {
    monotonicMs += 1_000;
    const writes = safety.sample({ tag, value, quality, reason: why, sampledAtMs: 0, ...at() });
    return [...writes, ...safety.conclude()];
  };
  const trips = (effects: readonly SafetyEffect[]) =>
    effects.flatMap((e) =>
      e.do === "report" && e.event.body?.case === "trip" ? [e.event.body.value] : [],
    );
  const reset = (rule: string) => {
    const order = { kind: "reset-trip", ref: "1", rule, by: "ana", reason: "" } as const;
    const answer = safety.reset(order, at()).find((e) => e.do === "answer");
    return answer?.do === "answer" ? answer : expect.fail("no answer");
  };
  return { safety, feed, trips, reset, at };
}

describe("a hard bound", () => {
  test("needs its delay and three readings, each strictly beyond", () => {
    const { feed } = rigOf(high);
    expect(feed(0, 4.5)).toEqual([]);
    expect(feed(0, 4)).toEqual([]); // on the line is not beyond: the count starts again
    expect(feed(0, 4.5)).toEqual([]);
    expect(feed(0, 4.5)).toEqual([]);
    expect(feed(0, 4.5).map((e) => e.do)).toEqual(["write", "persist", "report"]);
    expect(feed(0, 4.5)).toEqual([]);
  });

  test("is not moved by bad readings, in either direction", () => {
    const { feed, trips } = rigOf(high);
    feed(0, 4.5);
    feed(0, 4.5);
    expect(trips(feed(0, Number.NaN, Quality.BAD, reason.currentLow))).toEqual([]);
    expect(trips(feed(0, 4.5))).toHaveLength(1);
  });

  test("takes a reading pegged beyond the range on its side for what it is", () => {
    const { feed, trips } = rigOf(high);
    feed(0, 5.2, Quality.UNCERTAIN);
    feed(0, 5.2, Quality.UNCERTAIN);
    expect(trips(feed(0, 5.2, Quality.UNCERTAIN))).toHaveLength(1);
  });

  test("does not take a doubtful reading within the range", () => {
    const { feed, trips } = rigOf(high);
    for (let i = 0; i < 10; i++) expect(trips(feed(0, 4.5, Quality.UNCERTAIN))).toEqual([]);
  });

  test("a current of 3.5 mA never becomes low chlorine", () => {
    const { feed, trips } = rigOf(`  - {id: LOW, when: {tag: CL, below: 0.2, for: 2s}, ${then}}`);
    for (let i = 0; i < 10; i++) {
      expect(trips(feed(0, Number.NaN, Quality.BAD, reason.currentLow))).toEqual([]);
    }
  });
});

describe("a blind tag", () => {
  const rule = (onBad: string) =>
    `  - {id: R, when: {tag: CL, above: 4}, onBad: ${onBad}, ${then}}`;
  const bad = Array(4).fill(Quality.BAD) as number[];

  test("trips after three bad readings, or at once when stale", () => {
    const one = rigOf(rule("trip"));
    expect(
      bad.map((quality) => one.trips(one.feed(0, Number.NaN, quality, reason.currentHigh)).length),
    ).toEqual([0, 0, 1, 0]);
    const other = rigOf(rule("trip"));
    const [trip] = other.trips(other.feed(0, Number.NaN, Quality.STALE, reason.stale));
    expect(trip?.cause).toBe("free chlorine cannot be measured: failure: no reading in time");
    expect(other.reset("R").reason).toBe("the cause cannot be checked: D/CL has no good reading");
  });

  test("is told once, and once when it sees again", () => {
    const { feed } = rigOf(rule("alarm"));
    const told = [...bad, Quality.GOOD, Quality.GOOD].map((quality) =>
      feed(0, quality === Quality.GOOD ? 1 : Number.NaN, quality, reason.currentLow).flatMap((e) =>
        e.do === "report" && e.event.body?.case === "quality" ? [e.event.body.value.reason] : [],
      ),
    );
    expect(told).toEqual([
      [],
      [],
      ["R is blind: failure: signal below 3.6 mA (NAMUR NE 43)"],
      [],
      ["R sees its tag again"],
      [],
    ]);
  });

  test("is held when the site says so", () => {
    const { feed } = rigOf(rule("hold"));
    for (const quality of bad) expect(feed(0, Number.NaN, quality)).toEqual([]);
  });
});

test("first-out: the first trip of a group, until the whole group is clear", () => {
  const { feed, trips, reset } = rigOf(`${high}
  - {id: ACID, group: g, when: {tag: PH, below: 5, samples: 1}, ${then}}
  - {id: BASE, group: g, when: {tag: PH, above: 10, samples: 1}, ${then}}`);
  expect(trips(feed(1, 4)).map((t) => [t.rule, t.firstOut])).toEqual([["ACID", true]]);
  feed(0, 4.5);
  feed(0, 4.5);
  expect(trips(feed(0, 4.5)).map((t) => [t.rule, t.firstOut])).toEqual([["HIGH", false]]);
  feed(1, 7);
  expect(reset("ACID").accepted).toBe(true);
  expect(trips(feed(1, 11)).map((t) => [t.rule, t.firstOut])).toEqual([["BASE", false]]);
  feed(1, 7);
  feed(0, 1);
  expect(reset("BASE").accepted && reset("HIGH").accepted).toBe(true);
  expect(trips(feed(1, 4)).map((t) => [t.rule, t.firstOut])).toEqual([["ACID", true]]);
});

test("an output stays while any rule holds it", () => {
  const { safety, feed, at } = rigOf(`${high}
  - {id: ACID, group: h, when: {tag: PH, below: 5, samples: 1}, then: [{set: pump, to: off, afterReset: on}]}`);
  feed(1, 4);
  for (let i = 0; i < 3; i++) feed(0, 4.5);
  feed(1, 7);
  feed(0, 1);
  const release = (rule: string) =>
    safety
      .reset({ kind: "reset-trip", ref: "1", rule, by: "ana", reason: "" }, at())
      .filter((e) => e.do === "release");
  expect(release("HIGH")).toEqual([]);
  expect(release("ACID")).toEqual([{ do: "release", output: 0, value: 1, rule: 1 }]);
});

test("too many trips within an hour forbid a reset until somebody looks for the cause", () => {
  const { feed, trips, reset } = rigOf(high);
  const excursion = () => {
    for (let i = 0; i < 3; i++) feed(0, 4.5);
    feed(0, 1);
  };
  excursion();
  expect(reset("HIGH").accepted).toBe(true);
  excursion();
  expect(reset("HIGH").accepted).toBe(true);
  excursion();
  expect(reset("HIGH").reason).toBe(
    "3 trips within an hour, at most 2 are allowed: find the cause; next reset in 60 min",
  );
  monotonicMs += 3_600_000;
  feed(0, 1);
  expect(reset("HIGH").accepted).toBe(true);
  expect(trips(feed(0, 1))).toEqual([]);
});

test("a bypass keeps a rule quiet for its time and not a reading longer", () => {
  const { safety, feed, trips, at } = rigOf(high);
  const order = {
    kind: "set-bypass",
    ref: "b",
    rule: "HIGH",
    active: true,
    forMs: 10_000,
    by: "ana",
    reason: "calibration",
  } as const;
  expect(safety.bypass(order, at()).map((e) => e.do)).toEqual(["persist", "report", "answer"]);
  for (let i = 0; i < 9; i++) expect(trips(feed(0, 4.5))).toEqual([]);
  expect(safety.bypassedRules(at())).toEqual(["HIGH"]);
  expect(trips(feed(0, 4.5))).toHaveLength(1);
});

test("every rule with an output latches when the stored trips cannot be read", () => {
  const { safety, at } = rigOf(
    `${high}\n  - {id: TELL, when: {tag: PH, above: 10}, action: alarm_only}`,
  );
  const effects = safety.latchAll("stored trips cannot be read: safe until reset", at());
  expect(safety.latchedRules()).toEqual(["HIGH"]);
  expect(effects.filter((e) => e.do === "write")).toHaveLength(1);
});

test("a latched rule that the configuration no longer has is told, not forgotten in silence", () => {
  const { safety, at } = rigOf(high);
  const latch = { atMs: 1, cause: "", value: 1, isFirstOut: true, isSimulated: false };
  const state = {
    version: 1 as const,
    latches: { OLD: latch },
    tripsMs: {},
    bypasses: {},
    proofTests: {},
  };
  expect(safety.restore(state, at())).toMatchObject([
    { do: "persist" },
    {
      do: "report",
      event: { body: { case: "tripReset", value: { rule: "OLD", by: "configuration" } } },
    },
  ]);
});
