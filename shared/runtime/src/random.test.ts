import fc from "fast-check";
import { expect, test } from "vitest";
import { hash32, seeded } from "./random.ts";

test("golden values: a seed means the same run for ever", () => {
  expect(hash32("")).toBe(0x811c9dc5); // FNV-1a's offset basis
  expect(hash32("a")).toBe(0xe40c292c); // the reference's test vector
  expect(hash32("foobar")).toBe(0xbf9cf968);
  const random = seeded(1, "plant");
  expect([
    random.uniform(),
    random.uniform(),
    random.gaussian(),
    random.gaussian(),
    random.integer(100),
  ]).toMatchInlineSnapshot(`
    [
      0.06524891243316233,
      0.6504358290694654,
      0.8555435245745002,
      0.7271940831111608,
      36,
    ]
  `);
});

test("streams of one seed differ, and one stream never moves another", () => {
  const draw = (name: string) => {
    const random = seeded(7, name);
    return Array.from({ length: 5 }, () => random.uniform());
  };
  expect(draw("a")).toEqual(draw("a"));
  expect(draw("a")).not.toEqual(draw("b"));
  expect(seeded(7).uniform()).not.toBe(seeded(8).uniform());
});

test("uniform and integer stay in range", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 1e6 }), (seed, below) => {
      const random = seeded(seed);
      const u = random.uniform();
      const i = random.integer(below);
      return u >= 0 && u < 1 && Number.isInteger(i) && i >= 0 && i < below;
    }),
  );
});

test("gaussian has mean 0, deviation 1 and the normal tails", () => {
  const random = seeded(42, "moments");
  const count = 200_000;
  let sum = 0;
  let squares = 0;
  let tail = 0;
  for (let i = 0; i < count; i++) {
    const x = random.gaussian();
    sum += x;
    squares += x * x;
    if (Math.abs(x) > 1.959964) tail++;
  }
  expect(Math.abs(sum / count)).toBeLessThan(0.01);
  expect(Math.abs(squares / count - 1)).toBeLessThan(0.01);
  expect(tail / count).toBeCloseTo(0.05, 2);
});
