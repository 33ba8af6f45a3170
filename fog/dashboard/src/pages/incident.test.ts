import { expect, test } from "vitest";
import { reasonFigures } from "./incident.tsx";

test.each([
  [4.1, 3.9, "Level: 4.10 m, expected 3.90 m"],
  [-2, null, "Level: -2.00 m"],
  [null, null, "Level"],
])("a reason with value %s and expectation %s", (value, expected, words) => {
  expect(reasonFigures({ name: "Level", unit: "m", value, expected })).toBe(words);
});
