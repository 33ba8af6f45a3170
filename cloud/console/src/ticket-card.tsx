/** One ticket in a list. */
import type { TicketView } from "@weir/contracts/api/cloud.ts";
import { Glyph, type Severity } from "@weir/ui/glyph.tsx";
import { siteTime } from "./fleet-state.ts";

export const severityOf: Record<TicketView["priority"], Severity> = {
  P1: "high",
  P2: "medium",
  P3: "low",
  P4: "advisory",
};

export function TicketCard({ ticket }: { ticket: TicketView }) {
  const { id, site, assetPath, status, closeCode, recommendedActions } = ticket;
  const facts = [
    id,
    assetPath,
    status.replace("_", " ") + (closeCode ? `: ${closeCode.replaceAll("_", " ")}` : ""),
    recommendedActions[0] ?? "",
  ];
  return (
    <a class="ticket-card" href={`#/tickets/${encodeURIComponent(id)}`}>
      <span class="row">
        <Glyph severity={severityOf[ticket.priority]} />
        <strong class="grow">{ticket.title}</strong>
        <span class="soft">due {siteTime(site, ticket.dueAtMs)}</span>
      </span>
      <span class="soft">{facts.filter(Boolean).join(" · ")}</span>
    </a>
  );
}
