/** A place outside Weir that is told about tickets. Delivery is at least once; a sink is idempotent by key. */
import type { TicketView } from "@weir/contracts/api/cloud.ts";
import type { TicketChange } from "../ticket-desk.ts";

export interface TicketNotice {
  /** The same for every attempt of one notice, different for every other notice. */
  key: string;
  change: TicketChange;
  ticket: TicketView;
}

export interface TicketSink {
  /** Unique among the sinks; what waits for it is kept under it. */
  readonly name: string;
  /** Under which an older version kept what waits for it, perhaps together with others. */
  readonly formerName?: string;
  /** Resolves when the other side has taken it. @throws Fault CLOUD_SINK_REFUSED */
  deliver(notice: TicketNotice, signal: AbortSignal): Promise<void>;
}
