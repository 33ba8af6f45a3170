import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { SynchronousClock } from "../../../test/synchronous-clock.ts";
import { Deadline } from "./deadline.ts";

test("passes at its time, also when it was set anew many times on an older timer", () => {
  const clock = new SynchronousClock();
  const passed: number[] = [];
  const deadline = new Deadline(clock, () => passed.push(clock.monotonicMs()));
  for (let i = 0; i < 100; i++) {
    deadline.set(1_000);
    clock.advance(10);
    deadline.clear();
  }
  deadline.set(1_000);
  clock.advance(5_000);
  expect(passed).toEqual([2_000]);
});

test("equals a timer for each request, for any sequence", () => {
  const random = seeded(1);
  const clock = new SynchronousClock();
  const passed: number[] = [];
  const expected: number[] = [];
  const deadline = new Deadline(clock, () => passed.push(clock.monotonicMs()));
  let cancel = () => {};
  for (let i = 0; i < 2_000; i++) {
    const forMs = 1 + random.integer(50);
    cancel();
    deadline.set(forMs);
    cancel = clock.after(forMs, () => expected.push(clock.monotonicMs()));
    clock.advance(random.integer(60));
    if (random.uniform() < 0.5) {
      cancel();
      deadline.clear();
    }
  }
  expect(expected.length).toBeGreaterThan(100);
  expect(passed).toEqual(expected);
});

test("leaves nothing behind when stopped", () => {
  const clock = new SynchronousClock();
  const deadline = new Deadline(clock, () => expect.fail("stopped"));
  deadline.set(10);
  deadline.stop();
  clock.advance(100);
});
