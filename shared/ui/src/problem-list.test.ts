import { expect, test } from "vitest";
import { namesItself } from "./problem-list.tsx";

test.each([
  ["PLC1", "PLC1 opens, and nothing answers on it: timeout", true],
  ["E1/PLC1", "E1: PLC1 opens, and nothing answers on it", true],
  ["HIGH-T1", "HIGH-T1 tripped: 261 °C; cause still there", true],
  ["E1/TANK1/T1", "E1, as it last said: TANK1/T1 is stuck", true],
  ["TANK1", "nobody hears TANK1.", true],
  ["TANK1", "TANK10 is silent", false],
  ["E1/PLC1", "E1: nothing answers", false],
])("%s: %s", (subject, text, isNamed) => {
  expect(namesItself({ subject, text })).toBe(isNamed);
});
