/** One incident in a list: headline, since when, the first reason. */
import type { IncidentView } from "@weir/contracts/api/fog.ts";
import { Glyph } from "@weir/ui/glyph.tsx";
import { dayTime } from "@weir/ui/words.ts";

export function IncidentCard({ incident }: { incident: IncidentView }) {
  const [first] = incident.contributions;
  return (
    <a class="incident-card" href={`#/incidents/${encodeURIComponent(incident.id)}`}>
      <span class="row">
        <Glyph severity={incident.severity} />
        <strong class="grow">{incident.headline}</strong>
        <span class="soft">{dayTime(incident.openedAtMs)}</span>
      </span>
      <span class="soft">
        {incident.stage} {incident.stageName}
        {first && ` · ${first.text}`}
        {incident.label && ` · marked: ${incident.label.replace("_", " ")}`}
      </span>
    </a>
  );
}
