/**
 * The safety logic against a model of a few lines, over random histories with kills, restarts and
 * jumps of the calendar. What must never happen: a latch that opens by itself, a bypass that outlives
 * its time, a report before the state is stored.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Quality } from "../src/conditioning/quality.ts";
import { Safety } from "../src/safety/safety.ts";
import type { SafetyEffect } from "../src/safety/safety-effect.ts";
import { emptyState, type LatchedState } from "../src/safety/safety-state.ts";
import { configurationOf } from "./control-rig.ts";

const configuration = configurationOf(`
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}}
devices:
  - id: D
    connection: plc
    tags:
      CL: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 10}
      PH: {read: "holding:1", type: int16, scale: 0.01, min: 0, max: 14}
outputs:
  pump: {write: "coil plc/1:0", safe: off}
  valve: {write: "coil plc/1:1", safe: on}
safety:
  - {id: HIGH, group: g, when: {tag: CL, above: 4, for: 3s, deadband: 0.1}, then: [{set: pump, to: off}], tripsPerHour: 1000}
  - {id: LOW, group: g, when: {tag: CL, below: 0.2, for: 3s, deadband: 0.1}, then: [{set: pump, to: off}], suppressedBy: [HIGH], tripsPerHour: 1000}
  - {id: ACID, group: h, when: {tag: PH, below: 5, for: 2s, deadband: 0.2}, then: [{set: valve, to: on}], onBad: trip, tripsPerHour: 1000}
`);
const { rules } = configuration;

type Step =
  | { do: "sample"; tag: number; value: number; quality: number; afterMs: number }
  | { do: "reset"; rule: number; by: string }
  | { do: "bypass"; rule: number; isActive: boolean; forMs: number; reason: string }
  | { do: "simulate"; rule: number }
  | { do: "pass"; ms: number }
  | { do: "kill" }
  | { do: "skew"; ms: number };

const rule = fc.integer({ min: 0, max: rules.length - 1 });
const single = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("sample" as const),
      tag: fc.integer({ min: 0, max: 1 }),
      value: fc.constantFrom(0, 0.1, 0.25, 0.35, 1.2, 3.95, 4, 4.1, 4.9, 5.1, 5.3, 7, 9.9, 10.5),
      quality: fc.constantFrom(
        Quality.GOOD,
        Quality.GOOD,
        Quality.GOOD,
        Quality.UNCERTAIN,
        Quality.BAD,
        Quality.STALE,
      ),
      afterMs: fc.constantFrom(500, 1_000, 1_500),
    }),
  },
  // Runs of the same reading, or trips would be rare.
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("sample" as const),
      tag: fc.constant(0),
      value: fc.constantFrom(4.9, 0.1, 1.2),
      quality: fc.constant(Quality.GOOD),
      afterMs: fc.constant(1_600),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("reset" as const),
      rule,
      by: fc.constantFrom("ana", ""),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("bypass" as const),
      rule,
      isActive: fc.boolean(),
      forMs: fc.constantFrom(0, 10_000, 3_600_000, 86_400_001),
      reason: fc.constantFrom("calibration", ""),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("simulate" as const), rule }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.constantFrom(1_000, 60_000, 28_800_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("skew" as const),
      ms: fc.constantFrom(-7_200_000, 31_536_000_000, 5_000),
    }),
  },
);

/** Readings and orders that belong together, or trips and resets would be rare. */
const good = (tag: number, value: number): Step => ({
  do: "sample",
  tag,
  value,
  quality: Quality.GOOD,
  afterMs: 1_600,
});
const excursion = fc
  .constantFrom<[number, number]>([0, 4.9], [0, 0.1], [1, 4.1])
  .map(([tag, value]) => [good(tag, value), good(tag, value), good(tag, value)]);
const recovery = fc
  .constantFrom<[number, number, number]>(
    [0, 0, 1.2],
    [1, 0, 1.2],
    [2, 1, 7],
    [0, 0, 3.95],
    [1, 0, 0.3],
  )
  .map(([index, tag, value]): Step[] => [
    good(tag, value),
    { do: "reset", rule: index, by: "ana" },
  ]);
