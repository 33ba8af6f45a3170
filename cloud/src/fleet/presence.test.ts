import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { createPresence, silenceMaxMs } from "./presence.ts";

test("a site is silent from the moment it was last heard of, not from when that was noticed", async () => {
  const io = new SimulatedClock(0);
  const plant = new SimulatedClock(5_000_000);
  const presence = createPresence({ io, plant });
  presence.seen("bakery");
  await plant.advance(60_000);
  await io.advance(silenceMaxMs);
  expect(presence.silence("bakery", null)).toBeUndefined();
  await io.advance(1);
  expect(presence.isOnline("bakery")).toBe(false);
  expect(presence.silence("bakery", null)).toMatchObject({ sinceMs: 5_000_000 });
  presence.seen("bakery");
  expect(presence.silence("bakery", null)).toBeUndefined();
});

test("after a restart a site is silent until it is heard, since its newest item or the start", () => {
  const presence = createPresence({ io: new SimulatedClock(0), plant: new SimulatedClock(9_000) });
  expect(presence.silence("bakery", 4_000)).toMatchObject({
    sinceMs: 4_000,
    reason: expect.stringContaining("since this cloud started"),
  });
  expect(presence.silence("new", null)).toMatchObject({ sinceMs: 9_000 });
});
