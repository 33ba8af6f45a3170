/** How much a decision of the fog's models asks for. It is an advisory until there is evidence for more. */
import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";

/** Decision lines: this far beyond, no usual scatter explains it. */
const lowRatio = 4;
const mediumRatio = 8;

/** `seconded`: an edge has told by itself of a sensor of the stage. */
export function verdictSeverity(of: { ratio: number; seconded: boolean }): Severity {
  const alone =
    of.ratio >= mediumRatio
      ? Severity.MEDIUM
      : of.ratio >= lowRatio
        ? Severity.LOW
        : Severity.ADVISORY;
  return of.seconded ? (Math.min(alone + 1, Severity.HIGH) as Severity) : alone;
}
