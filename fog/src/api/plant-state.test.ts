/** Since when a state stands: of what makes it so, not of when somebody looked. */
import { expect, test } from "vitest";
import { stateSince } from "./plant-state.ts";

const facts = {
  latched: [{ atMs: 900 }, { atMs: 500 }],
  incidents: [{ openedAtMs: 400 }, { openedAtMs: 300 }],
  notedMs: 2_000,
};

test.each([
  ["tripped", 500],
  ["attention", 300],
  ["high", 300],
  ["blind", 2_000],
  ["normal", 2_000],
  ["unusual", 2_000],
  ["learning", 2_000],
] as const)("%s", (state, sinceMs) => {
  expect(stateSince(state, facts)).toBe(sinceMs);
});

test("attention without an incident, for a stage that is blind, is since it was noted", () => {
  expect(stateSince("attention", { ...facts, incidents: [] })).toBe(2_000);
});
