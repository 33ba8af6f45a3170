/** What may become a ticket: one thing that is wrong with one asset, in plant words. */
import type { TicketView } from "@weir/contracts/api/cloud.ts";

export interface Finding {
  site: string;
  stage: string;
  /** "<site>/<line>/<stage>/<equipment>" */
  assetPath: string;
  equipmentClass: string;
  failureMode: string;
  mechanism: string;
  /** Detectors of one family say the same thing; their findings share a ticket. */
  family: string;
  title: string;
  summary: string;
  priority: TicketView["priority"];
  /** Time the policy allows, milliseconds. */
  policyMs: number;
  detector: TicketView["detector"];
  confidence: number;
  evidence: TicketView["evidence"];
  firstSeenMs: number;
  seenMs: number;
  predictedFailure: TicketView["predictedFailure"];
  recommendedActions: string[];
  partsHint: string[];
  safetyNotes: string;
  isSafetyRelated: boolean;
}
