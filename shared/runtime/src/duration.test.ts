import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["0", 0],
  ["500ms", 500],
  ["3s", 3_000],
  ["1.5s", 1_500],
  ["5m", 300_000],
  ["8h", 28_800_000],
  ["2d", 172_800_000],
  ["1h30m", 5_400_000],
  [" 3s ", 3_000],
])("%s", (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(["", "5", "s", "-3s", "3 s", "3x", "1e3s", "3s4", "NaN"])("%j is refused", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test("what is written is read back", () => {
  fc.assert(fc.property(fc.nat(), (ms) => parseDuration(formatDuration(ms)) === ms));
});

test("negative and zero are written", () => {
  expect(formatDuration(0)).toBe("0s");
  expect(formatDuration(-1_500)).toBe("-1s500ms");
});
