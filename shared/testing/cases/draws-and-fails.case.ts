/** Fails in each way in which a test that draws can; run by src/seeds.test.ts alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { atWork, seedsOf } from "../src/seeds.ts";

const never = () => new Promise<void>(() => {});

test("a property never ends", async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), (n) => (n % 2 === 0 ? never() : undefined)));
}, 500);

test("a seed never ends", async () => {
  for (const seed of atWork(seedsOf(100))) if (seed === 7) await never();
}, 500);

test("a seed fails", () => {
  for (const seed of atWork(seedsOf(100))) expect(seed).toBeLessThan(50);
});

test("nothing fails", () => {
  for (const seed of atWork(seedsOf(100))) expect(seed).toBeLessThan(100);
});
