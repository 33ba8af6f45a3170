/**
 * The safety logic and its runner beside a model of a few lines, on a disk that takes its time, fails, and
 * is cut off at any instant by a kill. `play` throws where the two differ.
 */

import { strict as assert } from "node:assert";
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import type { Random } from "@weir/runtime/random.ts";
import { Quality } from "../src/conditioning/quality.ts";
import { SafetyRunner } from "../src/control/safety-runner.ts";
import type { Notice } from "../src/hand-over.ts";
import type { LatchSaved } from "../src/safety/latch-store.ts";
import { Safety } from "../src/safety/safety.ts";
import type { SafetyEffect, WriteEffect } from "../src/safety/safety-effect.ts";
import { emptyState, type LatchedState } from "../src/safety/safety-state.ts";
import {
  configuration,
  freshRule,
  isSuppressed,
  type ModelRule,
  mustTrip,
  rules,
  tally,
} from "./safety-model-rule.ts";

const hourMs = 3_600_000;
const defaultBypassMs = 8 * hourMs;
const longestBypassMs = 24 * hourMs;

interface AnySample {
  tag: number;
  value: number;
  quality: number;
  afterMs: number;
}

class Harness {
  readonly #random: Random;
  readonly #model: ModelRule[] = rules.map(freshRule);
  #safety = new Safety(configuration);
  #runner = this.#newRunner();
  /** On the disk, and on its way there. */
  #durable: LatchedState = emptyState();
  #saving: { state: LatchedState; settled: (saved: LatchSaved) => void }[] = [];
  /** The newest save failed: what is told then is not on the disk. */
  #isDiskFull = false;
  #monotonicMs = 0;
  #calendarMs = Date.UTC(2026, 5, 2);
  /** Held outputs, as the drives know them. */
  readonly #held = new Set<number>();
  #writes: WriteEffect[] = [];
  /** Answers to orders that were not told yet. */
  readonly #expected = new Map<string, boolean>();
  #orderCount = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  #newRunner(): SafetyRunner {
    return new SafetyRunner({
      safety: this.#safety,
      ruleCount: rules.length,
      drives: {
        hold: (write) => {
          this.#held.add(write.output);
          this.#writes.push(write);
        },
        release: (output) => {
          assert(!this.#isHeldByModel(output), "an output that a latched rule holds was let go");
          this.#held.delete(output);
        },
      },
      latchStore: {
        load: () => ({ ok: true, state: undefined }),
        save: (state, settled) => this.#saving.push({ state, settled }),
      },
      ioClock: { monotonicMs: () => this.#monotonicMs } as never,
      notify: (notice) => this.#told(notice),
      logger: silentLogger,
      onChange: () => {},
    });
  }

  #at = () => ({ nowMs: this.#calendarMs, monotonicMs: this.#monotonicMs });
  #isHeldByModel = (output: number): boolean =>
    rules.some(
      (r) => elementAt(this.#model, r.index).isLatched && r.then.some((t) => t.output === output),
    );

  /** Nothing is told before it is on the disk. */
  #told(notice: Notice): void {
    if (notice.kind === "answer") {
      assert.equal(notice.accepted, this.#expected.get(notice.ref), notice.reason);
      this.#expected.delete(notice.ref);
    }
    if (notice.kind !== "event" || this.#isDiskFull) return;
    const { body } = notice.event;
    if (body?.case === "trip") {
      assert(
        this.#durable.latches[present(body.value.rule)],
        "a trip was told before it was stored",
      );
    }
    if (body?.case === "tripReset" && body.value.accepted) {
      const { rule } = body.value;
      const isLatchedAgain = this.#model.some(
        (m, i) => elementAt(rules, i).id === rule && m.isLatched,
      );
      assert(
        isLatchedAgain || !this.#durable.latches[present(rule)],
        "a reset was told before it was stored",
      );
    }
  }

  play(stepCount: number): void {
    for (let i = 0; i < stepCount; i++) {
      this.#step(this.#random.integer(100));
      this.#check();
    }
  }

  #step(die: number): void {
    if (die < 30) this.#sample(this.#anySample());
    else if (die < 52) this.#excursion();
    else if (die < 62)
      this.#reset(this.#random.integer(rules.length), this.#pick("ana", "ana", "ana", ""));
    else if (die < 74) this.#recover();
    else if (die < 80) this.#bypass();
    else if (die < 82) this.#simulate(this.#random.integer(rules.length));
    else if (die < 88) this.#pass(this.#pick(1_000, 60_000, defaultBypassMs));
    else if (die < 96) this.#disk(true);
    else if (die < 97) this.#disk(false);
    else if (die < 98) this.#calendarMs += this.#pick(-2 * hourMs, 365 * 24 * hourMs, 5_000);
    else this.#kill();
  }

  #pick = <T>(...choices: T[]): T => elementAt(choices, this.#random.integer(choices.length));

  #anySample(): AnySample {
    const { GOOD, UNCERTAIN, BAD, STALE } = Quality;
    return {
      tag: this.#random.integer(2),
      value: this.#pick(0, 0.1, 0.25, 0.35, 1.2, 3.95, 4, 4.1, 4.9, 5.1, 5.3, 7, 9.9, 10.5),
      quality: this.#pick(GOOD, GOOD, GOOD, UNCERTAIN, BAD, STALE),
      afterMs: this.#pick(500, 1_000, 1_500),
    };
  }

