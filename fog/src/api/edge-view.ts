/** An edge as the dashboard shows it: link, protective functions, ledger, connections, versions. */
import type { EdgeView, ProofTestView, SafetyView } from "@weir/contracts/api/fog.ts";
import type { ArtifactState } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { ProofTestState, SafetyStatus } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { NoticeBoard } from "../correlation/notice-board.ts";
import type { SiteFreshness } from "../freshness/site-freshness.ts";
import { edgeProblem } from "../health/edge-problem.ts";
import type { EdgeLink } from "../ingest/ingested.ts";
import { artifactView } from "./artifact-view.ts";
import { busView, outputView } from "./output-view.ts";
import { protectionWords } from "./protection-words.ts";

const emptyLedger = { acquired: 0, delivered: 0, thinned: 0, dropped: 0, pending: 0 };

/** A proof test is announced so long before it is due. */
const soonMs = 14 * 86_400_000;

export interface EdgeFacts {
  states: readonly ArtifactState[];
  notices: NoticeBoard;
  freshness: SiteFreshness;
  nowMs: number;
}

export function edgeView(
  link: EdgeLink,
  { states, notices, freshness, nowMs }: EdgeFacts,
): EdgeView {
  const { status, birth } = link;
  const { acquired, delivered, thinned, dropped, pending } = status?.ledger ?? emptyLedger;
  return {
    id: link.edge,
    online: link.online,
    freshness: freshness.edge(link.edge),
    readingsAgeMs: freshness.readingsAgeMs(link.edge),
    protection: protectionWords(link, freshness),
    problems: (status?.problems ?? []).map(edgeProblem),
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
    residentBytes: status?.residentBytes ?? 0,
    loopLagMsP99: status?.loopLagMsP99 ?? 0,
    nowMs,
    statusAtMs: status?.atMs ?? 0,
    safety: status?.safety ? safetyView(status.safety, nowMs) : null,
    bypasses: notices.bypasses(link.edge, status?.bypassedRules ?? []),
    fastTags: status?.fastTags ?? [],
    configuration: {
      sha256: status?.configSha256 || birth?.configSha256 || "",
      offered: notices.offered(link.edge),
    },
    buses: (status?.buses ?? []).map(busView),
    outputs: (status?.outputs ?? []).map(outputView),
    artifacts: newestFirst(states.filter((state) => state.where === link.edge)).map(artifactView),
  };
}

const newestFirst = (states: readonly ArtifactState[]): ArtifactState[] =>
  [...states].sort((a, b) => b.atMs - a.atMs);

function safetyView(safety: SafetyStatus, nowMs: number): SafetyView {
  const { documentSha256, approved, approvedBy, approvedAtMs } = safety;
  const { blindRules, unarmedConnections, proofTests } = safety;
  return {
    ...{ documentSha256, approved, approvedBy, approvedAtMs, blindRules, unarmedConnections },
    proofTests: proofTests.map((test) => proofTestView(test, nowMs)),
  };
}

function proofTestView(test: ProofTestState, nowMs: number): ProofTestView {
  const { rule, lastAtMs, lastPassed, dueAtMs } = test;
  return {
    rule,
    lastAtMs: lastAtMs > 0 ? lastAtMs : null,
    lastPassed,
    dueAtMs: dueAtMs > 0 ? dueAtMs : null,
    state: proofTestWord(test, nowMs),
  };
}

function proofTestWord(test: ProofTestState, nowMs: number): ProofTestView["state"] {
  if (test.lastAtMs === 0) return "never";
  if (!test.lastPassed) return "failed";
  if (test.dueAtMs === 0) return "current";
  if (test.dueAtMs <= nowMs) return "overdue";
  return test.dueAtMs - nowMs <= soonMs ? "soon" : "current";
}
