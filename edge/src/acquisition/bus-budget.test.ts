import { expect, test } from "vitest";
import type { ConnectionSettings } from "../configuration/configuration.ts";
import type { Block } from "./block-plan.ts";
import { blockMs, busLoad, slowestBlock } from "./bus-budget.ts";

const block = (count: number, over: Partial<Block> = {}): Block => ({
  unit: 1,
  fc: 3,
  address: 0,
  count,
  periodMs: 1_000,
  points: [],
  ...over,
});

const line = (baud: number, over: Partial<ConnectionSettings> = {}): ConnectionSettings =>
  ({
    gapMs: 0,
    roundTripMs: 5,
    watchdog: undefined,
    rtu: { baud, echo: false, turnaroundMs: 20, quarantineMs: 120, resync: true },
    ...over,
  }) as ConnectionSettings;

// At 9 600 baud a poll of two registers costs some 48 ms, one of forty some 135; at 19 200 34 and 77.
test.each([
  [9_600, 2, 47.5],
  [9_600, 40, 134.6],
  [19_200, 2, 33.7],
  [19_200, 40, 77.3],
])(
  "at %i baud a block of %i registers takes its bytes, its silences and the device's time",
  (baud, count, ms) => {
    expect(blockMs(block(count), line(baud))).toBeCloseTo(ms, 0);
  },
);

test("quiet time is the device's, where it needs more than its neighbours", () => {
  const at = line(19_200, { gapMs: 30 });
  const usual = blockMs(block(2), at);
  expect(blockMs(block(2, { gapMs: 100 }), at) - usual).toBeCloseTo(70);
});

test("the load is the sum over blocks, with the watchdog's heartbeat", () => {
  const alone = busLoad([block(2), block(40, { periodMs: 2_000 })], line(9_600));
  expect(alone.requestsPerSecond).toBe(1.5);
  expect(alone.utilisation).toBeCloseTo((47.5 + 134.6 / 2) / 1_000, 2);
  const watchdog = { unit: 1, everyMs: 500 } as ConnectionSettings["watchdog"];
  const guarded = busLoad([block(2)], line(9_600, { watchdog }));
  expect(guarded.requestsPerSecond).toBe(3);
  expect(guarded.utilisation).toBeGreaterThan(0.13);
});

test("without a baud rate a request takes the stated round trip", () => {
  const at = { ...line(9_600), rtu: undefined };
  expect(blockMs(block(2), at)).toBe(5);
  expect(slowestBlock([block(2)], at)).toBeUndefined();
});