const steps = fc
  .array(
    fc.oneof(
      single.map((step) => [step]),
      excursion,
      recovery,
    ),
    { minLength: 5, maxLength: 40 },
  )
  .map((scripts) => scripts.flat());

/** What a rule must do, told again in the plainest way. */
interface ModelRule {
  isLatched: boolean;
  beyond: number[];
  last: "none" | "clear" | "other";
  bypassUntilMs: number;
}

class Harness {
  safety = new Safety(configuration);
  stored: LatchedState = emptyState();
  monotonicMs = 0;
  calendarMs = Date.UTC(2026, 5, 2);
  readonly model: ModelRule[] = rules.map(() => ({
    isLatched: false,
    beyond: [],
    last: "none",
    bypassUntilMs: 0,
  }));

  at = () => ({ nowMs: this.calendarMs, monotonicMs: this.monotonicMs });

  pass(ms: number): void {
    this.monotonicMs += ms;
    this.calendarMs += ms;
  }

  /** Carries effects out as the runner does, and checks their order. */
  run(effects: readonly SafetyEffect[]): { accepted: boolean | undefined; written: number[] } {
    let accepted: boolean | undefined;
    const written: number[] = [];
    for (const effect of effects) {
      if (effect.do === "persist") this.stored = structuredClone(this.safety.capture());
      if (effect.do === "write") written.push(effect.output);
      if (effect.do === "answer") accepted = effect.accepted;
      if (effect.do !== "report") continue;
      const { body } = effect.event;
      if (body?.case === "trip") expect(this.stored.latches).toHaveProperty(body.value.rule!);
      if (body?.case === "tripReset" && body.value.accepted) {
        expect(this.stored.latches).not.toHaveProperty(body.value.rule!);
      }
    }
    return { accepted, written };
  }

  latched = (): string[] => rules.filter((r) => this.model[r.index]!.isLatched).map((r) => r.id);

  take(step: Step): void {
    switch (step.do) {
      case "sample":
        this.pass(step.afterMs);
        this.#sample(step);
        break;
      case "pass":
        this.pass(step.ms);
        this.run(this.safety.tick(this.at()));
        break;
      case "skew":
        this.calendarMs += step.ms;
        break;
      case "kill":
        this.#kill();
        break;
      case "reset":
        this.#reset(step);
        break;
      case "bypass":
        this.#bypass(step);
        break;
      case "simulate":
        this.#simulate(step.rule);
    }
    expect(this.safety.latchedRules()).toEqual(this.latched());
    for (const id of this.safety.bypassedRules(this.at())) {
      const { index } = rules.find((r) => r.id === id)!;
      expect(this.model[index]!.bypassUntilMs).toBeGreaterThan(this.monotonicMs);
    }
  }

