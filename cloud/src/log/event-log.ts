/**
 * The event log: what sites push, durable, in order, read by consumer groups at their own pace.
 * Embedded SQLite by default; Apache Kafka where one machine is outgrown. Every adapter passes
 * `eventLogConformance`.
 */

import type { Cancel } from "@weir/runtime/clock.ts";
import type { Incarnation } from "@weir/runtime/incarnation.ts";
import type { IntegrityFinding } from "@weir/runtime/integrity-log.ts";

export interface AppendItem {
  /** Counts the source's items within the epoch, from 1. */
  sequence: number;
  kind: string;
  body: Uint8Array;
  /** Fingerprint of the content, 32 bits: tells a repeated item from another one of its number. */
  print?: number | undefined;
}

/** An item by who numbered it; sequence 0: before the first. */
export interface ItemPosition {
  incarnation: Incarnation;
  sequence: number;
}

export interface AppendBatch {
  /** The site. All its items land in one partition, so their order is kept. */
  source: string;
  /** Tells starts of the source apart where it is too old for incarnations. */
  epoch: number;
  /** Under which the source numbered the items; absent: it is too old to say. */
  incarnation?: Incarnation | undefined;
  /** What it sent before the first of them: the log must have it. */
  previous?: ItemPosition | undefined;
  /** Numbers between `previous` and the first item that the source has no longer. */
  lost?: { from: number; to: number } | undefined;
  /** Sequences strictly rising. */
  items: readonly AppendItem[];
  atMs: number;
}

export interface Appended {
  /** Highest sequence of this epoch that is durable now. */
  durableSequence: number;
  /** How many items were new; the rest were already there. */
  appendedCount: number;
  /** Nothing was taken: the log has the source's items up to this one and lacks what came next. */
  missingAfter?: ItemPosition | undefined;
  /** What was wrong with the order of the items, to be told. */
  findings: readonly IntegrityFinding[];
}

export interface LogRecord extends AppendItem {
  partition: number;
  /** Strictly rising within a partition, not dense. */
  offset: number;
  source: string;
  epoch: number;
  receivedAtMs: number;
}

/** Next offset to read, by partition; a partition that is absent is read from its start. */
export type LogPosition = ReadonlyMap<number, number>;

export interface LogSize {
  itemCount: number;
  bytes: number;
}

export interface EventLog {
  /**
   * Makes `batch` durable before it resolves. Items whose (source, epoch, incarnation, sequence) was
   * appended before are left out, for ever, also after their removal by retention; one whose content is
   * another one is appended all the same and told.
   */
  append(batch: AppendBatch): Promise<Appended>;
  /** At most `limit` records from `position` on, each partition in order of offset. */
  read(position: LogPosition, limit: number): Promise<LogRecord[]>;
  /** Remembers that `group` has dealt with everything before `nextOffset`. Never goes back. */
  commit(group: string, partition: number, nextOffset: number): Promise<void>;
  committed(group: string): Promise<LogPosition>;
  /** Calls `listener` after every append of something new. */
  onAppend(listener: () => void): Cancel;
  /** Removes records received before `beforeMs` that every group in `groups` has committed; returns how many. */
  retain(beforeMs: number, groups: readonly string[]): Promise<number>;
  size(): LogSize;
  close(): void;
}
