import { expect, test } from "vitest";
import {
  artifactKindLabel,
  artifactOutcomeLabel,
  labelOf,
  labelOr,
  qualityLabel,
  severityLabel,
} from "./enum-labels.ts";
import { ArtifactKind, ArtifactOutcome } from "./generated/weir/v1/artifact_pb.ts";
import { Severity } from "./generated/weir/v1/incident_pb.ts";
import { Quality } from "./generated/weir/v1/tag_pb.ts";

/** A number that no released version has: what a peer of a later version sends. */
const later = 17 as never;

test("a number without a label is told as such, or takes the neutral one", () => {
  expect(labelOf({ 1: "one" }, 1)).toBe("one");
  expect(labelOf({ 1: "one" }, 17)).toBe("unknown (17)");
  expect(labelOr({ 1: "one", 2: "two" }, 2, "one")).toBe("two");
  expect(labelOr({ 1: "one", 2: "two" }, 17, "one")).toBe("one");
});

test("an unknown quality is none to rely on, an unknown severity is as severe as the worst", () => {
  expect(qualityLabel(Quality.GOOD)).toBe("good");
  expect(qualityLabel(later)).toBe("uncertain");
  expect(severityLabel(Severity.ADVISORY)).toBe("advisory");
  expect(severityLabel(later)).toBe("high");
});

test("what became of an artifact is never guessed", () => {
  expect(artifactKindLabel(ArtifactKind.FOREST)).toBe("forest");
  expect(artifactKindLabel(ArtifactKind.UNSPECIFIED)).toBe("unknown (0)");
  expect(artifactKindLabel(later)).toBe("unknown (17)");
  expect(artifactOutcomeLabel(ArtifactOutcome.ROLLED_BACK)).toBe("rolled-back");
  expect(artifactOutcomeLabel(later)).toBe("unknown (17)");
});
