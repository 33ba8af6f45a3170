/** Every site: whether it is heard, what is open, and the health of its assets as the cloud's models see it. */

import type { FleetSite, FleetView } from "@weir/contracts/api/cloud.ts";
import { LateClock } from "@weir/ui/freshness.tsx";
import { LearningProgress } from "@weir/ui/learning-list.tsx";
import { ProblemList } from "@weir/ui/problem-list.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { Waiting } from "@weir/ui/waiting.tsx";
import { bytes, count, counted, number, span } from "@weir/ui/words.ts";
import { fleet, isOpen, siteTime, tickets, zoneOf } from "../fleet-state.ts";
import { SiteLink } from "../site-link.tsx";
import { TicketCard } from "../ticket-card.tsx";

const healthShown = 8;
const ticketsShown = 4;
const problemsShown = 3;
/** Older than this, a score says nothing of now. */
const scoreMaxAgeMs = 2 * 3_600_000;

export function FleetPage() {
  const view = fleet.value;
  if (!view) return <Waiting>Waiting for the first picture of the fleet…</Waiting>;
  const silent = view.sites.filter(({ online }) => !online).length;
  return (
    <div class="stack">
      <Problems health={view.health} />
      <section class="figures" aria-label="Figures">
        <Figure
          name="Sites heard"
          value={
            view.sites.length === 0
              ? "none yet"
              : `${view.sites.length - silent} of ${view.sites.length}`
          }
          isBad={silent > 0}
        />
        <Figure name="Open tickets" value={String(view.openTickets)} />
        <Figure
          name="Taken in"
          value={`${number(view.ingest.itemsPerSecond)} items/s, ${bytes(view.ingest.bytesPerSecond)}/s`}
        />
        <Figure name="Event log" value={`${count(view.ingest.logItems)} items`} />
        <Figure name="History" value={bytes(view.ingest.historyBytes)} />
        <Figure name="Waiting to train" value={String(view.trainingQueue)} />
      </section>
      <MaintenanceDue />
      {view.sites.length === 0 && (
        <p class="empty">
          No site has reported yet. <span class="mono">weir-cloud enrol-site NAME</span> gives one
          its certificate.
        </p>
      )}
      {view.sites.map((site) => (
        <Site key={site.id} site={site} />
      ))}
    </div>
  );
}

function Problems({ health }: { health: FleetView["health"] }) {
  if (!health || health.problems.length === 0) return null;
  return (
    <section class="panel">
      <h2>
        What is wrong with this cloud{" "}
        <a href="#/health">{counted(health.problems.length, "problem")}</a>
      </h2>
      <ProblemList problems={health.problems.slice(0, problemsShown)} />
    </section>
  );
}

function MaintenanceDue() {
  const open = (tickets.value ?? []).filter(isOpen);
  if (open.length === 0) return null;
  return (
    <section class="panel">
      <h2>Maintenance due</h2>
      <div class="stack">
        {open.slice(0, ticketsShown).map((ticket) => (
          <TicketCard key={ticket.id} ticket={ticket} />
        ))}
      </div>
      {open.length > ticketsShown && (
        <p>
          <a href="#/tickets">All {counted(open.length, "open ticket")}</a>
        </p>
      )}
    </section>
  );
}

function Figure({ name, value, isBad = false }: { name: string; value: string; isBad?: boolean }) {
  return (
    <div class={isBad ? "figure fact-bad" : "figure"}>
      <span class="soft">{name}</span>
      <strong>{value}</strong>
    </div>
  );
}

function Site({ site }: { site: FleetSite }) {
  const asOf = site.online ? "" : ", as it last said";
  return (
    <section class={`panel ${site.online ? "" : "is-silent"}`}>
      <h2>
        {site.name} <SiteLink site={site} />
        <span class="soft">
          {counted(site.tags, "tag")}, {zoneOf(site.id)}
        </span>
      </h2>
      {site.packNote && <p class="soft">Of its plant: {site.packNote}.</p>}
      <div class="columns">
        <div>
          <h3>Assets, worst first</h3>
          <Assets site={site} />
        </div>
        <div>
          <h3>Open at the site{asOf}</h3>
          {site.openIncidents.length === 0 && (
            <p class="empty">
              {site.online
                ? "It has reported no open incident."
                : "No open incident was reported before it fell silent; what is open now is not known."}
            </p>
          )}
          {site.openIncidents.map((incident) => (
            <p key={incident.id}>
              <strong>{incident.stage}</strong> {incident.headline}{" "}
              <span class="soft">
                {incident.severity}, {siteTime(site.id, incident.openedAtMs)}
              </span>
            </p>
          ))}
        </div>
        <EdgesAndModels site={site} asOf={asOf} />
      </div>
    </section>
  );
}

