/** Figures of the site for /metrics; read when somebody asks. */
import type { Metrics } from "@weir/runtime/metrics.ts";
import type { IncidentDesk } from "./correlation/incident-desk.ts";
import type { Detection } from "./detection/detection.ts";
import type { FogCore } from "./fog.ts";
import type { SiteFreshness } from "./freshness/site-freshness.ts";

interface SiteMeters {
  core: FogCore;
  freshness: SiteFreshness;
  incidents: IncidentDesk;
  detection: Detection;
}

export function meterSite(metrics: Metrics, parts: SiteMeters): void {
  const { core, freshness, incidents, detection } = parts;
  const stages = core.site.stages.map(({ id }) => id);
  const figures: Record<string, [help: string, read: () => number]> = {
    weir_fog_edges_heard: [
      "Edges that were heard within their expected period.",
      () => core.ingest.links().filter(({ edge }) => freshness.edge(edge).state === "live").length,
    ],
    weir_fog_tags_live: [
      "Tags that were heard within their expected period.",
      () => core.tags.current.filter((row) => freshness.tag(row).state === "live").length,
    ],
    weir_fog_incidents_open: ["Open incidents.", () => incidents.incidents.all().length],
    weir_fog_incidents_explained: [
      "Open incidents that another one explains.",
      () => incidents.suppressed().length,
    ],
    weir_fog_stages_with_model: [
      "Stages of which a model runs.",
      () => stages.filter((id) => detection.model(id) !== undefined).length,
    ],
    weir_fog_scoring_wait_ms: [
      "How long the oldest window has waited to be judged, plant time.",
      () => detection.waitingMs(core.clock.monotonicMs()),
    ],
  };
  for (const [name, [help, read]] of Object.entries(figures)) metrics.gaugeOf(name, help, read);
}
