import fc from "fast-check";
import { expect, test } from "vitest";
import { Hysteresis, sustainedLevel } from "./hysteresis.ts";

const options = { length: 15, onCount: 10, offCount: 3 };

test("nine of fifteen are not enough, the tenth decides", () => {
  const hysteresis = new Hysteresis(options);
  const decided = [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1].map((x) => hysteresis.step(x === 1));
  expect(decided.lastIndexOf(false)).toBe(11);
  expect(decided[12]).toBe(true);
});

test("a decision holds until three or fewer of fifteen are over", () => {
  const hysteresis = new Hysteresis(options);
  for (let i = 0; i < 15; i++) hysteresis.step(true);
  let calm = 0;
  while (hysteresis.step(false)) calm++;
  expect(calm).toBe(11);
});

test("a line just below the sustained level decides somewhere, one above it nowhere", () => {
  const ratios = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), {
    minLength: 1,
    maxLength: 80,
  });
  fc.assert(
    fc.property(ratios, (list) => {
      const highest = Math.max(...sustainedLevel(Float64Array.from(list), options));
      const decides = (line: number): boolean => {
        const hysteresis = new Hysteresis(options);
        return list.some((ratio) => hysteresis.step(ratio > line));
      };
      expect(decides(highest)).toBe(false);
      if (highest > 0) expect(decides(highest - 1e-9)).toBe(true);
    }),
  );
});

test("a captured state goes on where it was", () => {
  const hysteresis = new Hysteresis(options);
  for (let i = 0; i < 12; i++) hysteresis.step(i % 3 !== 0);
  const restored = Hysteresis.restore(options, JSON.parse(JSON.stringify(hysteresis.capture())));
  for (let i = 0; i < 40; i++) {
    const over = i % 4 === 0;
    expect(restored.step(over)).toBe(hysteresis.step(over));
  }
});
