/**
 * How much a decision of the fog's models asks for. A model alone only advises, however sure it is: it says that
 * a stage is unlike its past, not that somebody must act. What an edge has told by itself is evidence for more.
 */
import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";

/** Decision lines: this far beyond, no usual scatter explains it. */
const mediumRatio = 4;
const highRatio = 8;

/** `seconded`: an edge has told by itself of a sensor of the stage. */
export function verdictSeverity({
  ratio,
  seconded,
}: {
  ratio: number;
  seconded: boolean;
}): Severity {
  if (!seconded) return Severity.ADVISORY;
  if (ratio >= highRatio) return Severity.HIGH;
  return ratio >= mediumRatio ? Severity.MEDIUM : Severity.LOW;
}
