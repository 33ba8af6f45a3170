/** What the store of messages works on, and with whom it shares a commit. */
import type { Ack } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import type { Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SiteTags as SiteTagsMessage } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import type { Family } from "@weir/contracts/topics.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { IntegrityLog } from "@weir/runtime/integrity-log.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { Historian } from "../historian/historian.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import type { IngestListener } from "./ingested.ts";

/** Parts of the fog that store something in the same commit as the message it came with. */
export interface CommitPartner {
  event(edge: string, event: Event): void;
  ack(edge: string, ack: Ack): void;
  siteTags(message: SiteTagsMessage): void;
  /** The transaction these were called in did not commit. */
  rolledBack(): void;
}

export interface MessageStoreOptions {
  site: string;
  journal: SqlDatabase;
  tags: SiteTags;
  historian: Historian;
  clock: Clock;
  ioClock: Clock;
  logger: Logger;
  integrity: IntegrityLog;
  /** What the way from an edge, and a clock that runs faster, may add to a time, plant milliseconds. */
  latenessMs: number;
  partner: CommitPartner;
  listeners: readonly IngestListener[];
  requestRebirth: (edge: string) => void;
}

export interface Message {
  edge: string;
  family: Family;
  bytes: Uint8Array;
  /** When it came, plant time. */
  atMs: number;
}
