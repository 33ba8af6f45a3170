/**
 * What crosses between the two threads of the edge agent. The control thread (acquisition,
 * conditioning, safety, detection) never waits for the uplink thread (outbox, MQTT, downlink,
 * status page); everything here is plain data that survives structured cloning.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  BusStatus,
  EdgeStatus,
  OutputStatus,
  SuppressedRule as SuppressedRuleMessage,
} from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type {
  Quality,
  QualityReason,
  TagSchema,
} from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { Configuration } from "./configuration/configuration.ts";
import type { ConfigurationChange } from "./configuration/configuration-diff.ts";
import type { BrokersPlan } from "./mqtt/brokers-plan.ts";
import type { ProblemCode } from "./status/problem-codes.ts";

/** Readings in columns; index i of each array is one reading. */
export interface ReadingBatch {
  tags: Uint16Array;
  /** UTC milliseconds of the plant clock. */
  timesMs: Float64Array;
  values: Float64Array;
  qualities: Uint8Array;
}

/** An event without its id, which the uplink gives when it stores it. */
export type EventFields = Omit<MessageInitShape<typeof EventSchema>, "$typeName" | "id"> & {
  atMs: number;
};

/** Control thread → uplink thread. */
export type Notice =
  /** First, and after every accepted configuration change: the tag table of the next birth. */
  | {
      kind: "tags";
      tags: MessageInitShape<typeof TagSchema>[];
      configSha256: string;
      /** IANA zone by whose clock people of the site read times; UTC when left out. */
      zone?: string;
      brokers?: BrokersPlan;
    }
  | { kind: "readings"; batch: ReadingBatch }
  | { kind: "event"; event: EventFields }
  | { kind: "status"; status: ControlStatus }
  /** Answer to the order of the same `ref`. */
  | {
      kind: "answer";
      ref: string;
      accepted: boolean;
      reason: string;
      /** It ran for a while and was taken back. */
      isTakenBack?: boolean;
    }
  /** What detection has learned, for the disk. */
  | { kind: "learned"; bytes: Uint8Array }
  /** Where the running configuration stands; for who keeps the last good one. */
  | { kind: "configuration"; standing: ConfigurationStanding };

/**
 * `trial`: it has to show that it reads what was read before. `good`: it has shown that it reads.
 * `rolled-back`: `sha256` failed and the one before it runs again, `running`.
 */
export interface ConfigurationStanding {
  state: "trial" | "good" | "rolled-back";
  sha256: string;
  /** What runs. */
  running: string;
  reason: string;
  atMs: number;
}

/** A tag without a good reading. */
export interface TagCondition {
  tag: string;
  device: string;
  connection: string;
  quality: Quality;
  /** Code of `reasons`, as in tag.proto. */
  reason: QualityReason;
  /** What was seen; may be empty. */
  detail: string;
  /** What to look at or to set; may be empty. */
  remedy: string;
  /** UTC of the plant clock. */
  sinceMs: number;
  /** UTC of the newest good reading; 0: none since the control loop began. */
  lastGoodMs: number;
}

/** Something that is not well, until it is well again. */
export interface Problem {
  /** Stable, for programs. */
  code: ProblemCode;
  severity: "warning" | "problem" | "critical";
  /** Tag, device, connection, output, rule, or a part of the agent. */
  subject: string;
  /** Plain words, with evidence and remedy. */
  text: string;
  /** UTC of the plant clock. */
  sinceMs: number;
}

/** What became of the newest order to an output. */
export interface OutputState extends Omit<OutputStatus, "$typeName" | "$unknown"> {
  /** What to look at or to set when it failed; may be empty. */
  remedy: string;
  /** The device has acknowledged a write of this order. */
  isWritten: boolean;
  /** Output that acts in its place; empty without one. */
  secondary: string;
}

/** A connection or device that does not answer. */
export interface SilentLink {
  id: string;
  /** The connection itself, or the one that the device is on. */
  connection: string;
  /** Where that leads: "10.0.8.11:502", a serial line, the URL of a broker. */
  place: string;
  /** A connection that can be opened, and says nothing. */
  isOpen: boolean;
  text: string;
  /** UTC of the plant clock. */
  sinceMs: number;
}

/** A rule that is latched. */
export interface LatchedTrip {
  rule: string;
  cause: string;
  /** UTC of the plant clock. */
  atMs: number;
  isSimulated: boolean;
}

/** A rule that is kept quiet, because the cause of another one is there. */
export type SuppressedRule = Omit<SuppressedRuleMessage, "$typeName" | "$unknown">;

