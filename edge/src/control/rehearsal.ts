/**
 * Trips on a plant that is not there, before the first reading: the code between a reading and its
 * write is compiled when it is needed for the first time, perhaps months from now. A control loop of
 * its own runs on the real configuration, time that passes by hand, and modules in memory; nothing of it
 * is kept but the compiled code. It must meet the same kinds of numbers and objects as later, or V8 throws
 * its code away at the first real trip: clocks of the same class, times with fractions, several channels.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { type Clock, rehearsalClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { Configuration, RuleSettings, TagSettings } from "../configuration/configuration.ts";
import { createControl } from "./control-loop.ts";
import { RehearsalModule } from "./rehearsal-module.ts";

/** Trips that are rehearsed at most. */
const tripsMax = 3_000;
/** Time that it may take, I/O clock. */
const budgetMs = 500;
/** Loops that run shortly before one runs long, and trips of each. */
const loopsFirst = 4;
const tripsFirst = 8;
const reopenEvery = 4;
/** Channel of a connection that is not rehearsed: a serial line takes longer for one byte than this code for everything. */
const noChannel = () => ({ write: () => {}, close: () => {} });

/** Returns how many trips were rehearsed. */
export function rehearse(configuration: Configuration, ioClock: Clock): number {
  const lenient = {
    ...configuration,
    rules: configuration.rules.map((rule) => ({ ...rule, tripsPerHourMax: tripsMax })),
  };
  const untilMs = ioClock.monotonicMs() + budgetMs;
  let trips = 0;
  // Several loops before any of their code is compiled: it must not count on the closures of one, nor on
  // objects of one making.
  for (let i = 0; i < loopsFirst; i++) {
    const one = { configuration: i % 2 === 0 ? configuration : lenient, tripsMax: tripsFirst };
    trips += rehearseLoop(one, () => ioClock.monotonicMs() < untilMs);
  }
  const all = { configuration: lenient, tripsMax };
  return trips + rehearseLoop(all, () => ioClock.monotonicMs() < untilMs);
}

function rehearseLoop(
  { configuration, tripsMax }: { configuration: Configuration; tripsMax: number },
  isTime: () => boolean,
): number {
  const { connections, devices, tags } = configuration;
  const { clock, pass } = rehearsalClock();
  const modules = connections.map(({ type }) =>
    type === "modbus-tcp" ? new RehearsalModule() : undefined,
  );
  const put = (tag: TagSettings, value: number) => {
    const { connection, unit } = elementAt(devices, tag.device);
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
  const fastestMs = Math.min(...tags.map(({ periodMs }) => periodMs));
  const poll = (forMs: number) => {
    for (let ms = 0; ms < forMs; ms += fastestMs) {
      for (const module of modules) module?.answerAll();
      pass(fastestMs);
      for (const module of modules) module?.answerAll();
    }
  };
  const rules = configuration.rules.filter(
    ({ then, tag }) =>
      then.length > 0 && modules[elementAt(devices, elementAt(tags, tag).device).connection],
  );
  let trips = 0;
  while (rules.length > 0 && trips < tripsMax && isTime()) {
    const rule = elementAt(rules, trips++ % rules.length);
    // Another channel now and then: what is compiled must not count on one.
    if (trips % reopenEvery === 0) for (const module of modules) module?.drop();
    const channels = rule.vote.tags.map((tag) => elementAt(tags, tag));
    const scanMs = Math.max(...channels.map(({ periodMs }) => periodMs));
    for (const tag of channels) put(tag, beyondValue(tag, rule));
    poll(rule.onDelayMs + (rule.samplesMin + 1) * scanMs);
    for (const tag of channels) put(tag, calmValue(tag, configuration.rules));
    poll(2 * scanMs);
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
