/** Maintenance tickets, open ones first. */

import { route, setQuery } from "@weir/ui/route.ts";
import { Waiting } from "@weir/ui/waiting.tsx";
import { isOpen, tickets } from "../fleet-state.ts";
import { TicketCard } from "../ticket-card.tsx";

export function TicketsPage() {
  const isAll = route.value.query.get("show") === "all";
  const list = tickets.value;
  const shown = isAll ? (list ?? []) : (list ?? []).filter(isOpen);
  const choose = (show: string | null) => () => setQuery({ show });
  return (
    <div class="stack">
      <div class="row">
        <h1>Tickets</h1>
        <button type="button" class={isAll ? "" : "chosen"} onClick={choose(null)}>
          open
        </button>
        <button type="button" class={isAll ? "chosen" : ""} onClick={choose("all")}>
          all
        </button>
      </div>
      {list === null && <Waiting>Waiting for the server's tickets…</Waiting>}
      {list !== null && shown.length === 0 && (
        <p class="empty">
          {isAll ? "There has been none yet." : "None is open."} A ticket opens when an asset has
          drifted from its own past for hours, as far as{" "}
          <a href="#/learning">its stage is learned</a> and its site is heard.
        </p>
      )}
      {shown.map((ticket) => (
        <TicketCard key={ticket.id} ticket={ticket} />
      ))}
    </div>
  );
}