function Assets({ site }: { site: FleetSite }) {
  const { health, learning, id } = site;
  return (
    <>
      {learning && <LearningProgress learning={learning} tz={zoneOf(id)} />}
      {health.length === 0 && (
        <p class="empty">
          No model has scored a stage yet. <a href="#/learning">How far it is learned</a>
        </p>
      )}
      {health.slice(0, healthShown).map((asset) => (
        <Asset key={asset.stage} site={id} asset={asset} />
      ))}
      {health.length > healthShown && (
        <p>
          <a href={`#/history?site=${encodeURIComponent(id)}`}>
            {counted(health.length - healthShown, "more asset")}
          </a>
        </p>
      )}
    </>
  );
}

function Asset({ site, asset }: { site: string; asset: FleetSite["health"][number] }) {
  const { stage, name, trend, score, threshold, atMs } = asset;
  const ageMs = (siteNow.value ?? atMs) - atMs;
  const isOld = ageMs > scoreMaxAgeMs;
  return (
    <a
      class={`asset ${isOld ? "is-stale" : ""}`}
      href={`#/history?site=${encodeURIComponent(site)}&stage=${encodeURIComponent(stage)}`}
    >
      <strong>{stage}</strong> <span class="grow">{name !== stage && name}</span>
      {isOld ? (
        <span class="fresh-mark fresh-stale" title={`scored ${siteTime(site, atMs)}`}>
          <LateClock /> {span(ageMs)} old
        </span>
      ) : (
        <span class="soft">{trend}</span>
      )}
      <Ratio value={score} threshold={threshold} />
    </a>
  );
}

function EdgesAndModels({ site, asOf }: { site: FleetSite; asOf: string }) {
  return (
    <div>
      <h3>Edges and models{asOf}</h3>
      {site.edges.length === 0 && <p class="empty">It has named no edge yet.</p>}
      {site.edges.map((edge) => (
        <p key={edge.id}>
          {edge.id} <span class={edge.online ? "soft" : "problem"}>{edgeWords(edge, site)}</span>
          {edge.latchedTrips > 0 && (
            <span class="problem"> {counted(edge.latchedTrips, "trip")} latched</span>
          )}
        </p>
      ))}
      {site.artifacts.map((artifact) => (
        <p
          key={`${artifact.name}${artifact.version}${artifact.where}${artifact.outcome}`}
          class={artifact.outcome === "refused" ? "problem" : "soft"}
        >
          <span class="mono">
            {artifact.name} v{artifact.version}
          </span>{" "}
          {artifact.outcome} at {artifact.where}
        </p>
      ))}
    </div>
  );
}

/** Score over threshold: the line in the middle is the decision. */
function Ratio({ value, threshold }: { value: number; threshold: number }) {
  const ratio = threshold > 0 ? value / threshold : 0;
  return (
    <span
      class="ratio"
      role="img"
      aria-label={`${number(value)}, decision at ${number(threshold)}`}
      title={`${number(value)} against ${number(threshold)}`}
    >
      <i class={ratio >= 1 ? "over" : ""} style={{ width: `${Math.min(100, ratio * 50)}%` }} />
      <b />
    </span>
  );
}

/** An open incident that tells of the silence, with its time, is not told again beside it. */
export function edgeWords(
  edge: FleetSite["edges"][number],
  { id, online, openIncidents }: Pick<FleetSite, "id" | "online" | "openIncidents">,
): string {
  if (edge.online) return "heard";
  const last = siteTime(id, edge.lastSeenMs);
  if (!online) return `not known; last heard by its site ${last}`;
  const isTold = openIncidents.some((one) => one.isSilence && one.edge === edge.id);
  return isTold ? "not heard" : `not heard since ${last}`;
}
