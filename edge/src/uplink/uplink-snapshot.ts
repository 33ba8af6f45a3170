/** What the uplink says of itself, as plain data. */
import type { ArtifactState } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { LedgerCounts } from "@weir/contracts/ledger.ts";
import type { LastBackup } from "@weir/runtime/backup.ts";
import type { Incarnation } from "@weir/runtime/incarnation.ts";
import type { ControlStatus, EventFields, Problem } from "../hand-over.ts";
import type { Health } from "../status/health.ts";
import type { Link } from "./link.ts";
import type { LinkTrouble } from "./link-trouble.ts";

export interface UplinkSnapshot {
  site: string;
  edge: string;
  agentVersion: string;
  /** Plant clock. */
  atMs: number;
  /** IANA zone by whose clock its pages tell times; UTC before the control thread has spoken. */
  zone: string;
  epoch: number;
  /** Of this start, under which it numbers its batches. */
  incarnation: Incarnation;
  revision: number;
  tagCount: number;
  configSha256: string;
  link: { url: string; state: Link["at"]; trouble: string | undefined };
  ledger: LedgerCounts;
  outbox: {
    bytes: number;
    quotaBytes: number;
    telemetryBatches: number;
    eventBatches: number;
    /** Batches that wait for their PUBACK. */
    unacknowledged: number;
    refusedEvents: number;
    /** Why the disk does not take data; undefined when it does. */
    trouble: string | undefined;
    /** What the file system has left; undefined where that is not known. */
    freeDiskBytes: number | undefined;
  };
  /** Since start; bytes without MQTT's own. */
  sent: { live: number; backlog: number; events: number; bytes: number };
  artifacts: Omit<ArtifactState, "$typeName" | "$unknown">[];
  /** The newest word of the control thread. */
  control: ControlStatus | undefined;
  /** Since that word, I/O milliseconds; before the first, since the uplink began. */
  controlSilentMs: number;
  residentBytes: number;
  /** The newest backup of the data folder, real time; undefined: there was none. */
  lastBackup: LastBackup | undefined;
  /** What is not well beside control thread and outbox. */
  troubles: Problem[];
  /** Findings of each code since the database was begun. */
  integrity: Readonly<Record<string, number>>;
  health: Health;
}

/** What health is made of. */
export type SnapshotFacts = Omit<UplinkSnapshot, "health">;

/** Told at once, for log lines and programs that watch. */
export type UplinkReport =
  | { kind: "link"; online: boolean; trouble: LinkTrouble | undefined }
  | { kind: "store"; trouble: string | undefined }
  | { kind: "event"; event: EventFields };
