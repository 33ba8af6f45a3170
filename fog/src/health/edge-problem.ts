/** What an edge says is wrong with itself, in the fog's shape. */

import type { HealthProblem } from "@weir/contracts/api/health.ts";
import { labelOr } from "@weir/contracts/enum-labels.ts";
import {
  type HealthProblem as EdgeProblem,
  HealthSeverity,
} from "@weir/contracts/generated/weir/v1/edge_pb.ts";

const severities: Record<HealthSeverity, HealthProblem["severity"]> = {
  [HealthSeverity.UNSPECIFIED]: "low",
  [HealthSeverity.WARNING]: "low",
  [HealthSeverity.PROBLEM]: "medium",
  [HealthSeverity.CRITICAL]: "high",
};

export const edgeProblem = (problem: EdgeProblem): HealthProblem => ({
  code: problem.code,
  severity: labelOr(severities, problem.severity, "medium"),
  subject: problem.subject,
  text: problem.text,
  sinceMs: problem.sinceMs,
});
