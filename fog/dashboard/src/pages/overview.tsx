/** The plant at a glance: one screen, no scrolling at 1080p (operator.md §3.3). */
import type { HealthView, KpiView, PlantView, StoryLine } from "@weir/contracts/api/fog.ts";
import { Spark } from "@weir/ui/spark.tsx";
import { bytes, clockTime, number, span } from "@weir/ui/words.ts";
import { IncidentCard } from "../incident-card.tsx";
import { edges, plant } from "../plant.ts";
import { StageMatrix } from "../stage-matrix.tsx";
import { TripCard } from "../trip-card.tsx";

export function OverviewPage() {
  const view = plant.value;
  if (!view) return <p class="empty">Waiting for the first readings…</p>;
  return (
    <div class="overview">
      <StateLine view={view} />
      <section class="kpis" aria-label="Key figures">
        {view.kpis.map((kpi) => (
          <Kpi key={kpi.id} kpi={kpi} />
        ))}
      </section>
      <div class="overview-body">
        <div class="stack">
          <StageMatrix lines={view.lines} stages={view.stages} />
          <Health health={view.health} />
        </div>
        <div class="stack">
          <Trips view={view} />
          <section class="panel">
            <h2>
              What is not normal <span class="soft">most important first</span>
            </h2>
            {view.incidents.length === 0 && (
              <p class="empty">Nothing. The plant behaves as it was learned.</p>
            )}
            <div class="stack">
              {view.incidents.slice(0, 3).map((incident) => (
                <IncidentCard key={incident.id} incident={incident} />
              ))}
            </div>
          </section>
        </div>
        <Story lines={view.story} />
      </div>
    </div>
  );
}

function StateLine({ view }: { view: PlantView }) {
  return (
    <section class={`state-line state-${view.state}`} role="status">
      <strong>
        {
          {
            normal: "Normal",
            learning: "Learning",
            attention: "Attention",
            tripped: "Tripped",
            blind: "Blind",
          }[view.state]
        }
      </strong>
      <span>{view.headline}</span>
      {view.health.cloud === "offline" && (
        <span class="soft">Cloud offline: local protection is not affected.</span>
      )}
    </section>
  );
}

function Kpi({ kpi }: { kpi: KpiView }) {
  const outside =
    kpi.value !== null &&
    ((kpi.low !== undefined && kpi.value < kpi.low) ||
      (kpi.high !== undefined && kpi.value > kpi.high));
  return (
    <div class={`kpi ${outside ? "kpi-outside" : ""}`}>
      <div class="kpi-name">{kpi.name}</div>
      <div class="kpi-value">
        {number(kpi.value)} <span class="unit">{kpi.unit}</span>
      </div>
      <Spark values={kpi.spark} low={kpi.low} high={kpi.high} label={`${kpi.name}, last hour`} />
    </div>
  );
}

function Trips({ view }: { view: PlantView }) {
  const latched = view.trips.filter((trip) => trip.latched);
  return (
    <section class={`panel ${latched.length > 0 ? "panel-alarm" : ""}`}>
      <h2>Trips {latched.length > 0 && <span class="soft">{latched.length} latched</span>}</h2>
      {latched.length === 0 && <p class="empty">No output is held by a trip.</p>}
      <div class="stack">
        {latched.map((trip) => (
          <TripCard key={`${trip.edge}/${trip.rule}`} trip={trip} />
        ))}
      </div>
    </section>
  );
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
      {lines.length === 0 && <p class="empty">Quiet so far.</p>}
      <ol>
        {lines.map((line) => (
          <li key={`${line.atMs}${line.text}`}>
            <span class="story-at">{clockTime(line.atMs).slice(0, 5)}</span>
            <span class={`tier tier-${line.tier}`}>{tierWords[line.tier]}</span>
            <div>
              {line.stage && <a href={`#/stage/${line.stage}`}>{line.stage}</a>} {line.text}
              {line.why && <p class="soft">{line.why}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Health({ health }: { health: HealthView }) {
  return (
    <section class="panel">
      <h2>System</h2>
      <div class="health">
        <Fact
          name="Edges online"
          value={`${health.edgesOnline} of ${health.edges}`}
          bad={health.edgesOnline < health.edges}
        />
        <Fact
          name="Newest reading"
          value={health.lastDataAgeMs === null ? "none yet" : `${span(health.lastDataAgeMs)} old`}
        />
        <Fact
          name="Cloud"
          value={health.cloud + (health.cloudBacklog > 0 ? `, ${health.cloudBacklog} to send` : "")}
          bad={health.cloud === "offline"}
        />
        <Protection />
        <Fact name="Historian" value={bytes(health.historianBytes)} />
        <Fact name="Clock skew" value={span(health.skewMsWorst)} />
        <Fact
          name="Models"
          value={`${health.models.filter((model) => model.outcome === "active").length} active`}
        />
        <Fact
          name="Refused"
          value={`${health.models.filter((model) => model.outcome === "refused").length} models`}
        />
        <Fact name="Alerts, 24 h" value={String(health.alertsLast24h)} />
      </div>
    </section>
  );
}

/** Whatever makes protection less than it should be, counted; the page of the edges says which. */
function Protection() {
  const said = edges.value.flatMap(({ safety }) => (safety ? [safety] : []));
  const overdue = said.flatMap(({ proofTests }) =>
    proofTests.filter(({ state }) => state === "overdue" || state === "failed"),
  );
  const lacks = [
    [said.filter(({ approved }) => !approved).length, "not approved"],
    [edges.value.flatMap(({ bypasses }) => bypasses).length, "bypassed"],
    [said.flatMap(({ blindRules }) => blindRules).length, "blind"],
    [overdue.length, "tests due"],
  ] as const;
  const words = lacks.flatMap(([many, what]) => (many > 0 ? [`${many} ${what}`] : []));
  if (said.length === 0 && words.length === 0) return null;
  return (
    <a class="fact-link" href="#/edges">
      <Fact
        name="Protection"
        value={words.join(", ") || "approved, in force"}
        bad={words.length > 0}
      />
    </a>
  );
}

function Fact({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) {
  return (
    <div class={bad ? "fact fact-bad" : "fact"}>
      <span class="soft">{name}</span>
      <strong>{value}</strong>
    </div>
  );
}
