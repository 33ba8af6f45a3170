import { expect, test } from "vitest";
import { stagePatterns } from "./stage-patterns.ts";

test("a pattern names stages at any site or at one; exclusion wins; none at all means every stage", () => {
  const all = stagePatterns({ include: [], exclude: [] });
  expect(all("mill", "TANK1")).toBe(true);
  const some = stagePatterns({ include: ["TANK*", "bakery/*"], exclude: ["mill/TANK2", "*.old"] });
  expect(some("mill", "TANK1")).toBe(true);
  expect(some("mill", "TANK2")).toBe(false);
  expect(some("mill", "PUMP")).toBe(false);
  expect(some("bakery", "OVEN")).toBe(true);
  expect(some("bakery", "OVEN.old")).toBe(false);
  expect(some("bakery", "OVENxold")).toBe(true);
});
