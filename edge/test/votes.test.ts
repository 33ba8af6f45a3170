/** Votes against a table written by hand, every state of every channel; channels that differ; first-out. */
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { seeded } from "@weir/runtime/random.ts";
import { atWork, seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { describe, expect, test } from "vitest";
import { Quality, reason } from "../src/conditioning/quality.ts";
import type { EventFields } from "../src/hand-over.ts";
import { Safety } from "../src/safety/safety.ts";
import type { SafetyEffect } from "../src/safety/safety-effect.ts";
import { configurationOf } from "./control-rig.ts";

const yamlOf = (channels: number, rules: string) => `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}}
devices:
${Array.from(
  { length: channels },
  (_, i) =>
    `  - {id: D${i}, connection: plc, unit: ${i + 1}, tags: {PR: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 10, kind: pressure, unit: bar}}}`,
).join("\n")}
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety:
${rules}
`;
const names = (count: number) => Array.from({ length: count }, (_, i) => `D${i}/PR`).join(", ");
const voteOf = (vote: string, onBadChannel: string) => {
  const count = Number(vote.at(-1));
  return `  - {id: R, when: {vote: ${vote}, tags: [${names(count)}], above: 8, for: 0s, onBadChannel: ${onBadChannel}, deviation: 0.05}, then: [{set: pump, to: off}]}`;
};

/** Five states of a channel: what it delivers, over and over. */
const states = {
  calm: [5, Quality.GOOD],
  beyond: [9, Quality.GOOD],
  doubtful: [9, Quality.UNCERTAIN],
  bad: [Number.NaN, Quality.BAD],
  stale: [Number.NaN, Quality.STALE],
} as const;
type State = keyof typeof states;
const all = Object.keys(states) as State[];

type Effects = readonly SafetyEffect[];
const bodies = <C extends string>(effects: Effects, kind: C) =>
  effects.flatMap((effect) =>
    effect.do === "report" && effect.event.body?.case === kind
      ? [effect.event.body.value as Extract<EventFields["body"], { case: C }>["value"]]
      : [],
  );

class Rig {
  readonly safety: Safety;
  monotonicMs = 0;
  constructor(yaml: string) {
    this.safety = new Safety(configurationOf(yaml));
  }
  at = () => ({ nowMs: 1e12 + this.monotonicMs, monotonicMs: this.monotonicMs });
  feed(tag: number, [value, quality]: readonly [number, number]): SafetyEffect[] {
    const sample = { tag, value, quality, reason: reason.deviceFailure, sampledAtMs: 0 };
    const writes = this.safety.sample({ ...sample, ...this.at() });
    return [...writes, ...this.safety.conclude()];
  }
  scan(values: readonly (readonly [number, number])[]): SafetyEffect[] {
    this.monotonicMs += 1_000;
    return values.flatMap((value, tag) => this.feed(tag, value));
  }
  reset(rule = "R") {
    const order = { kind: "reset-trip", ref: "r", rule, by: "ana", reason: "" } as const;
    const answer = this.safety.reset(order, this.at()).find((effect) => effect.do === "answer");
    return answer?.do === "answer" ? answer : expect.fail("no answer");
  }
}

/**
 * Does it trip? Written by hand, by [channels beyond][channels lost]:
 * rows 0, 1, 2, 3 beyond; columns 0, 1, 2, 3 lost. "T" trips, "." does not, " " cannot be.
 */
const truth: Record<string, Record<"trip" | "keep", readonly string[]>> = {
  "1oo1": { trip: [".T", "T "], keep: [".T", "T "] },
  "1oo2": { trip: [".TT", "TT ", "T  "], keep: ["..T", "TT ", "T  "] },
  "2oo2": { trip: ["..T", ".T ", "T  "], keep: ["..T", ".T ", "T  "] },
  "2oo3": {
    trip: ["..TT", ".TT ", "TT  ", "T   "],
    keep: ["..TT", "..T ", "TT  ", "T   "],
  },
  "1oo3": {
    trip: [".TTT", "TTT ", "TT  ", "T   "],
    keep: ["...T", "TTT ", "TT  ", "T   "],
  },
  "3oo3": {
    trip: ["...T", "..T ", ".T  ", "T   "],
    keep: ["..TT", "..T ", ".T  ", "T   "],
  },
};

const product = (count: number): State[][] =>
  count === 0 ? [[]] : product(count - 1).flatMap((head) => all.map((state) => [...head, state]));

