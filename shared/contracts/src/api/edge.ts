/** An edge as the fog's pages show it: its link, its protection, its connections, its versions. */
import type { UnknownLabel } from "../enum-labels.ts";
import type { FreshnessView } from "./freshness.ts";
import type { HealthProblem } from "./health.ts";
import type { ArtifactView } from "./live.ts";

export interface EdgeView {
  id: string;
  /** Its session with the broker is open, since this fog started. A frozen edge has one, too: see `freshness`. */
  online: boolean;
  freshness: FreshnessView;
  /** Since its newest live readings arrived, the fog's clock; null: none since this fog started. */
  readingsAgeMs: number | null;
  /** Plain words: how it protects, as it has said this moment; or that this is not known, and since when. */
  protection: string;
  /** What it says is wrong with itself, worst first, as of `statusAtMs`. */
  problems: HealthProblem[];
  epoch: number;
  agentVersion: string;
  lastSeenMs: number;
  skewMs: number;
  tags: number;
  readingsPerSecond: number;
  bytesPerSecond: number;
  ledger: {
    acquired: number;
    delivered: number;
    thinned: number;
    dropped: number;
    pending: number;
    balanced: boolean;
  };
  /** The fog's own count of distinct readings stored from this edge. */
  stored: number;
  outboxBytes: number;
  latchedTrips: string[];
  residentBytes: number;
  loopLagMsP99: number;
  /** Plant time at the fog, to count down to what ends. */
  nowMs: number;
  /** When the edge last said how it is; 0: never. Everything below is as of then. */
  statusAtMs: number;
  /** Null: this agent says nothing of it. */
  safety: SafetyView | null;
  bypasses: BypassView[];
  /** Read more often than configured, because they look suspicious. */
  fastTags: string[];
  configuration: ConfigurationView;
  buses: BusView[];
  /** Every output of its configuration. */
  outputs: OutputView[];
  artifacts: ArtifactView[];
}

/** One output of an edge, as the edge last said. */
export interface OutputView {
  output: string;
  /** `not-ordered`: nothing since the agent started. `pending`: being written, not known yet. */
  outcome: "not-ordered" | "pending" | "written" | "verified" | "failed" | "second-path";
  /** That it was ordered to: "off", "40". */
  state: string;
  /** Rule that ordered it. */
  rule: string;
  /** Kept there while a trip stands. */
  held: boolean;
  /** Why it failed, or how it was verified. */
  detail: string;
  /** Of `outcome`; of `not-ordered`: the start of the agent. null: the edge does not say. */
  sinceMs: number | null;
  /** Newest write that the device acknowledged; null: none. */
  writtenAtMs: number | null;
  /** Writes of this order that came to nothing. */
  attempts: number;
}

/** The protective functions of one edge as they stand. */
export interface SafetyView {
  documentSha256: string;
  /** False: a cause-and-effect table for trials, which nobody has approved. */
  approved: boolean;
  approvedBy: string;
  approvedAtMs: number;
  /** Rules that cannot see their cause. */
  blindRules: string[];
  /** Connections whose I/O watchdog is configured and not set. */
  unarmedConnections: string[];
  proofTests: ProofTestView[];
}

export interface ProofTestView {
  rule: string;
  /** Null: never tested. */
  lastAtMs: number | null;
  lastPassed: boolean;
  /** Null: no interval runs yet. */
  dueAtMs: number | null;
  state: "never" | "failed" | "overdue" | "soon" | "current";
}

export interface BypassView {
  rule: string;
  by: string;
  reason: string;
  /** Null: the event that says so has not come, or is no longer kept. */
  untilMs: number | null;
}

export interface ConfigurationView {
  /** Of what runs. */
  sha256: string;
  /** What became of the newest one that was offered; null: none since this fog keeps events. */
  offered: {
    sha256: string;
    outcome: "active" | "refused" | "rolled-back" | UnknownLabel;
    by: string;
    reason: string;
    changes: string[];
    atMs: number;
  } | null;
}

export interface BusView {
  id: string;
  /** "modbus-tcp", "modbus-rtu", "line", … */
  kind: string;
  connected: boolean;
  /** Since when `connected` has been so; null: since the edge began. */
  sinceMs: number | null;
  /** Why it is not connected; empty otherwise. */
  reason: string;
  /** Newest answer, line or message on it; null: none yet. */
  heardAtMs: number | null;
  requests: number;
  failures: number;
  reconnects: number;
  /** Share of time it is busy, and the share that the configured rates need by arithmetic; 0..1. */
  utilisation: number;
  budget: number;
  /** Left out as the bus had no time; as the agent's process was not let run. */
  skippedPolls: number;
  stalledPolls: number;
  /** Bytes that belonged to no answer or line. */
  discardedBytes: number;
  deadDevices: string[];
  roundTripMsP50: number;
  roundTripMsP99: number;
}
