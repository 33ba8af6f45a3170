/** The plant at a glance: one screen, no scrolling at 1080p. It claims only what the server says it has seen. */

import type { KpiView, PlantView, StoryLine } from "@weir/contracts/api/fog.ts";
import { FreshMark, freshClass, heardWords, isLive } from "@weir/ui/freshness.tsx";
import { OrderOutcome, ordersUnder } from "@weir/ui/order.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { Spark } from "@weir/ui/spark.tsx";
import { dayTime, minuteTime, sinceAndAge } from "@weir/ui/time-format.ts";
import { Waiting } from "@weir/ui/waiting.tsx";
import { counted, number, span } from "@weir/ui/words.ts";
import { IncidentCard } from "../incident-card.tsx";
import { plant } from "../plant.ts";
import { PlantHealth } from "../plant-health.tsx";
import { StageMatrix } from "../stage-matrix.tsx";
import { resetSubject, TripCard } from "../trip-card.tsx";

const incidentsShown = 4;

export function OverviewPage() {
  const view = plant.value;
  if (!view) return <Waiting>Waiting for the first picture of the plant…</Waiting>;
  return (
    <div class="overview">
      <StateLine view={view} />
      {view.kpis.length > 0 && (
        <section class="kpis" aria-label="Key figures">
          {view.kpis.map((kpi) => (
            <Kpi key={kpi.id} kpi={kpi} />
          ))}
        </section>
      )}
      <div class="overview-body">
        <div class="stack overview-main">
          <StageMatrix lines={view.lines} stages={view.stages} />
          <PlantHealth health={view.health} learning={view.learning} />
        </div>
        <div class="stack overview-open">
          <Trips view={view} />
          <OpenIncidents view={view} />
        </div>
        <Story lines={view.story} />
      </div>
    </div>
  );
}

const stateWords: Record<PlantView["state"], string> = {
  normal: "Normal",
  learning: "Learning",
  attention: "Attention",
  tripped: "Tripped",
  blind: "Blind",
};

function StateLine({ view }: { view: PlantView }) {
  const nowMs = siteNow.value ?? view.atMs;
  return (
    <section class={`state-line state-${view.state}`} role="status">
      <strong>{stateWords[view.state] ?? view.state}</strong>
      <span class="grow">{view.headline}</span>
      <span class="soft">since {sinceAndAge(view.stateSinceMs, nowMs)}</span>
    </section>
  );
}

/** Outside its band, as far as it is heard: an old value is no alarm, and no all-clear. */
export const isOutside = ({ value, low, high, freshness }: KpiView): boolean =>
  value !== null &&
  isLive(freshness) &&
  ((low !== undefined && value < low) || (high !== undefined && value > high));

/** Of which tags a figure is made, how many of them count now, and when they were last heard. */
export function kpiWords(
  {
    tags,
    tagsUsed,
    tagsAll,
    freshness,
  }: Pick<KpiView, "tags" | "tagsUsed" | "tagsAll" | "freshness">,
  nowMs: number,
): string {
  const what = tags.length === 1 ? "newest good value" : "mean of the newest good values";
  return [
    `${what} of ${tags.join(", ")}`,
    tagsUsed < tagsAll ? `${tagsUsed} of ${counted(tagsAll, "tag")} heard and good` : "",
    heardWords(freshness, nowMs),
  ]
    .filter(Boolean)
    .join(" · ");
}

function Kpi({ kpi }: { kpi: KpiView }) {
  const { name, value, unit, low, high, spark, freshness, tagsUsed, tagsAll } = kpi;
  return (
    <div
      class={`kpi ${isOutside(kpi) ? "kpi-outside" : ""} ${freshClass(freshness)}`}
      title={kpiWords(kpi, siteNow.value ?? freshness.sinceMs)}
    >
      <div class="kpi-name">
        {name}
        {tagsUsed < tagsAll && (
          <span title="tags that are heard and good, of all that make this figure">
            {" "}
            · {tagsUsed} of {counted(tagsAll, "tag")}
          </span>
        )}
      </div>
      <div class="kpi-value">
        <span class="value">{number(value)}</span> <span class="unit">{unit}</span>
      </div>
      <Spark values={spark} low={low} high={high} label={`${name}, last hour`} />
      <FreshMark fresh={freshness} />
    </div>
  );
}

