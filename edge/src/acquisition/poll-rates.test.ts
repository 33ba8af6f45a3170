import { elementAt } from "@weir/contracts/elements.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Block } from "./block-plan.ts";
import { hastenedLoadMax, PollRates } from "./poll-rates.ts";

const block = (tags: number[], periodMs: number): Block => ({
  unit: 1,
  fc: 3,
  address: 0,
  count: 1,
  periodMs,
  points: tags.map((index) => ({ kind: "tag", index, offset: 0 })),
});

const load = (rates: PollRates, blocks: Block[], costMs: number): number =>
  blocks.reduce((sum, b) => sum + (rates.factorOf(b) * costMs) / b.periodMs, 0);

test("a tag is polled as often as wished while the bus has room, then as often as it allows", () => {
  const blocks = [block([0, 1], 1_000), block([2], 1_000)];
  const rates = new PollRates<Block>(() => 50);
  expect(rates.hasten([0], 4, blocks)).toBe(4);
  expect(blocks.map((b) => rates.factorOf(b))).toEqual([4, 1]);
  expect(rates.hasten([0], 100, blocks)).toBe(15);
  expect(rates.hasten([2], 8, blocks)).toBe(1);
  expect(rates.hasten([0], 1, blocks)).toBe(1);
  expect(blocks.map((b) => rates.factorOf(b))).toEqual([1, 1]);
  expect(rates.hasten([99], 5, blocks)).toBe(1);
});

test("what polls really took counts, not what they should", () => {
  const blocks = [block([0], 1_000)];
  const rates = new PollRates<Block>(() => 5);
  expect(rates.hasten([0], 10, blocks)).toBe(10);
  for (let i = 0; i < 100; i++) rates.measured(elementAt(blocks, 0), 400);
  expect(rates.hasten([0], 10, blocks)).toBe(2);
});

test("whatever is asked for, hastened polls never fill the bus beyond its share", () => {
  const wishes = fc.array(
    fc.record({ tag: fc.nat(9), factor: fc.double({ min: 1, max: 200, noNaN: true }) }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(wishes, fc.integer({ min: 1, max: 60 }), (asked, costMs) => {
      const blocks = [0, 1, 2, 3, 4].map((i) => block([2 * i, 2 * i + 1], 500 * (i + 1)));
      const rates = new PollRates<Block>(() => costMs);
      const usual = load(rates, blocks, costMs);
      for (const { tag, factor } of asked) {
        const granted = rates.hasten([tag], factor, blocks);
        expect(granted).toBeGreaterThanOrEqual(1);
        expect(granted).toBeLessThanOrEqual(Math.max(1, factor));
        expect(load(rates, blocks, costMs)).toBeLessThanOrEqual(
          Math.max(usual, hastenedLoadMax) + 1e-9,
        );
      }
      rates.hasten([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 1, blocks);
      expect(load(rates, blocks, costMs)).toBe(usual);
    }),
    { numRuns: 500 },
  );
});
