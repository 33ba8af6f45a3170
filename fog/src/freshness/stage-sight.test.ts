/** Why a stage's newest window is old: a clock is blamed only where what its edge sends says so. */
import { expect, test } from "vitest";
import { lateWords } from "./stage-sight.ts";

const words = (skews: number[], latenessMs = 0) =>
  lateWords(300_000, {
    links: () => skews.map((skewMs, i) => ({ edge: `edge-${i}`, skewMs })),
    latenessMs,
  });

test("the edge whose clock is furthest behind is named", () => {
  expect(words([0, 240_000, 70_000])).toBe("the clock of edge-1 is 4 min behind");
});

test.each([[[]], [[0, 5_000]], [[-240_000]]])(
  "clocks that are right, %o: readings are late",
  (skews) => {
    expect(words(skews)).toBe("readings come 5 min late");
  },
);

test("what the way may add is no clock", () => {
  expect(words([100_000], 60_000)).toBe("readings come 5 min late");
});
