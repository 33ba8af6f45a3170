/** An incident as the dashboard shows it. */

import type { FeedbackBody, IncidentView } from "@weir/contracts/api/fog.ts";
import { severityLabel } from "@weir/contracts/enum-labels.ts";
import type { Incident } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { kindOf } from "../correlation/incident-cause.ts";
import { tagName } from "../correlation/tag-words.ts";
import type { SiteFreshness } from "../freshness/site-freshness.ts";
import type { SiteTags } from "../historian/site-tags.ts";

export interface IncidentFacts {
  site: SiteModel;
  tags: SiteTags;
  freshness: SiteFreshness;
  open: readonly Incident[];
}

export function incidentView(
  incident: Incident,
  { site, tags, freshness, open }: IncidentFacts,
): IncidentView {
  return {
    id: incident.id,
    stage: incident.stage,
    stageName: site.stages.find((stage) => stage.id === incident.stage)?.name ?? "",
    severity: severityLabel(incident.severity),
    state: incident.closedAtMs === undefined ? "open" : "closed",
    openedAtMs: incident.openedAtMs,
    updatedAtMs: incident.updatedAtMs,
    closedAtMs: incident.closedAtMs ?? null,
    headline: incident.headline,
    story: incident.story,
    detector: incident.detector,
    score: incident.score,
    threshold: incident.threshold,
    contributions: incident.contributions.map(
      ({ tag, feature, share, value, expected, direction, text }) => {
        const row = tags.find(tag);
        return {
          tag,
          feature,
          share,
          value: Number.isFinite(value) ? value : null,
          expected: Number.isFinite(expected) ? expected : null,
          direction,
          text,
          name: row ? tagName(row, tags.rows) : tag,
          unit: row?.tag.unit ?? "",
        };
      },
    ),
    suggestedChecks: incident.suggestedChecks,
    related: incident.related,
    kind: kindOf(incident.cause),
    edge: incident.edge,
    freshness: incident.edge
      ? freshness.edge(incident.edge)
      : freshness.ofTags(tags.current.filter(({ tag }) => tag.stage === incident.stage)),
    suppressedBy: incident.explainedBy,
    explains: open.flatMap(({ id, explainedBy }) => (explainedBy === incident.id ? [id] : [])),
    closedBy: incident.closedBy,
    eventIds: incident.eventIds,
    backlog: incident.backlog,
    label: incident.label as FeedbackBody["choice"] | "",
  };
}
