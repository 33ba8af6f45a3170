/** Polls that are left out: the bus had no time, or this process was not let run. They are told apart. */
import { describe, expect, test } from "vitest";
import { SynchronousClock } from "../../test/synchronous-clock.ts";
import { PollSchedule } from "../acquisition/poll-schedule.ts";
import { LoopLag } from "./loop-lag.ts";

/** A clock that goes on while the process stands still: what was due meanwhile runs late. */
class StallingClock extends SynchronousClock {
  #extraMs = 0;

  stall(ms: number): void {
    this.#extraMs += ms;
  }

  override nowMs(): number {
    return super.nowMs() + this.#extraMs;
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.#extraMs;
  }
}

const everySecond = [{ periodMs: 1_000 }];

function polling() {
  const clock = new StallingClock(0);
  const lag = new LoopLag({ clock, ioClock: clock });
  const schedule = new PollSchedule(clock, everySecond, (sinceMs) => lag.stalledMs(sinceMs));
  const poll = (): void => {
    if (schedule.next(() => true) === 0) schedule.take(0);
  };
  const live = (seconds: number): void => {
    for (let i = 0; i < seconds * 10; i++) {
      clock.advance(100);
      poll();
    }
  };
  live(5);
  return { clock, lag, schedule, poll, live };
}

describe("polls that are left out", () => {
  test("a bus that had no time for them", () => {
    const { clock, schedule, poll } = polling();
    clock.advance(7_500);
    poll();
    expect(schedule.stalledCount).toBe(0);
    expect(schedule.skippedCount).toBeGreaterThanOrEqual(6);
  });

  test.each(["the poll first", "the lag's timer first"])(
    "a process that stood still: %s",
    (first) => {
      const { clock, schedule, poll, live } = polling();
      clock.stall(7_500);
      if (first === "the lag's timer first") clock.advance(1);
      poll();
      live(3);
      expect(schedule.skippedCount).toBe(0);
      expect(schedule.stalledCount).toBeGreaterThanOrEqual(6);
      expect(schedule.stalledCount).toBeLessThanOrEqual(8);
    },
  );

  test("one after the other, each by its own", () => {
    const { clock, schedule, poll, live } = polling();
    clock.stall(4_200);
    clock.advance(1);
    poll();
    live(10);
    const { stalledCount } = schedule;
    clock.advance(4_200);
    poll();
    expect(schedule.stalledCount).toBe(stalledCount);
    expect(schedule.skippedCount).toBeGreaterThanOrEqual(3);
  });

  test("nothing is left out while everything runs", () => {
    const { lag, schedule, live } = polling();
    live(20);
    expect(schedule).toMatchObject({ skippedCount: 0, stalledCount: 0 });
    expect(lag.p99()).toBe(0);
  });
});
