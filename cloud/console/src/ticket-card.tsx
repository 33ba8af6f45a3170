/** One ticket in a list. */
import type { TicketView } from "@weir/contracts/api/cloud.ts";
import { Glyph, type Severity } from "@weir/ui/glyph.tsx";
import { dayTime } from "@weir/ui/words.ts";

export const severityOf: Record<TicketView["priority"], Severity> = {
  P1: "high",
  P2: "medium",
  P3: "low",
  P4: "advisory",
};

export function TicketCard({ ticket }: { ticket: TicketView }) {
  return (
    <a class="ticket-card" href={`#/tickets/${encodeURIComponent(ticket.id)}`}>
      <span class="row">
        <Glyph severity={severityOf[ticket.priority]} />
        <strong class="grow">{ticket.title}</strong>
        <span class="soft">due {dayTime(ticket.dueAtMs)}</span>
      </span>
      <span class="soft">
        {ticket.id} · {ticket.assetPath} · {ticket.status.replace("_", " ")} ·{" "}
        {ticket.recommendedActions[0]}
      </span>
    </a>
  );
}