  #sample({ tag, value, quality }: Extract<Step, { do: "sample" }>): void {
    const isMissing = quality === Quality.BAD || quality === Quality.STALE;
    const shown = isMissing ? Number.NaN : value;
    const before = this.latched();
    const sample = { tag, value: shown, quality, reason: 1, sampledAtMs: 0, ...this.at() };
    const writes = [...this.safety.sample(sample)];
    const { written } = this.run([...writes, ...this.safety.conclude()]);
    const isPegged = (r: (typeof rules)[number]) =>
      quality === Quality.UNCERTAIN && (r.direction === "above" ? value > 10 : value < 0);
    for (const r of rules.filter((other) => other.tag === tag)) {
      const model = this.model[r.index]!;
      const isUsable = quality === Quality.GOOD || isPegged(r);
      if (!isUsable) model.last = "other";
      else {
        const excess = r.direction === "above" ? value - r.limit : r.limit - value;
        model.last = excess <= 1e-8 - r.deadband ? "clear" : "other";
        model.beyond = excess > 0 ? [...model.beyond, this.monotonicMs] : [];
      }
      const bad = this.#bad(r.index, isUsable);
      const isBlindTrip =
        r.onBad === "trip" && !isUsable && (bad >= 3 || quality === Quality.STALE);
      const isBeyond =
        isUsable && model.beyond.length >= 3 && this.monotonicMs - model.beyond[0]! >= r.onDelayMs;
      const isQuiet = r.suppressedBy.some((other) => this.model[other]!.isLatched);
      const isBypassed = this.monotonicMs < model.bypassUntilMs;
      if ((isBeyond || isBlindTrip) && !model.isLatched && !isBypassed) {
        if (isQuiet) model.beyond = [];
        else {
          model.isLatched = true;
          tally.trips++;
        }
      }
    }
    const fresh = this.latched().filter((id) => !before.includes(id));
    const expected = fresh.flatMap((id) =>
      rules.find((r) => r.id === id)!.then.map((t) => t.output),
    );
    expect(written).toEqual(expected);
  }

  #badByRule = rules.map(() => 0);
  #bad(index: number, isUsable: boolean): number {
    this.#badByRule[index] = isUsable ? 0 : this.#badByRule[index]! + 1;
    return this.#badByRule[index]!;
  }

  #kill(): void {
    this.safety = new Safety(configuration);
    this.monotonicMs = 0; // a new process may see any monotonic time
    this.#badByRule = rules.map(() => 0);
    for (const model of this.model)
      Object.assign(model, { beyond: [], last: "none", bypassUntilMs: 0 });
    const { written } = this.run(this.safety.restore(this.stored, this.at()));
    const held = rules
      .filter((r) => this.model[r.index]!.isLatched)
      .flatMap((r) => r.then.map((t) => t.output));
    expect(written).toEqual(held);
    if (held.length > 0) tally.restartsWithLatch++;
  }

  #reset({ rule: index, by }: Extract<Step, { do: "reset" }>): void {
    const model = this.model[index]!;
    const order = { kind: "reset-trip", ref: "r", rule: rules[index]!.id, by, reason: "" } as const;
    const { accepted } = this.run(this.safety.reset(order, this.at()));
    expect(accepted).toBe(model.isLatched && by !== "" && model.last === "clear");
    if (!accepted) return;
    model.isLatched = false;
    tally.resets++;
    model.beyond = [];
  }

  #bypass({ rule: index, isActive, forMs, reason }: Extract<Step, { do: "bypass" }>): void {
    const { id, group } = rules[index]!;
    const model = this.model[index]!;
    const isInForce = (m: ModelRule) => this.monotonicMs < m.bypassUntilMs;
    const order = {
      kind: "set-bypass",
      ref: "b",
      rule: id,
      active: isActive,
      forMs,
      by: "ana",
      reason,
    } as const;
    const isOther = rules.some(
      (r) => r.group === group && r.index !== index && isInForce(this.model[r.index]!),
    );
    const expected = isActive ? reason !== "" && forMs <= 86_400_000 && !isOther : isInForce(model);
    const { accepted } = this.run(this.safety.bypass(order, this.at()));
    expect(accepted).toBe(expected);
    if (!accepted) return;
    if (isActive) tally.bypasses++;
    model.bypassUntilMs = isActive ? this.monotonicMs + (forMs || 28_800_000) : 0;
    if (!isActive) model.beyond = [];
  }

  #simulate(index: number): void {
    const model = this.model[index]!;
    const order = {
      kind: "simulate-trip",
      ref: "s",
      rule: rules[index]!.id,
      by: "ana",
      reason: "test",
    } as const;
    const { accepted } = this.run(this.safety.simulate(order, this.at()));
    expect(accepted).toBe(!model.isLatched && this.monotonicMs >= model.bypassUntilMs);
    if (accepted) model.isLatched = true;
  }
}

/** What happened over all histories: a model that never trips would agree with anything. */
const tally = { trips: 0, resets: 0, bypasses: 0, restartsWithLatch: 0 };

test("5 000 histories: no automatic reset, no bypass beyond its time, nothing told before it is stored", () => {
  fc.assert(
    fc.property(steps, (history) => {
      const harness = new Harness();
      for (const step of history) harness.take(step);
    }),
    { numRuns: 5_000 },
  );
  expect(tally.trips).toBeGreaterThan(1_000);
  expect(tally.resets).toBeGreaterThan(100);
  expect(tally.bypasses).toBeGreaterThan(200);
  expect(tally.restartsWithLatch).toBeGreaterThan(100);
}, 60_000);
