/** Any tags of a site over days, and the health of a stage where a model watches it. All of it in the address. */

import type { FleetSite, HealthSeriesView } from "@weir/contracts/api/cloud.ts";
import type { TagLine } from "@weir/contracts/api/live.ts";
import { useLoading } from "@weir/ui/load.ts";
import { route, setQuery } from "@weir/ui/route.ts";
import { Show } from "@weir/ui/show.tsx";
import { TagExplorer } from "@weir/ui/tag-explorer.tsx";
import { Waiting } from "@weir/ui/waiting.tsx";
import { fleet, zoneOf } from "../fleet-state.ts";
import { HealthChart } from "../health-chart.tsx";
import { SiteLink } from "../site-link.tsx";

const rangeMs = 28 * 86_400_000;
/** A site sends whole minutes once they are over. */
const lateMs = 2 * 60_000;
/** The list of tags is long and seldom changes. */
const listEveryMs = 60_000;

export function HistoryPage() {
  const view = fleet.value;
  if (!view) return <Waiting>Waiting for the server to say which sites there are…</Waiting>;
  const asked = route.value.query.get("site");
  const site = asked === null ? view.sites[0] : view.sites.find(({ id }) => id === asked);
  return (
    <div class="stack">
      <div class="row">
        <h1>History</h1>
        {view.sites.length > 1 && <SitePicker sites={view.sites} chosen={site?.id ?? ""} />}
        {site && <SiteLink site={site} />}
      </div>
      {site ? (
        <SiteHistory key={site.id} site={site} />
      ) : (
        <p class="empty">
          {asked === null ? "No site has reported yet." : `There is no site “${asked}”.`}{" "}
          <a href="#/">To the fleet</a>
        </p>
      )}
    </div>
  );
}

function SitePicker({ sites, chosen }: { sites: readonly FleetSite[]; chosen: string }) {
  return (
    <select
      value={chosen}
      aria-label="Site"
      onChange={(event) =>
        setQuery({ site: (event.target as HTMLSelectElement).value, stage: null, tags: null })
      }
    >
      {sites.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

function SiteHistory({ site }: { site: FleetSite }) {
  const loading = useLoading<TagLine[]>(
    `/api/sites/${encodeURIComponent(site.id)}/tags`,
    listEveryMs,
  );
  const stage = route.value.query.get("stage");
  const isScored = site.health.some((one) => one.stage === stage);
  return (
    <Show loading={loading} what="the tags" wayOn={<a href="#/">To the fleet</a>}>
      {(tags) => (
        <>
          {stage !== null && isScored && <StageHealth site={site.id} stage={stage} />}
          {stage !== null && !isScored && (
            <p class="empty">
              No score of {stage} yet: <a href="#/learning">how far it is learned</a>.
            </p>
          )}
          <TagExplorer
            tags={tags}
            path={`/api/history?site=${encodeURIComponent(site.id)}`}
            rangeMs={rangeMs}
            initial={tags.filter((tag) => tag.stage === stage).map(({ id }) => id)}
            tz={zoneOf(site.id)}
            lateMs={lateMs}
          />
        </>
      )}
    </Show>
  );
}

function StageHealth({ site, stage }: { site: string; stage: string }) {
  const query = `site=${encodeURIComponent(site)}&stage=${encodeURIComponent(stage)}`;
  const loading = useLoading<HealthSeriesView>(`/api/health-series?${query}`);
  return (
    <Show loading={loading} what="the stage's scores">
      {(health) => <HealthChart health={health} />}
    </Show>
  );
}