export interface ControlStatus {
  /** Readings acquired since the agent started: the head of the ledger. */
  acquired: number;
  buses: Omit<BusStatus, "$typeName" | "$unknown">[];
  latchedTrips: string[];
  /** The same with their words, once these are on disk. */
  trips: LatchedTrip[];
  /** Latched, and their cause is gone: a reset would be accepted. */
  resettableTrips: string[];
  bypassedRules: string[];
  suppressedRules: SuppressedRule[];
  /** Tags that are not good, in the order of the configuration. */
  conditions: TagCondition[];
  /** Connections that are lost. */
  silentConnections: SilentLink[];
  /** Devices that do not answer, on connections that are there. */
  silentDevices: SilentLink[];
  /** Every output of the configuration. */
  outputs: OutputState[];
  /** What is not well within the control thread. */
  troubles: Problem[];
  /** Connections whose I/O watchdog is configured and could not be set: resets are refused there. */
  unarmedConnections: string[];
  thresholdsVersion: number;
  safety: SafetyStanding;
  /** Ids of tags that are read faster than configured because they look suspicious. */
  fastTags: string[];
  loopLagMsP99: EdgeStatus["loopLagMsP99"];
  configuration?: ConfigurationStanding;
  /** Why the site's file as it is does not run; one sentence. */
  configurationTrouble?: string;
}

/** The protective functions as they stand. */
export interface SafetyStanding {
  ruleCount: number;
  /** False: a table for trials, which nobody has approved. */
  approved: boolean;
  /** Of the approved document; empty without one. */
  documentSha256: string;
  approvedBy: string;
  /** UTC. */
  approvedAtMs: number;
  /** Rules that cannot see their cause. */
  blindRules: string[];
  /** Rules that are to be tested at the machine; times are UTC. */
  proofTests: {
    rule: string;
    /** 0: never tested, and due at once. */
    lastAtMs: number;
    lastPassed: boolean;
    /** 0 after a test: no interval is set. */
    dueAtMs: number;
  }[];
}

/** How the refusal of a configuration ends that says nothing against it. */
export const laterText = "try again later";

/** Uplink thread → control thread. */
export type Order =
  | { kind: "reset-trip"; ref: string; rule: string; by: string; reason: string }
  | {
      kind: "set-bypass";
      ref: string;
      rule: string;
      active: boolean;
      forMs: number;
      by: string;
      reason: string;
    }
  | { kind: "simulate-trip"; ref: string; rule: string; by: string; reason: string }
  /** The verdict of who watched a simulated trip at the machine. */
  | {
      kind: "record-proof-test";
      ref: string;
      rule: string;
      by: string;
      passed: boolean;
      note: string;
    }
  /** Already verified (signature, version, expiry); the control thread checks the site's bounds. */
  | { kind: "apply-thresholds"; ref: string; version: number; thresholds: EdgeThresholds }
  /** Already verified; the control thread checks the site's bounds. */
  | { kind: "apply-detector"; ref: string; version: number; detector: EdgeDetector }
  /** Read the configuration's file again; answered when the change runs, or is refused. */
  | { kind: "reload"; ref: string; by: string }
  /** Verified changes to connections and devices; answered when they have shown that they work. */
  | { kind: "apply-configuration"; ref: string; name: string; version: number; text: string }
  /** Another configuration, loaded and checked whole. Only within the agent. */
  | {
      kind: "reconfigure";
      ref: string;
      by: string;
      configuration: Configuration;
      /** When it runs, or when it has shown that it reads what was read before. */
      answer: "applied" | "proven";
      /** What differs from the configuration of that SHA-256; worked out where it is not of the running one. */
      diff?: { from: string; changes: readonly ConfigurationChange[] };
    }
  /** What devices behind a broker said; the one order that is not answered but `stop`. */
  | {
      kind: "inbound";
      connection: number;
      /** UTC of the plant clock. */
      atMs: number;
      /** The line to the broker came up or went down; undefined: no news of it. */
      isUp?: boolean;
      text?: string;
      tags: readonly number[];
      /** Raw numbers of `tags`; NaN where something came that is no number. */
      raws: readonly number[];
      /** What came instead of a number, by tag; only where it can be shown. */
      texts: readonly { tag: number; text: string }[];
      /** Tags of a device whose message did not name them. */
      lacking: readonly number[];
      /** Tags of which only a message came that the broker had kept: no reading, as nobody knows its age. */
      kept: readonly number[];
      /** Tags of devices that have said farewell. */
      gone: readonly number[];
      /** Messages that could not be read. */
      damaged: number;
      /** Of the configuration whose tags these are: those of another one are dropped. */
      configSha256: string;
    }
  | { kind: "stop" };

/** Payload of a thresholds artifact (`application/json`): rule parameters by tag id. Never hard limits. */
export interface EdgeThresholds {
  format: "weir-edge-thresholds-1";
  tags: Record<
    string,
    { deltaMax?: number; sigmaFloor?: number; zMax?: number; stuckAfterMs?: number }
  >;
}

/** Payload of an edge detector artifact (`application/json`): streaming detectors by tag id. */
export interface EdgeDetector {
  format: "weir-edge-detector-1";
  tags: Record<string, { threshold?: number }>;
}

/** The uplink's end of the hand-over, whichever thread the control loop runs on. */
export interface ControlPort {
  /** Sets the one listener; notices that came before it are kept and given first, in order. */
  onNotice(listener: (notice: Notice) => void): void;
  /** Never waits; each order but `stop` is answered by a notice `answer` of the same `ref`. */
  order(order: Order): void;
}
