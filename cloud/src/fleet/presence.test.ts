import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import type { SiteRevocation } from "../enrolment/revocations.ts";
import { createPresence, silenceMaxMs } from "./presence.ts";

test("a site is silent from the moment it was last heard of, not from when that was noticed", async () => {
  const io = new SimulatedClock(0);
  const plant = new SimulatedClock(5_000_000);
  const presence = createPresence({ io, plant, revocationOf: () => undefined });
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
  const presence = createPresence({
    ...{ io: new SimulatedClock(0), plant: new SimulatedClock(9_000) },
    revocationOf: () => undefined,
  });
  expect(presence.silence("bakery", 4_000)).toMatchObject({
    sinceMs: 4_000,
    reason: expect.stringContaining("since this cloud started"),
  });
  expect(presence.silence("new", null)).toMatchObject({ sinceMs: 9_000 });
});

test("a site that was shut out is silent by that, and not for want of an answer, until it is enrolled again", () => {
  const plant = new SimulatedClock(9_000);
  let revocation: SiteRevocation | undefined;
  const presence = createPresence({
    ...{ io: new SimulatedClock(0), plant },
    revocationOf: () => revocation,
  });
  presence.seen("mill");
  revocation = { atMs: Date.UTC(2026, 10, 30, 20, 5), by: "command, ana" };
  expect(presence.silence("mill", 4_000)).toEqual({
    sinceMs: 9_000,
    reason: "its certificates were revoked by command, ana on 2026-11-30 20:05 UTC",
    isRevoked: true,
  });
  revocation = undefined;
  expect(presence.silence("mill", 4_000)).toBeUndefined();
});
