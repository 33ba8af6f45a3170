/** One incident in a list: headline, since when, the first reason, and whether what it rests on is still heard. */
import type { IncidentView } from "@weir/contracts/api/fog.ts";
import { FreshMark, freshClass } from "@weir/ui/freshness.tsx";
import { Glyph } from "@weir/ui/glyph.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { dayTime, sinceAndAge } from "@weir/ui/time-format.ts";

export function IncidentCard({ incident }: { incident: IncidentView }) {
  const [first] = incident.contributions;
  const { openedAtMs, closedAtMs, severity } = incident;
  const nowMs = siteNow.value ?? incident.updatedAtMs;
  const isOpen = incident.state === "open";
  const facts = [
    severity,
    [incident.stage, incident.stageName].filter(Boolean).join(" ") || incident.edge,
    first?.text ?? "",
    incident.label && `marked: ${incident.label.replace("_", " ")}`,
    incident.explains?.length ? `explains ${incident.explains.length} more` : "",
    !isOpen && incident.closedBy ? `closed: ${incident.closedBy}` : "",
  ];
  return (
    <a
      class={`incident-card ${isOpen ? freshClass(incident.freshness) : "is-closed"}`}
      href={`#/incidents/${encodeURIComponent(incident.id)}`}
    >
      <span class="row">
        <Glyph severity={severity} />
        <strong class="grow">{incident.headline}</strong>
        <span class="soft">
          {closedAtMs === null
            ? `since ${sinceAndAge(openedAtMs, nowMs)}`
            : `${dayTime(openedAtMs)} to ${dayTime(closedAtMs)}`}
        </span>
      </span>
      <span class="soft">{facts.filter(Boolean).join(" · ")}</span>
      {isOpen && <FreshMark fresh={incident.freshness} />}
    </a>
  );
}
