import { expect, test } from "vitest";
import {
  drawIncarnation,
  noIncarnation,
  seededIncarnation,
  shortIncarnation,
} from "./incarnation.ts";
import { seeded } from "./random.ts";

test("no two draws are equal, and none is that of a peer without one", () => {
  const draws = Array.from({ length: 2_000 }, () => drawIncarnation());
  expect(new Set(draws).size).toBe(draws.length);
  expect(draws).not.toContain(noIncarnation);
  expect(drawIncarnation(() => new Uint8Array(8))).not.toBe(noIncarnation);
  expect(drawIncarnation(() => new Uint8Array(8).fill(255))).toBe("18446744073709551615");
});

test("a seed repeats it, a stream beside it does not", () => {
  const draw = (name: string) => seededIncarnation(seeded(1, name));
  expect(draw("a")).toBe(draw("a"));
  expect(draw("a")).not.toBe(draw("b"));
});

test("its short form is told apart as well as the long one", () => {
  expect(shortIncarnation("18446744073709551615")).toBe("3w5e11264sgsf");
  expect(shortIncarnation("36")).toBe("10");
});
