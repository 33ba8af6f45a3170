import { expect, test } from "vitest";
import { SimulatedClock } from "./simulated-clock.ts";
import { within } from "./within.ts";

test("work that ends is not waited for any longer, however it ended", async () => {
  const clock = new SimulatedClock(0);
  expect(await within(clock, 1_000, Promise.resolve("done"))).toBe(true);
  expect(await within(clock, 1_000, Promise.reject(new Error("no")))).toBe(true);
  expect(clock.nowMs()).toBe(0);
});

test("work that never ends is left when its time is over", async () => {
  const clock = new SimulatedClock(0);
  const waiting = within(clock, 1_000, new Promise(() => {}));
  await clock.advance(999);
  let isOver = false;
  void waiting.then(() => {
    isOver = true;
  });
  await clock.advance(0);
  expect(isOver).toBe(false);
  await clock.advance(1);
  expect(await waiting).toBe(false);
});

test("a rejection that comes after the end surprises nobody", async () => {
  const clock = new SimulatedClock(0);
  let fail: (error: Error) => void = () => {};
  const waiting = within(
    clock,
    1,
    new Promise((_, reject) => {
      fail = reject;
    }),
  );
  await clock.advance(1);
  expect(await waiting).toBe(false);
  fail(new Error("late"));
  await clock.advance(1);
});
