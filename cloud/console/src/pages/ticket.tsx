/** One ticket: what to do, why, by when, and closing it, which labels the time span for training. */

import type { HealthSeriesView, TicketView } from "@weir/contracts/api/cloud.ts";
import { CrossedEye } from "@weir/ui/freshness.tsx";
import { Glyph } from "@weir/ui/glyph.tsx";
import { useLoading } from "@weir/ui/load.ts";
import { Show } from "@weir/ui/show.tsx";
import { Trends } from "@weir/ui/trend-range.tsx";
import { counted, number, percent } from "@weir/ui/words.ts";
import { fleet, siteName, siteTime, zoneOf } from "../fleet-state.ts";
import { HealthChart } from "../health-chart.tsx";
import { SiteLink } from "../site-link.tsx";
import { severityOf } from "../ticket-card.tsx";
import { TicketOutcome } from "../ticket-outcome.tsx";

export function TicketPage({ id }: { id: string }) {
  const loading = useLoading<TicketView>(`/api/tickets/${encodeURIComponent(id)}`);
  return (
    <Show loading={loading} what="the ticket" wayOn={<a href="#/tickets">All tickets</a>}>
      {(ticket) => <Ticket ticket={ticket} onDone={loading.replace} />}
    </Show>
  );
}

function Ticket({ ticket, onDone }: { ticket: TicketView; onDone: (ticket: TicketView) => void }) {
  const site = fleet.value?.sites.find((one) => one.id === ticket.site);
  return (
    <div class="stack">
      <div class="row">
        <Glyph severity={severityOf[ticket.priority]} />
        <h1>{ticket.title}</h1>
      </div>
      {site && !site.online && (
        <p class="old" role="status">
          <CrossedEye /> {site.name} is silent, so this ticket is as of then:{" "}
          <SiteLink site={site} />
        </p>
      )}
      <div class="two">
        <div class="stack">
          <section class="panel">
            <p>{ticket.summary}</p>
            <h2>Do</h2>
            {ticket.recommendedActions.length === 0 && (
              <p class="empty">Nothing is recommended: look at the evidence and decide.</p>
            )}
            <ol>
              {ticket.recommendedActions.map((action) => (
                <li key={action}>{action}</li>
              ))}
            </ol>
            {ticket.partsHint.length > 0 && <p>Bring: {ticket.partsHint.join(", ")}</p>}
            {ticket.safetyNotes && <p class="safety">{ticket.safetyNotes}</p>}
          </section>
          <Facts ticket={ticket} />
          <TicketOutcome ticket={ticket} onDone={onDone} />
          <section class="panel">
            <h2>History</h2>
            {ticket.history.map((line) => (
              <p key={`${line.atMs}${line.text}`}>
                <span class="soft">{siteTime(ticket.site, line.atMs)}</span> {line.by}: {line.text}
              </p>
            ))}
          </section>
        </div>
        <EvidenceCharts ticket={ticket} />
      </div>
    </div>
  );
}

function EvidenceCharts({ ticket }: { ticket: TicketView }) {
  const query = `site=${encodeURIComponent(ticket.site)}&stage=${encodeURIComponent(ticket.stage)}`;
  const hasSeries = ticket.hasHealthSeries ?? false;
  const health = useLoading<HealthSeriesView>(hasSeries ? `/api/health-series?${query}` : null);
  return (
    <div class="stack">
      {hasSeries && (
        <Show loading={health} what="the stage's scores">
          {(view) => <HealthChart health={view} />}
        </Show>
      )}
      {!hasSeries && ticket.evidence.length === 0 && (
        <p class="empty">No measurement is attached to it; its summary says what it rests on.</p>
      )}
      {evidenceGroups(ticket.evidence).map(({ texts, tags, fromMs, toMs }) => (
        <section key={`${texts.join()}${fromMs}`} class="panel">
          {texts.map((text) => (
            <h2 key={text}>{text}</h2>
          ))}
          <Trends
            path={`/api/history?site=${encodeURIComponent(ticket.site)}`}
            tags={tags}
            fromMs={fromMs}
            toMs={toMs}
            tz={zoneOf(ticket.site)}
          />
        </section>
      ))}
    </div>
  );
}

type Evidence = TicketView["evidence"][number];

/** What is seen in the same charts is said above them together, and they are drawn once. */
export function evidenceGroups(
  list: readonly Evidence[],
): (Omit<Evidence, "kind" | "text"> & { texts: string[] })[] {
  const groups = Map.groupBy(
    list,
    ({ tags, fromMs, toMs }) => `${tags.toSorted().join()} ${fromMs} ${toMs}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { tags, fromMs, toMs } = first;
    return [{ tags, fromMs, toMs, texts: group.map(({ text }) => text) }];
  });
}

function Facts({ ticket }: { ticket: TicketView }) {
  const predicted = ticket.predictedFailure;
  return (
    <section class="panel">
      <dl class="facts">
        <dt>Site</dt>
        <dd>{siteName(ticket.site)}</dd>
        <dt>Asset</dt>
        <dd>
          {ticket.assetPath} ({ticket.equipmentClass})
        </dd>
        <dt>Status</dt>
        <dd>
          {ticket.status.replace("_", " ")}, {ticket.priority}, due{" "}
          {siteTime(ticket.site, ticket.dueAtMs)}
        </dd>
        <dt>Failure mode</dt>
        <dd>
          {ticket.failureMode} {ticket.mechanism && `· ${ticket.mechanism}`}
        </dd>
        <dt>Seen</dt>
        <dd>
          {siteTime(ticket.site, ticket.firstSeenMs)} to {siteTime(ticket.site, ticket.lastSeenMs)},{" "}
          {counted(ticket.occurrences, "time")}
        </dd>
        {predicted && (
          <>
            <dt>Fails by</dt>
            <dd>
              {siteTime(ticket.site, predicted.p50Ms)}{" "}
              <span class="soft">
                ({siteTime(ticket.site, predicted.p10Ms)} to{" "}
                {siteTime(ticket.site, predicted.p90Ms)})
              </span>
            </dd>
          </>
        )}
        <dt>Found by</dt>
        <dd>
          {ticket.detector.model} v{ticket.detector.version}, {number(ticket.detector.score)}{" "}
          against {number(ticket.detector.threshold)}, confidence {percent(ticket.confidence)}
        </dd>
      </dl>
    </section>
  );
}
