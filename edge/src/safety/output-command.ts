/** An order to one output, and what is told of it. */
import type { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";

export interface Command {
  value: number;
  /** Rule index. */
  rule: number;
  /** Time to get there in steps, plant clock; 0: at once. */
  overMs: number;
  /** Plant monotonic time of the decision. */
  sinceMs: number;
  isSecondPath: boolean;
}

/** What became of an order. */
export interface DriveNews {
  outcome: OutputOutcome;
  command: Command;
  detail: string;
  /** Verified once more, after a confirmation of this order was lost. */
  again: boolean;
  /** Plant clock: since the order; `again`: since the confirmation was lost. */
  afterMs: number;
}

export interface DriveStatus {
  /** undefined: nothing was ordered, or nobody holds it any more. */
  command: Command | undefined;
  isHeld: boolean;
  outcome: OutputOutcome;
  detail: string;
  remedy: string;
  /** UTC of the plant clock: of `outcome`; where nothing was ever ordered, of the start. */
  sinceMs: number;
  /** A write of the newest order was acknowledged. */
  isWritten: boolean;
  /** UTC of the plant clock: newest write that was acknowledged; 0: none. */
  writtenAtMs: number;
  /** Writes of the newest order that came to nothing. */
  attempts: number;
}
