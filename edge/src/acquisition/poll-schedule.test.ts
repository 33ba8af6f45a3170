import { numberAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { expect, test } from "vitest";
import { SynchronousClock } from "../../test/synchronous-clock.ts";
import type { Block } from "./block-plan.ts";
import { PollSchedule } from "./poll-schedule.ts";

const block = (periodMs: number): Block => ({
  unit: 1,
  fc: 3,
  address: 0,
  count: 1,
  periodMs,
  points: [],
});
const always = () => true;

/** Slots taken over `forMs` by somebody who asks every `stepMs`. */
function slots(
  clock: SynchronousClock,
  schedule: PollSchedule,
  time: { forMs: number; stepMs: number },
) {
  const taken: [index: number, slotMs: number][] = [];
  for (let passed = 0; passed < time.forMs; passed += time.stepMs) {
    clock.advance(time.stepMs);
    for (let i = schedule.next(always); i >= 0; i = schedule.next(always)) {
      taken.push([i, schedule.take(i)]);
    }
  }
  return taken;
}

test("slots are whole periods of the calendar, whenever the process started", () => {
  const clock = new SynchronousClock(1_780_000_000_437);
  const schedule = new PollSchedule(clock, [block(1_000), block(2_000)]);
  const taken = slots(clock, schedule, { forMs: 10_000, stepMs: 100 });
  for (const [i, slotMs] of taken) expect(slotMs % numberAt([1_000, 2_000], i)).toBe(0);
  expect(taken.filter(([i]) => i === 0)).toHaveLength(10);
  expect(taken.filter(([i]) => i === 1)).toHaveLength(5);
});

test("slow blocks take turns in the slots of the fastest one", () => {
  const clock = new SynchronousClock();
  const schedule = new PollSchedule(clock, [
    block(1_000),
    ...Array.from({ length: 5 }, () => block(10_000)),
  ]);
  const taken = slots(clock, schedule, { forMs: 20_000, stepMs: 50 }).filter(([i]) => i > 0);
  const perSecond = new Map<number, number>();
  for (const [, slotMs] of taken) perSecond.set(slotMs, (perSecond.get(slotMs) ?? 0) + 1);
  expect([...perSecond.values()].every((count) => count === 1)).toBe(true);
});

test("what was missed is counted and not made up for", () => {
  const clock = new SynchronousClock();
  const schedule = new PollSchedule(clock, [block(1_000)]);
  clock.advance(7_500);
  expect(schedule.next(always)).toBe(0);
  const slotMs = schedule.take(0);
  expect(7_500 - slotMs).toBeLessThan(1_000);
  expect(schedule.skippedCount).toBe(7);
  expect(schedule.next(always)).toBe(-1);
  expect(schedule.untilNextMs(always)).toBe(500);
});

test("when the calendar jumps the grid follows it", () => {
  const clock = new SynchronousClock(0);
  const schedule = new PollSchedule(clock, [block(1_000)]);
  slots(clock, schedule, { forMs: 5_000, stepMs: 100 });
  clock.skew(3_600_000 + 123);
  const taken = slots(clock, schedule, { forMs: 5_000, stepMs: 100 }).slice(1);
  for (const [, slotMs] of taken) {
    expect(slotMs % 1_000).toBe(0);
    expect(Math.abs(slotMs - clock.nowMs())).toBeLessThan(6_000);
  }
});

test("a slow drift of the calendar is followed without a step in the readings", () => {
  const clock = new SynchronousClock(0);
  const schedule = new PollSchedule(clock, [block(1_000)]);
  const times: number[] = [];
  for (let i = 0; i < 2_000; i++) {
    clock.skew(0.5);
    for (const [, slotMs] of slots(clock, schedule, { forMs: 1_000, stepMs: 250 }))
      times.push(slotMs);
  }
  for (let i = 1; i < times.length; i++)
    expect(numberAt(times, i) - numberAt(times, i - 1)).toBeLessThanOrEqual(1_001);
  expect(Math.abs(clock.nowMs() - present(times.at(-1)))).toBeLessThan(1_200);
});

test("a block that may not be asked waits without holding up the others", () => {
  const clock = new SynchronousClock();
  const schedule = new PollSchedule(clock, [block(1_000), block(1_000)]);
  clock.advance(1_500);
  expect(schedule.next((i) => i === 1)).toBe(1);
  expect(schedule.untilNextMs(() => false)).toBeUndefined();
});

test.each([400_000, -400_000, 3_599_300, -90_500])(
  "no reading is of the future, nor doubled, when the calendar jumps by %i ms",
  (byMs) => {
    const clock = new SynchronousClock(1_780_000_000_437);
    const schedule = new PollSchedule(clock, [block(1_000), block(300_000), block(300_000)]);
    const taken: { index: number; slotMs: number; nowMs: number }[] = [];
    const run = (forMs: number) => {
      for (let passed = 0; passed < forMs; passed += 100) {
        clock.advance(100);
        for (let i = schedule.next(always); i >= 0; i = schedule.next(always)) {
          taken.push({ index: i, slotMs: schedule.take(i), nowMs: clock.nowMs() });
        }
      }
    };
    run(1_000_000);
    const before = taken.length;
    clock.skew(byMs);
    run(1_000_000);
    for (const { slotMs, nowMs } of taken) expect(slotMs).toBeLessThanOrEqual(nowMs);
    for (const index of [0, 1, 2]) {
      const own = taken.slice(before).filter((each) => each.index === index);
      expect(new Set(own.map(({ slotMs }) => slotMs)).size).toBe(own.length);
      expect(own.length).toBeGreaterThanOrEqual(
        Math.floor(1_000_000 / numberAt([1_000, 300_000, 300_000], index)) - 1,
      );
    }
  },
);
