import fc from "fast-check";
import { expect, test } from "vitest";
import { SimulatedClock } from "./simulated-clock.ts";

test("timers run at their time, in order of time and then of asking", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }),
      async (delays) => {
        const clock = new SimulatedClock(1_000);
        const ran: [at: number, i: number][] = [];
        for (const [i, delayMs] of delays.entries())
          clock.after(delayMs, () => ran.push([clock.monotonicMs(), i]));
        await clock.advance(50);
        const expected = delays
          .map((delayMs, i) => [delayMs, i] as [number, number])
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(ran).toEqual(expected);
      },
    ),
    { numRuns: 50 },
  );
});

test("time moves only when told, and skew moves the calendar alone", async () => {
  const clock = new SimulatedClock(1_000);
  await clock.advance(500);
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_500, 500]);
  clock.skew(-400);
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1_100, 500]);
});

test("chains of sleeps run within one advance", async () => {
  const clock = new SimulatedClock(0);
  const at: number[] = [];
  const chain = async () => {
    for (let i = 0; i < 3; i++) {
      await clock.sleep(10);
      at.push(clock.monotonicMs());
    }
  };
  const done = chain();
  await clock.advance(30);
  await done;
  expect(at).toEqual([10, 20, 30]);
});

test("a cancelled timer does nothing, a past one runs at once, an aborted sleep rejects", async () => {
  const clock = new SimulatedClock(0);
  let ran = 0;
  clock.after(5, () => ran++)();
  clock.after(-5, () => ran++);
  const abort = new AbortController();
  const sleeping = clock.sleep(5, abort.signal);
  abort.abort(new RangeError("enough"));
  await expect(sleeping).rejects.toThrow("enough");
  await clock.advance(10);
  expect(ran).toBe(1);
});
