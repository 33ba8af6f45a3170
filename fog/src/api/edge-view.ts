/** An edge as the dashboard shows it: link, ledger, buses, versions. */
import type { EdgeView } from "@weir/contracts/api/fog.ts";
import type { ArtifactState } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { EdgeLink } from "../ingest/ingested.ts";
import { artifactView } from "./artifact-view.ts";

const emptyLedger = { acquired: 0, delivered: 0, thinned: 0, dropped: 0, pending: 0 };

export function edgeView(link: EdgeLink, states: readonly ArtifactState[]): EdgeView {
  const { status, birth } = link;
  const { acquired, delivered, thinned, dropped, pending } = status?.ledger ?? emptyLedger;
  return {
    id: link.edge,
    online: link.online,
    epoch: birth?.epoch ?? 0,
    agentVersion: birth?.agentVersion ?? "unknown",
    lastSeenMs: link.lastSeenMs,
    skewMs: link.skewMs,
    tags: birth?.tags.length ?? 0,
    readingsPerSecond: link.readingsPerSecond,
    bytesPerSecond: link.bytesPerSecond,
    ledger: {
      acquired,
      delivered,
      thinned,
      dropped,
      pending,
      balanced: acquired === delivered + thinned + dropped + pending,
    },
    stored: link.stored,
    outboxBytes: status?.outboxBytes ?? 0,
    latchedTrips: status?.latchedTrips ?? [],
    bypassedRules: status?.bypassedRules ?? [],
    residentBytes: status?.residentBytes ?? 0,
    buses: (status?.buses ?? []).map((bus) => ({
      id: bus.id,
      connected: bus.connected,
      requests: bus.requests,
      failures: bus.failures,
      utilisation: bus.utilisation,
      deadDevices: bus.deadDevices,
      roundTripMsP99: bus.roundTripMsP99,
    })),
    artifacts: newestFirst(states.filter((state) => state.where === link.edge)).map(artifactView),
  };
}

const newestFirst = (states: readonly ArtifactState[]): ArtifactState[] =>
  [...states].sort((a, b) => b.atMs - a.atMs);
