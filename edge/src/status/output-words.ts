/** What became of an order to an output, in words for people at the gateway. */
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { OutputState } from "../hand-over.ts";

export const outputWords: Record<OutputOutcome, string> = {
  [OutputOutcome.UNSPECIFIED]: "being written",
  [OutputOutcome.WRITTEN]: "written, not verified yet",
  [OutputOutcome.VERIFIED]: "verified",
  [OutputOutcome.FAILED]: "FAILED",
  [OutputOutcome.SECOND_PATH]: "written as second path, not verified yet",
};

/** Nothing was ordered since the agent started: its state is not the agent's doing. */
export const isNeverOrdered = ({ outcome, state, detail }: OutputState): boolean =>
  outcome === OutputOutcome.UNSPECIFIED && state === "" && detail === "";
