import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { fallToldMs, fallTroubles } from "./uplink-fall.ts";

const startMs = Date.UTC(2026, 5, 2);

test("a fall is a problem since the thread came back, for an hour; without one there is none", async () => {
  const clock = new SimulatedClock(startMs);
  const clocks = { clock, ioClock: clock };
  expect(fallTroubles(undefined, clocks)()).toEqual([]);
  const troubles = fallTroubles({ count: 2, why: "out of memory" }, clocks);
  await clock.advance(fallToldMs);
  expect(troubles()).toEqual([
    expect.objectContaining({ code: "uplink-fell", severity: "problem", sinceMs: startMs }),
  ]);
  expect(troubles()[0]?.text).toMatch(/ended 2 times .* with: out of memory\. Control and safety/);
  await clock.advance(1);
  expect(troubles()).toEqual([]);
});
