/** What ingest hands on, once per thing, in order per edge, already durable. */
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import type { Ack } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import type { Birth, EdgeStatus } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";

export interface IngestListener {
  /** The tag table that the following readings refer to; also after every change of it. */
  onBirth(edge: string, birth: Birth): void;
  onDeath(edge: string, orderly: boolean): void;
  /** Columns of one batch; `tag` indexes the edge's newest birth. Backlog never raises or clears an alarm as new. */
  onReadings(edge: string, columns: readonly BlockColumn[], backlog: boolean): void;
  /**
   * Panes of the same batch, before its readings, which may be none: each reading is in one of the two.
   * Whoever takes no panes knows nothing of tags whose policy is `summary`.
   */
  onPanes?(edge: string, panes: readonly TagPane[], backlog: boolean): void;
  onEvent(edge: string, event: Event, backlog: boolean): void;
  onStatus(edge: string, status: EdgeStatus): void;
  onAck(edge: string, ack: Ack): void;
  /**
   * What `edge` says of its protective functions and could not be stored: for who looks now. It is not acknowledged,
   * comes again, and is handed on by `onEvent` and `onStatus` when it has been stored.
   */
  onUnstored?(edge: string, said: Event | EdgeStatus): void;
}

/** What ingest knows of an edge, for the dashboard and the fog's own status. */
export interface EdgeLink {
  edge: string;
  online: boolean;
  birth: Birth | undefined;
  status: EdgeStatus | undefined;
  lastSeenMs: number;
  /** fog clock − edge clock, milliseconds, median of the newest live batches */
  skewMs: number;
  /** Distinct readings stored since this fog first met the edge. */
  stored: number;
  readingsPerSecond: number;
  bytesPerSecond: number;
}