  #good(tag: number, value: number): void {
    this.#sample({ tag, value, quality: Quality.GOOD, afterMs: 1_600 });
  }

  #excursion(): void {
    const [tag, value] = this.#pick([0, 4.9], [0, 0.1], [1, 4.1], [1, 9.9]) as [number, number];
    for (let i = 0; i < 3; i++) this.#good(tag, value);
  }

  #recover(): void {
    const [rule, tag, value] = this.#pick(
      [0, 0, 1.2],
      [1, 0, 1.2],
      [2, 1, 7],
      [3, 1, 7],
      [0, 0, 3.95],
    ) as [number, number, number];
    this.#good(tag, value);
    this.#reset(rule, "ana");
  }

  #passTime(ms: number): void {
    this.#monotonicMs += ms;
    this.#calendarMs += ms;
  }

  #pass(ms: number): void {
    const before = this.#model.filter((m) => m.bypassUntilMs > this.#monotonicMs).length;
    this.#passTime(ms);
    tally.expired += before - this.#model.filter((m) => m.bypassUntilMs > this.#monotonicMs).length;
    this.#runner.run(this.#safety.tick(this.#at()), this.#monotonicMs);
    if (this.#saving.length === 0) this.#runner.retrySave();
  }

  #sample({ tag, value, quality, afterMs }: AnySample): void {
    this.#passTime(afterMs);
    const isMissing = quality === Quality.BAD || quality === Quality.STALE;
    const shown = isMissing ? Number.NaN : value;
    this.#writes = [];
    const sample = { tag, value: shown, quality, reason: 1, sampledAtMs: 0, ...this.#at() };
    this.#runner.act(this.#safety.sample(sample), this.#monotonicMs);
    const expected: number[] = [];
    for (const rule of rules) {
      const reading = { value, quality, monotonicMs: this.#monotonicMs };
      if (rule.tag !== tag || !mustTrip(rule, reading, this.#model)) continue;
      elementAt(this.#model, rule.index).isLatched = true;
      tally.trips++;
      for (const { output } of rule.then) expected.push(output);
    }
    // Written within the call, whatever the disk does.
    assert.equal(String(this.#writes.map(({ output }) => output)), String(expected));
    // Killed between the writes and the disk: nothing was told, nothing is latched.
    if (expected.length > 0 && this.#random.integer(20) === 0) {
      tally.killsBeforeTheDisk++;
      this.#kill();
    } else {
      this.#runner.settle();
    }
  }

  /** Carries an order out; its answer comes with the disk, perhaps after more has happened. */
  #order(ref: string, expected: boolean, effects: readonly SafetyEffect[]): void {
    this.#expected.set(ref, expected);
    this.#runner.run(effects, this.#monotonicMs);
    if (this.#random.integer(2) === 0) return;
    while (this.#expected.has(ref)) {
      assert(this.#saving.length > 0, "an answer waits for nothing");
      this.#disk(true);
    }
  }

  #reset(index: number, by: string): void {
    const ref = `order ${++this.#orderCount}`;
    const model = elementAt(this.#model, index);
    const order = {
      kind: "reset-trip",
      ref,
      rule: elementAt(rules, index).id,
      by,
      reason: "",
    } as const;
    const expected = model.isLatched && by !== "" && model.last === "clear";
    const effects = this.#safety.reset(order, this.#at());
    if (expected) {
      model.isLatched = false;
      model.count = 0;
      tally.resets++;
    }
    this.#order(ref, expected, effects);
  }

  #bypass(): void {
    const ref = `order ${++this.#orderCount}`;
    const index = this.#random.integer(rules.length);
    const active = this.#random.integer(4) > 0;
    const forMs = this.#pick(0, 10_000, hourMs, longestBypassMs + 1);
    const reason = this.#pick("calibration", "calibration", "");
    const { id, group } = elementAt(rules, index);
    const model = elementAt(this.#model, index);
    const inForce = (m: ModelRule) => this.#monotonicMs < m.bypassUntilMs;
    const isOther = rules.some(
      (r) => r.group === group && r.index !== index && inForce(elementAt(this.#model, r.index)),
    );
    const expected = active
      ? reason !== "" && forMs <= longestBypassMs && !isOther
      : inForce(model);
    const order = {
      kind: "set-bypass",
      ref,
      rule: id,
      active,
      forMs,
      by: "ana",
      reason,
    } as const;
    const effects = this.#safety.bypass(order, this.#at());
    if (expected) {
      model.bypassUntilMs = active ? this.#monotonicMs + (forMs || defaultBypassMs) : 0;
      if (active) tally.bypasses++;
      else model.count = 0;
    }
    this.#order(ref, expected, effects);
  }

  #simulate(index: number): void {
    const ref = `order ${++this.#orderCount}`;
    const model = elementAt(this.#model, index);
    const { id: rule } = elementAt(rules, index);
    const order = { kind: "simulate-trip", ref, rule, by: "ana", reason: "test" } as const;
    const expected = !model.isLatched && this.#monotonicMs >= model.bypassUntilMs;
    const effects = this.#safety.simulate(order, this.#at());
    if (expected) model.isLatched = true;
    this.#order(ref, expected, effects);
  }

  /** The disk finishes its oldest save, or fails at it. */
  #disk(isWell: boolean): void {
    const save = this.#saving.shift();
    if (!save) return;
    this.#isDiskFull = !isWell;
    if (isWell) this.#durable = structuredClone(save.state);
    else tally.saveFaults++;
    save.settled(isWell ? { ok: true } : { ok: false, reason: "no space" });
    this.#isDiskFull = false;
  }

  /** kill -9, and a start of the process. What was on its way to the disk may have got there. */
  #kill(): void {
    tally.kills++;
    const reached = this.#random.integer(this.#saving.length + 1);
    if (reached > 0) this.#durable = structuredClone(elementAt(this.#saving, reached - 1).state);
    this.#saving = [];
    this.#expected.clear();
    this.#runner.stop();
    this.#safety = new Safety(configuration);
    this.#runner = this.#newRunner();
    this.#monotonicMs = 0; // a new process may see any monotonic time
    this.#model.forEach((model, i) => {
      const isLatched = this.#durable.latches[elementAt(rules, i).id] !== undefined;
      Object.assign(model, freshRule(), { isLatched });
    });
    this.#held.clear();
    this.#writes = [];
    this.#runner.run(this.#safety.restore(this.#durable, this.#at()), 0);
    for (const rule of rules) {
      if (!elementAt(this.#model, rule.index).isLatched) continue;
      tally.killsWithLatch++;
      for (const { output } of rule.then) assert(this.#held.has(output), "not written again");
    }
  }

  #check(): void {
    const latched = rules.filter((r) => elementAt(this.#model, r.index).isLatched).map((r) => r.id);
    assert.equal(String(this.#safety.latchedRules()), String(latched));
    const quiet = rules.filter((r) => isSuppressed(r, this.#model)).map((r) => r.id);
    const listed = this.#safety.suppressedRules(this.#at()).map(({ rule }) => rule);
    assert.equal(String(listed), String(quiet));
    for (const rule of rules) {
      if (!elementAt(this.#model, rule.index).isLatched) continue;
      for (const { output } of rule.then)
        assert(this.#held.has(output), "a latch without its output");
    }
    for (const id of this.#safety.bypassedRules(this.#at())) {
      const { index } = present(rules.find((r) => r.id === id));
      assert(
        elementAt(this.#model, index).bypassUntilMs > this.#monotonicMs,
        "a bypass outlives its time",
      );
    }
  }
}

/** One history. */
export function play(random: Random): void {
  new Harness(random).play(12 + random.integer(24));
}
