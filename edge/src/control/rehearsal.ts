/**
 * Trips on a plant that is not there, before the first reading: the code between a reading and its
 * write is compiled when it is needed for the first time, perhaps months from now. A control loop of
 * its own runs on the real configuration, time that stands, and modules in memory; nothing of it is
 * kept but the compiled code.
 */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { Configuration, RuleSettings, TagSettings } from "../configuration/configuration.ts";
import { hourMs } from "../safety/rule-table.ts";
import { createControl } from "./control-loop.ts";
import { RehearsalModule } from "./rehearsal-module.ts";

/** Trips that are rehearsed at most. */
const tripsMax = 3_000;
/** Time that it may take, I/O clock. */
const budgetMs = 500;
/** Channel of a connection that is not rehearsed: a serial line takes longer for one byte than this code for everything. */
const noChannel = () => ({ write: () => {}, close: () => {} });

/** Time that passes only by hand; what is due then runs once. */
class RehearsalClock implements Clock {
  #atMs = hourMs;
  #timers: { dueMs: number; task: () => void }[] = [];
  nowMs = (): number => this.#atMs;
  monotonicMs = (): number => this.#atMs;
  sleep = () => Promise.resolve();
  after(delayMs: number, task: () => void): Cancel {
    const timer = { dueMs: this.#atMs + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  pass(ms: number): void {
    this.#atMs += ms;
    const due = this.#timers.filter(({ dueMs }) => dueMs <= this.#atMs);
    this.#timers = this.#timers.filter(({ dueMs }) => dueMs > this.#atMs);
    for (const { task } of due) task();
  }
}

/** Returns how many trips were rehearsed. */
export function rehearse(real: Configuration, ioClock: Clock): number {
  const configuration = {
    ...real,
    rules: real.rules.map((rule) => ({ ...rule, tripsPerHourMax: tripsMax })),
  };
  const { connections, devices, tags } = configuration;
  const clock = new RehearsalClock();
  const modules = connections.map(({ type }) =>
    type === "modbus-tcp" ? new RehearsalModule() : undefined,
  );
  const put = (tag: TagSettings, value: number) => {
    const { connection, unit } = devices[tag.device]!;
    modules[connection]?.put(tag, unit, value);
  };
  for (const tag of tags) put(tag, calmValue(tag, configuration.rules));
  const control = createControl({
    configuration,
    clock,
    ioClock: clock,
    channelFor: ({ index }) => modules[index]?.open ?? noChannel,
    latchStore: {
      load: () => ({ ok: true, state: undefined }),
      save: (_, settled) => settled({ ok: true }),
    },
    notify: () => {},
    logger: silentLogger,
    random: seeded(1, "rehearsal"),
  });
  control.start();
  const poll = () => {
    for (const module of modules) module?.answerAll();
    clock.pass(fastestMs);
    for (const module of modules) module?.answerAll();
  };
  const rules = configuration.rules.filter(
    ({ then, tag }) => then.length > 0 && modules[devices[tags[tag]!.device]!.connection],
  );
  const fastestMs = Math.min(...tags.map(({ periodMs }) => periodMs));
  const untilMs = ioClock.monotonicMs() + budgetMs;
  let trips = 0;
  while (rules.length > 0 && trips < tripsMax && ioClock.monotonicMs() < untilMs) {
    const rule = rules[trips++ % rules.length]!;
    const channels = rule.vote.tags.map((tag) => tags[tag]!);
    const scanMs = Math.max(...channels.map(({ periodMs }) => periodMs));
    for (const tag of channels) put(tag, beyondValue(tag, rule));
    const untilTripMs = rule.onDelayMs + (rule.samplesMin + 1) * scanMs;
    for (let ms = 0; ms < untilTripMs; ms += fastestMs) poll();
    for (const tag of channels) put(tag, calmValue(tag, configuration.rules));
    for (let ms = 0; ms < 2 * scanMs; ms += fastestMs) poll();
    control.order({ kind: "reset-trip", ref: "", rule: rule.id, by: "rehearsal", reason: "" });
  }
  control.kill();
  return trips;
}

/** A hundredth of the range on the wrong side. */
function beyondValue({ min, max }: TagSettings, { direction, limit }: RuleSettings): number {
  return limit + (direction === "above" ? 0.01 : -0.01) * (max - min);
}

/** Between all limits of a tag. */
function calmValue({ index, min, max }: TagSettings, rules: readonly RuleSettings[]): number {
  const own = rules.filter(({ vote }) => vote.tags.includes(index));
  const limitsOf = (direction: RuleSettings["direction"]) =>
    own.filter((rule) => rule.direction === direction).map(({ limit }) => limit);
  return (Math.max(min, ...limitsOf("below")) + Math.min(max, ...limitsOf("above"))) / 2;
}
