/** The outputs and connections of an edge, as it last said. */

import type { BusView, OutputView } from "@weir/contracts/api/edge.ts";
import { labelOr } from "@weir/contracts/enum-labels.ts";
import type { BusStatus, OutputStatus } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";

const outcomes: Record<OutputOutcome, OutputView["outcome"]> = {
  [OutputOutcome.UNSPECIFIED]: "pending",
  [OutputOutcome.WRITTEN]: "written",
  [OutputOutcome.VERIFIED]: "verified",
  [OutputOutcome.FAILED]: "failed",
  [OutputOutcome.SECOND_PATH]: "second-path",
};

/** 0 on the wire: there is none. */
const momentOf = (ms: number): number | null => (ms > 0 ? ms : null);

export function outputView(status: OutputStatus): OutputView {
  const { output, state, rule, held, detail, sinceMs, writtenAtMs, attempts } = status;
  return {
    ...{ output, outcome: outcomeWord(status), state, rule, held, detail },
    ...{ sinceMs: momentOf(sinceMs), writtenAtMs: momentOf(writtenAtMs), attempts },
  };
}

function outcomeWord({ outcome, state, detail }: OutputStatus): OutputView["outcome"] {
  const isNothing = outcome === OutputOutcome.UNSPECIFIED && state === "" && detail === "";
  // An edge of a later version may know outcomes that this fog does not.
  return isNothing ? "not-ordered" : labelOr(outcomes, outcome, "pending");
}

export const busView = (bus: BusStatus): BusView => ({
  id: bus.id,
  kind: bus.kind,
  connected: bus.connected,
  sinceMs: momentOf(bus.sinceMs),
  reason: bus.text,
  heardAtMs: momentOf(bus.heardAtMs),
  requests: bus.requests,
  failures: bus.failures,
  reconnects: bus.reconnects,
  utilisation: bus.utilisation,
  budget: bus.budget,
  skippedPolls: bus.skippedPolls,
  stalledPolls: bus.stalledPolls,
  discardedBytes: bus.discardedBytes,
  deadDevices: bus.deadDevices,
  roundTripMsP50: bus.roundTripMsP50,
  roundTripMsP99: bus.roundTripMsP99,
});