function Trips({ view }: { view: PlantView }) {
  const latched = view.trips.filter((trip) => trip.latched);
  // Answers to orders about trips that are no longer here.
  const shown = new Set(latched.map(resetSubject));
  const answered = ordersUnder("reset/").filter((subject) => !shown.has(subject));
  return (
    <section class={`panel ${latched.length > 0 ? "panel-alarm" : ""}`}>
      <h2>Trips {latched.length > 0 && <span class="soft">{latched.length} latched</span>}</h2>
      {answered.map((subject) => (
        <OrderOutcome key={subject} subject={subject} />
      ))}
      {latched.length === 0 && <p class="empty">{noTripWords(view)}</p>}
      <div class="stack">
        {latched.map((trip) => (
          <TripCard key={`${trip.edge}/${trip.rule}`} trip={trip} />
        ))}
      </div>
    </section>
  );
}

/** What is told as of a minute, or of now; a longer allowance is named. */
const minuteWordsMaxMs = 120_000;

/** No trip, as far as edges are heard to say so. */
export function noTripWords({ evidence }: Pick<PlantView, "evidence">): string {
  const { edges, edgesHeard, heardWithinMs } = evidence;
  const now = heardWithinMs <= minuteWordsMaxMs ? "now" : `as of the last ${span(heardWithinMs)}`;
  if (edges === 0) return "No edge has reported yet: nothing is known of trips.";
  if (edgesHeard === 0) return "No edge is heard: whether anything has tripped is not known.";
  if (edgesHeard < edges)
    return `No trip is latched at the ${edgesHeard} of ${counted(edges, "edge")} that ${edgesHeard === 1 ? "is" : "are"} heard; of the others nothing is known.`;
  return edges === 1
    ? `No output is held by a trip: the edge says so ${now}.`
    : `No output is held by a trip: all ${edges} edges say so ${now}.`;
}

function OpenIncidents({ view }: { view: PlantView }) {
  const { incidents, incidentCount, suppressed } = view;
  return (
    <section class="panel">
      <h2>
        Open incidents{" "}
        {incidentCount > 0 && <span class="soft">{incidentCount}, most important first</span>}
      </h2>
      {incidentCount === 0 && <p class="empty">None. {nothingOpenWords(view)}</p>}
      <div class="stack">
        {incidents.slice(0, incidentsShown).map((incident) => (
          <IncidentCard key={incident.id} incident={incident} />
        ))}
      </div>
      {(incidentCount > incidentsShown || suppressed.length > 0) && (
        <p class="row">
          {incidentCount > incidentsShown && (
            <a href="#/incidents">All {counted(incidentCount, "open incident")}</a>
          )}
          {suppressed.length > 0 && (
            <a href="#/incidents?show=suppressed">{suppressed.length} suppressed, and by what</a>
          )}
        </p>
      )}
    </section>
  );
}

/** That nothing is open says something only of what is seen. */
export function nothingOpenWords({ evidence }: Pick<PlantView, "evidence">): string {
  const { stages, judged, learning, blind, judgedWithinMs } = evidence;
  const within = judgedWithinMs <= minuteWordsMaxMs ? "minute" : span(judgedWithinMs);
  if (judged === 0) return "No stage is judged now, so this says nothing about the plant.";
  const unseen = [
    learning > 0 ? `${learning} still learning` : "",
    blind > 0 ? `${blind} not seen` : "",
  ].filter(Boolean);
  const seen = `${judged} of ${counted(stages, "stage")} ${judged === 1 ? "was" : "were"} judged in the last ${within}`;
  return unseen.length === 0 ? `${seen}.` : `${seen}; ${unseen.join(", ")}.`;
}

const tierWords: Record<StoryLine["tier"], string> = {
  plant: "plant",
  edge: "edge",
  fog: "fog",
  cloud: "cloud",
};

function Story({ lines }: { lines: readonly StoryLine[] }) {
  return (
    <section class="panel story">
      <h2>
        What is happening, and why <span class="soft">newest first</span>
      </h2>
      {lines.length === 0 && (
        <p class="empty">
          Nothing has been told since this fog started. What edges decide is under{" "}
          <a href="#/events">Events</a>.
        </p>
      )}
      <ol>
        {lines.map((line) => (
          <li key={`${line.atMs}${line.text}`}>
            <span class="story-at" title={dayTime(line.atMs)}>
              {minuteTime(line.atMs)}
            </span>
            <span class={`tier tier-${line.tier}`}>{tierWords[line.tier]}</span>
            <div>
              {line.stage && <a href={`#/stage/${encodeURIComponent(line.stage)}`}>{line.stage}</a>}{" "}
              {line.text}
              {line.why && <p class="soft">{line.why}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
