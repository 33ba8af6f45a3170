/** The console's first page: every site with its edges, incidents, artifacts and health. */
import type { FleetSite, FleetView } from "@weir/contracts/api/cloud.ts";
import type { TierHealth } from "@weir/contracts/api/health.ts";
import type { HealthBook } from "../evaluation/health-book.ts";
import { trendWord } from "../evaluation/residual-trend.ts";
import type { Historian } from "../historian/historian.ts";
import { dayMs } from "../limits.ts";
import type { FleetBook } from "./fleet-book.ts";
import type { Presence } from "./presence.ts";

export interface FleetViewSources {
  fleet: FleetBook;
  health: HealthBook;
  historian: Historian;
  presence: Presence;
  ingest: () => FleetView["ingest"];
  openTickets: () => number;
  trainingQueue: () => number;
  /** The cloud's own health. */
  tierHealth: () => TierHealth;
  /** How far a site is learned; undefined before that was counted. */
  learning: (site: string) => FleetSite["learning"];
}

/** Days of health that a trend word is read from. */
const trendDays = 3;

export function fleetView(sources: FleetViewSources): FleetView {
  const { fleet } = sources;
  return {
    sites: fleet.sites().map((site) => siteView(site, sources)),
    ingest: sources.ingest(),
    openTickets: sources.openTickets(),
    trainingQueue: sources.trainingQueue(),
    health: sources.tierHealth(),
  };
}

function siteView(site: string, sources: FleetViewSources): FleetSite {
  const { fleet, historian, presence } = sources;
  const model = fleet.model(site);
  const lastItemMs = fleet.lastItemMs(site);
  const silence = presence.silence(site, lastItemMs);
  const isOnline = silence === undefined;
  return {
    id: site,
    name: model?.site.name ?? site,
    tz: model?.site.tz ?? "UTC",
    online: isOnline,
    heardAtMs: presence.heardAtMs(site),
    silentSinceMs: silence?.sinceMs ?? null,
    silentReason: silence?.reason ?? "",
    lastItemMs,
    packNote: fleet.packNote(site),
    tags: historian.tags.count(site),
    edges: fleet.edges(site).map((edge) => ({ ...edge, online: edge.online && isOnline })),
    openIncidents: fleet.openIncidents(site),
    artifacts: fleet.artifacts(site),
    health: healthOf(site, sources),
    learning: sources.learning(site),
  };
}

function healthOf(site: string, { fleet, health }: FleetViewSources): FleetSite["health"] {
  const stages = fleet.model(site)?.stages ?? [];
  return health
    .stages(site)
    .flatMap((stage) => {
      const newest = health.newest(site, stage);
      if (!newest) return [];
      const points = health.points(site, stage, newest.atMs - trendDays * dayMs);
      const { score, threshold, atMs } = newest;
      const name = stages.find(({ id }) => id === stage)?.name ?? stage;
      return [{ stage, name, score, threshold, trend: trendWord(points, threshold), atMs }];
    })
    .sort((a, b) => b.score / b.threshold - a.score / a.threshold);
}
