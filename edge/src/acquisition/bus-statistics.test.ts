import { numberAt } from "@weir/contracts/elements.ts";
import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { BusStatistics } from "./bus-statistics.ts";

test("percentiles are those of the newest 512 round trips, within 2.3 %", () => {
  const random = seeded(1);
  const statistics = new BusStatistics(0);
  const all: number[] = [];
  for (let i = 0; i < 5_000; i++) {
    const ms = Math.exp(6 * random.uniform() - 3);
    all.push(ms);
    statistics.answered(ms);
    if (i % 97 !== 0) continue;
    const sorted = all.slice(-512).sort((a, b) => a - b);
    const { p50, p99 } = statistics.roundTripMs();
    const near = (told: number, share: number) => {
      const exact = numberAt(sorted, Math.floor(share * sorted.length));
      expect(Math.abs(told - exact) / exact).toBeLessThan(0.023);
    };
    near(p50, 0.5);
    near(p99, 0.99);
  }
});

test("nothing measured is 0, and extremes stay within", () => {
  const statistics = new BusStatistics(0);
  expect(statistics.roundTripMs()).toEqual({ p50: 0, p99: 0 });
  statistics.answered(0);
  expect(statistics.roundTripMs().p50).toBe(0);
  statistics.answered(1e12);
  expect(statistics.roundTripMs().p99).toBeGreaterThan(100_000);
});
