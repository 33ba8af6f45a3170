import { expect, test } from "vitest";
import { kindNote } from "./stage.tsx";

test("a kind that nobody gave is said to be inferred, and one that is missing to be missing", () => {
  expect(kindNote({ kind: "pressure", kindName: "pressure", kindInferred: false })).toBe("");
  expect(kindNote({ kind: "pressure", kindName: "pressure", kindInferred: true })).toBe(
    "pressure as inferred from unit and name",
  );
  expect(kindNote({ kind: "dew_point", kindInferred: true })).toMatch(/^dew point as inferred/);
  expect(kindNote({ kind: "", kindInferred: false })).toBe("kind not known");
  expect(kindNote({ kind: "other", kindInferred: true })).toBe("kind not known");
});
