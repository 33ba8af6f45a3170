import { expect, test } from "vitest";
import { kindNote, tagFigure } from "./stage.tsx";

test("a kind that nobody gave is said to be inferred, and one that is missing to be missing", () => {
  expect(kindNote({ kind: "pressure", kindName: "pressure", kindInferred: false })).toBe("");
  expect(kindNote({ kind: "pressure", kindName: "pressure", kindInferred: true })).toBe(
    "pressure as inferred from unit and name",
  );
  expect(kindNote({ kind: "dew_point", kindInferred: true })).toMatch(/^dew point as inferred/);
  expect(kindNote({ kind: "", kindInferred: false })).toBe("kind not known");
  expect(kindNote({ kind: "other", kindInferred: true })).toBe("kind not known");
});

test("a bit has no decimals, a measurement keeps them", () => {
  const bit = { unit: "", min: 0, max: 1 };
  expect([0, 1, null].map((value) => tagFigure({ ...bit, value }))).toEqual(["0", "1", "–"]);
  expect(tagFigure({ ...bit, value: 0.5 })).toBe("0.500");
  expect(tagFigure({ unit: "bar", min: 0, max: 1, value: 1 })).toBe("1.00");
});
