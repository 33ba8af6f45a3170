/** Every site: its link, what is open, and the health of its assets as the cloud's models see it. */
import type { FleetSite } from "@weir/contracts/api/cloud.ts";
import { bytes, count, dayTime, number } from "@weir/ui/words.ts";
import { fleet, isOpen, tickets } from "../fleet-state.ts";
import { TicketCard } from "../ticket-card.tsx";

const healthShown = 8;

export function FleetPage() {
  const view = fleet.value;
  if (!view) return <p class="empty">Waiting for the first site…</p>;
  const open = tickets.value.filter(isOpen);
  return (
    <div class="stack">
      <section class="figures">
        <Figure name="Sites" value={String(view.sites.length)} />
        <Figure name="Open tickets" value={String(view.openTickets)} />
        <Figure
          name="Taken in"
          value={`${number(view.ingest.itemsPerSecond)} items/s, ${bytes(view.ingest.bytesPerSecond)}/s`}
        />
        <Figure name="Event log" value={`${count(view.ingest.logItems)} items`} />
        <Figure name="History" value={bytes(view.ingest.historyBytes)} />
        <Figure name="Waiting to train" value={String(view.trainingQueue)} />
      </section>
      {open.length > 0 && (
        <section class="panel">
          <h2>Maintenance due</h2>
          <div class="stack">
            {open.slice(0, 4).map((ticket) => (
              <TicketCard key={ticket.id} ticket={ticket} />
            ))}
          </div>
        </section>
      )}
      {view.sites.length === 0 && (
        <p class="empty">
          No site has reported yet. “weir-cloud enrol-site” gives one its certificate.
        </p>
      )}
      {view.sites.map((site) => (
        <Site key={site.id} site={site} />
      ))}
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div class="figure">
      <span class="soft">{name}</span>
      <strong>{value}</strong>
    </div>
  );
}

function Site({ site }: { site: FleetSite }) {
  return (
    <section class="panel">
      <h2>
        {site.name}{" "}
        <span class={site.online ? "soft" : "problem"}>{site.online ? "online" : "offline"}</span>
        <span class="soft">
          {site.tags} tags{site.lastItemMs !== null && `, newest ${dayTime(site.lastItemMs)}`}
        </span>
      </h2>
      <div class="columns">
        <div>
          <h3>Assets, worst first</h3>
          {site.health.length === 0 && (
            <p class="empty">No model has scored yet; the first are being trained.</p>
          )}
          {site.health.slice(0, healthShown).map((asset) => (
            <a
              key={asset.stage}
              class="asset"
              href={`#/history?site=${site.id}&stage=${asset.stage}`}
            >
              <strong>{asset.stage}</strong> <span class="grow">{asset.name}</span>
              <span class="soft">{asset.trend}</span>
              <Ratio value={asset.score} threshold={asset.threshold} />
            </a>
          ))}
        </div>
        <div>
          <h3>Open at the site</h3>
          {site.openIncidents.length === 0 && <p class="empty">Nothing.</p>}
          {site.openIncidents.map((incident) => (
            <p key={incident.id}>
              <strong>{incident.stage}</strong> {incident.headline}{" "}
              <span class="soft">
                {incident.severity}, {dayTime(incident.openedAtMs)}
              </span>
            </p>
          ))}
        </div>
        <div>
          <h3>Edges and models</h3>
          {site.edges.map((edge) => (
            <p key={edge.id}>
              {edge.id}{" "}
              <span class={edge.online ? "soft" : "problem"}>
                {edge.online ? "online" : "offline"}
              </span>
              {edge.latchedTrips > 0 && (
                <span class="problem"> {edge.latchedTrips} trip latched</span>
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
      </div>
    </section>
  );
}

/** Score over threshold: the line in the middle is the decision. */
export function Ratio({ value, threshold }: { value: number; threshold: number }) {
  const ratio = threshold > 0 ? value / threshold : 0;
  return (
    <span class="ratio" title={`${number(value)} against ${number(threshold)}`}>
      <i class={ratio >= 1 ? "over" : ""} style={{ width: `${Math.min(100, ratio * 50)}%` }} />
      <b />
    </span>
  );
}