describe.each(Object.keys(truth))("%s", (vote) => {
  const count = Number(vote.at(-1));
  test.each(["trip", "keep"] as const)("a lost channel: %s", (mode) => {
    let checked = 0;
    for (const channels of product(count)) {
      const rig = new Rig(yamlOf(3, voteOf(vote, mode)));
      const beyond = channels.filter((state) => state === "beyond").length;
      const lost = channels.filter((state) => state !== "beyond" && state !== "calm").length;
      // Lost and beyond need three readings; none of them may trip before.
      const effects: SafetyEffect[][] = [];
      for (let scan = 0; scan < 3; scan++) {
        effects.push(rig.scan(channels.map((state) => states[state])));
      }
      const cell = elementAt(present(truth[vote])[mode], beyond)[lost];
      const trips = effects.map((each) => bodies(each, "trip").length);
      expect(
        trips.reduce((sum, n) => sum + n, 0),
        `${channels}`,
      ).toBe(cell === "T" ? 1 : 0);
      const writes = effects.flat().filter((effect) => effect.do === "write");
      expect(writes, `${channels}`).toHaveLength(cell === "T" ? 1 : 0);
      checked++;
    }
    expect(checked).toBe(all.length ** count);
  });
});

test("2oo3 in words, and its reset", () => {
  const rig = new Rig(yamlOf(3, voteOf("2oo3", "keep")));
  const [calm, high, bad] = [states.calm, states.beyond, states.bad];
  for (let i = 0; i < 3; i++) rig.scan([high, calm, bad]);
  rig.scan([high, high, bad]);
  rig.scan([high, high, bad]);
  const [trip] = bodies(rig.scan([high, high, bad]), "trip");
  expect(trip).toMatchObject({
    tag: "D1/PR",
    value: 9,
    cause: "2oo3 pressure above 8 bar: D0/PR 9 bar, D1/PR 9 bar, D2/PR not measured",
  });
  rig.scan([calm, high, bad]);
  expect(rig.reset()).toMatchObject({ accepted: true });
});

test("a reset needs the vote to be calm, not every channel", () => {
  const rig = new Rig(yamlOf(3, voteOf("2oo3", "trip")));
  const [calm, high] = [states.calm, states.beyond];
  for (let i = 0; i < 3; i++) rig.scan([high, high, calm]);
  expect(rig.reset().reason).toBe(
    "the cause is not gone: too few of the channels of R (2oo3) are at most 8 bar",
  );
  rig.scan([high, calm, calm]);
  expect(rig.reset().accepted).toBe(true);
  for (let i = 0; i < 3; i++) rig.scan([states.bad, states.bad, calm]);
  expect(rig.safety.latchedRules()).toEqual(["R"]);
  expect(rig.safety.standing().blindRules).toEqual(["R"]);
  expect(rig.reset().reason).toBe(
    "the cause cannot be checked: too few channels of R have good readings",
  );
});

test("a channel that differs by more than 5 % of its range is told, and told when it agrees again", () => {
  const rig = new Rig(yamlOf(3, voteOf("2oo3", "keep")));
  const good = (...values: number[]) => values.map((value) => [value, Quality.GOOD] as const);
  const told = (...values: number[]) =>
    bodies(rig.scan(good(...values)), "alert").map(({ tag, active, text }) => [tag, active, text]);
  for (let i = 0; i < 5; i++) expect(told(5, 5.1, 5.5)).toEqual([]);
  expect([told(5, 5.1, 5.7), told(5, 5.1, 5.7)]).toEqual([[], []]);
  expect(told(5, 5.1, 5.7)).toEqual([
    [
      "D2/PR",
      true,
      "D2/PR differs from the other channels of R (2oo3) by 0.6 bar, more than 0.5 bar",
    ],
  ]);
  expect(told(5, 5.1, 5.55)).toEqual([]); // not yet far enough back
  expect(told(5, 5.1, 5.4)).toEqual([
    ["D2/PR", false, "D2/PR agrees with the other channels of R (2oo3) again"],
  ]);
});

const groupsYaml = yamlOf(
  6,
  Array.from(
    { length: 6 },
    (_, i) =>
      `  - {id: R${i}, group: G${i % 3}, when: {tag: D${i}/PR, above: 8, samples: 1, for: 0s}, then: [{set: pump, to: off}], tripsPerHour: 1000}`,
  ).join("\n"),
);

test("first-out is the first of its group, whatever the sequence", () => {
  for (const seed of atWork(seedsOf(sized(10_000, 500_000)))) {
    const random = seeded(seed, "first-out");
    const rig = new Rig(groupsYaml);
    const latched = new Set<number>();
    for (let step = 0; step < 12; step++) {
      rig.monotonicMs += 1_000;
      const tag = random.integer(6);
      if (random.uniform() < 0.6) {
        const [trip] = bodies(rig.feed(tag, states.beyond), "trip");
        const isNews = !latched.has(tag);
        const isFirst = ![...latched].some((other) => other % 3 === tag % 3);
        expect(trip?.firstOut, `seed ${seed} step ${step}`).toBe(isNews ? isFirst : undefined);
        latched.add(tag);
      } else {
        rig.feed(tag, states.calm);
        expect(rig.reset(`R${tag}`).accepted).toBe(latched.delete(tag));
      }
    }
  }
});
