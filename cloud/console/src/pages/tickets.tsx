/** Maintenance tickets, open ones first. */
import { useState } from "preact/hooks";
import { isOpen, tickets } from "../fleet-state.ts";
import { TicketCard } from "../ticket-card.tsx";

export function TicketsPage() {
  const [all, setAll] = useState(false);
  const shown = all ? tickets.value : tickets.value.filter(isOpen);
  return (
    <div class="stack">
      <div class="row">
        <h1>Tickets</h1>
        <button type="button" class={all ? "" : "chosen"} onClick={() => setAll(false)}>
          open
        </button>
        <button type="button" class={all ? "chosen" : ""} onClick={() => setAll(true)}>
          all
        </button>
      </div>
      {shown.length === 0 && (
        <p class="empty">
          None. A ticket opens when an asset has drifted from its own past for hours.
        </p>
      )}
      {shown.map((ticket) => (
        <TicketCard key={ticket.id} ticket={ticket} />
      ))}
    </div>
  );
}
