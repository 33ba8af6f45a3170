import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { expect, test } from "vitest";
import { verdictSeverity } from "./verdict-severity.ts";

test("a model alone advises; with an edge beside it severity rises with how far the stage is off", () => {
  const of = (seconded: boolean) =>
    [1, 4, 8, 100].map((ratio) => verdictSeverity({ ratio, seconded }));
  expect(of(false)).toEqual([0, 0, 0, 0].map(() => Severity.ADVISORY));
  expect(of(true)).toEqual([Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.HIGH]);
});
