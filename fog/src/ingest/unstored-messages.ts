/** Reads what could not be stored, for who looks now: a full disk must not hide a trip. */
import { open } from "@weir/contracts/envelope.ts";
import type { EdgeStatus } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { type Arrival, arrivalOf, bringMessageWithinBounds, eventFault } from "./message-bounds.ts";
import type { Message, MessageStoreOptions } from "./message-store-options.ts";

const protective = new Set<Event["body"]["case"]>(["trip", "output", "tripReset"]);

/** Tells `listeners` of it; a fault of theirs must not hide why nothing is stored. */
export function tellUnstored(
  message: Message,
  {
    listeners,
    latenessMs,
    logger,
  }: Pick<MessageStoreOptions, "listeners" | "latenessMs" | "logger">,
): void {
  try {
    for (const said of saidOfProtection(message, arrivalOf(message.atMs, latenessMs)))
      for (const listener of listeners) listener.onUnstored?.(message.edge, said);
  } catch (error) {
    logger.error("a listener of ingest failed", { message: (error as Error).message });
  }
}

/** Events of protective functions, or the status; empty of everything else. */
function saidOfProtection(message: Message, arrival: Arrival): (Event | EdgeStatus)[] {
  const { edge, family, bytes } = message;
  if (family === "events") {
    const opened = open("events", bytes);
    if (!opened.ok) return [];
    bringMessageWithinBounds("events", opened.value, arrival);
    return opened.value.events.filter(
      (event) => protective.has(event.body.case) && eventFault(edge, event) === undefined,
    );
  }
  if (family !== "status") return [];
  const opened = open("status", bytes);
  if (!opened.ok) return [];
  bringMessageWithinBounds("status", opened.value, arrival);
  return [opened.value];
}
