import { numberAt } from "@weir/contracts/elements.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  every,
  formatClockSpec,
  parseClockSpec,
  plantClock,
  rateMax,
  scaledClock,
  systemClock,
} from "./clock.ts";
import { SimulatedClock } from "./simulated-clock.ts";

describe("the clock's text", () => {
  test("is read", () => {
    expect(parseClockSpec("rate=60,from=2026-06-02T05:00:00Z,at=1780000000000")).toEqual({
      rate: 60,
      fromMs: Date.UTC(2026, 5, 2, 5),
      atMs: 1_780_000_000_000,
    });
  });

  test("is written as it is read", () => {
    const spec = fc.record({
      rate: fc.integer({ min: 1, max: rateMax }),
      fromMs: fc.integer({ min: 0, max: 4e12 }),
      atMs: fc.integer({ min: 0, max: 4e12 }),
    });
    fc.assert(
      fc.property(spec, (s) => {
        expect(parseClockSpec(formatClockSpec(s))).toEqual(s);
      }),
    );
  });

  test.each([
    "",
    "60",
    "rate=0,from=2026-06-02T05:00:00Z,at=1",
    `rate=${rateMax + 1},from=2026-06-02T05:00:00Z,at=1`,
    "rate=60,from=yesterday,at=1",
    "rate=60,from=2026-06-02T05:00:00Z,at=x",
    "rate=60,from=2026-06-02T05:00:00Z",
    "rate=60,from=2026-06-02T05:00:00Z,at=1,speed=2",
  ])("%j is refused in a sentence", (text) => {
    expect(() => parseClockSpec(text)).toThrow(
      `clock "${text}" is not "rate=<1..20000>,from=<ISO time>,at=<real UTC ms>"`,
    );
  });
});

test("a plant clock runs its rate on the same real time in every process", () => {
  const atMs = Date.now() - 10_000;
  const fromMs = Date.UTC(2026, 5, 2);
  const clocks = [
    scaledClock({ rate: 60, fromMs, atMs }),
    plantClock(formatClockSpec({ rate: 60, fromMs, atMs })),
  ];
  for (const clock of clocks) {
    const passedMs = clock.nowMs() - fromMs;
    expect(passedMs).toBeGreaterThanOrEqual(600_000);
    expect(passedMs).toBeLessThan(600_000 + 60 * 5_000);
  }
});

test("real clocks wait, cancel and abort", async () => {
  const clock = scaledClock({ rate: 100, fromMs: 0, atMs: Date.now() });
  const beforeMs = clock.monotonicMs();
  // 50 real milliseconds: the system's timers may fire a part of a millisecond early.
  await clock.sleep(5_000);
  expect(clock.monotonicMs() - beforeMs).toBeGreaterThanOrEqual(4_500);
  const cancel = clock.after(0, () => expect.unreachable());
  cancel();
  const abort = new AbortController();
  const sleeping = systemClock().sleep(1e9, abort.signal);
  abort.abort(new RangeError("enough"));
  await expect(sleeping).rejects.toThrow("enough");
  await expect(systemClock().sleep(1, abort.signal)).rejects.toThrow("enough");
  for (const text of [undefined, ""])
    expect(Math.abs(plantClock(text).nowMs() - Date.now())).toBeLessThan(5_000);
});

describe("every", () => {
  test("keeps to its grid and stops", async () => {
    const clock = new SimulatedClock(0);
    const at: number[] = [];
    const stop = every(clock, 10, () => at.push(clock.monotonicMs()));
    await clock.advance(35);
    stop();
    await clock.advance(100);
    expect(at).toEqual([10, 20, 30]);
  });

  test("late runs are skipped, never bunched", async () => {
    const clock = new SimulatedClock(0);
    let lateMs = 0;
    // A clock whose timers come late, as on a loaded machine.
    const late = {
      ...bound(clock),
      after: (delayMs: number, task: () => void) => clock.after(delayMs + lateMs, task),
    };
    const at: number[] = [];
    every(late, 10, () => at.push(clock.monotonicMs()));
    await clock.advance(9);
    lateMs = 25;
    await clock.advance(2);
    await clock.advance(60);
    expect(at[0]).toBe(10);
    const gaps = at.slice(1).map((t, i) => t - numberAt(at, i));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(10);
  });
});

const bound = (clock: SimulatedClock) => ({
  nowMs: () => clock.nowMs(),
  monotonicMs: () => clock.monotonicMs(),
  sleep: (delayMs: number) => clock.sleep(delayMs),
});
