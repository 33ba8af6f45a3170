/** One incident: what, since when, which sensors and in which direction, what to check, and the three buttons. */
import type { ContributionView, IncidentView } from "@weir/contracts/api/fog.ts";
import { FreshMark, freshClass } from "@weir/ui/freshness.tsx";
import { Glyph } from "@weir/ui/glyph.tsx";
import { useLoading } from "@weir/ui/load.ts";
import { Show } from "@weir/ui/show.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { dayTime, sinceAndAge } from "@weir/ui/time-format.ts";
import { Trends } from "@weir/ui/trend-range.tsx";
import { number, percent, span } from "@weir/ui/words.ts";
import { FeedbackButtons } from "../feedback-buttons.tsx";

const aroundMs = 2 * 3_600_000;
/** A chart of weeks shows nothing of hours. */
const shownMaxMs = 24 * 3_600_000;
const trendsShown = 4;

export function IncidentPage({ id }: { id: string }) {
  const loading = useLoading<IncidentView>(`/api/incidents/${encodeURIComponent(id)}`);
  return (
    <Show loading={loading} what="the incident" wayOn={<a href="#/incidents">All incidents</a>}>
      {(incident) => <Incident incident={incident} onLabel={loading.replace} />}
    </Show>
  );
}

interface IncidentProps {
  incident: IncidentView;
  onLabel: (incident: IncidentView) => void;
}

function Incident({ incident, onLabel }: IncidentProps) {
  const tags = [...new Set(incident.contributions.map((one) => one.tag))].slice(0, trendsShown);
  const nowMs = siteNow.value ?? incident.updatedAtMs;
  const lastMs = incident.closedAtMs ?? nowMs;
  // An old one is shown around its beginning, an open one up to now.
  const toMs = Math.min(nowMs, Math.max(lastMs, incident.openedAtMs) + aroundMs);
  const fromMs = Math.max(incident.openedAtMs - aroundMs, toMs - shownMaxMs);
  const isTrip = incident.kind === "trip";
  return (
    <div class="stack">
      <div class="row">
        <Glyph severity={incident.severity} />
        <h1>{incident.headline}</h1>
      </div>
      <div class="stage-body">
        <div class="stack">
          <section
            class={`panel ${incident.state === "open" ? freshClass(incident.freshness) : ""}`}
          >
            <p>{incident.story}</p>
            <Facts incident={incident} nowMs={nowMs} />
            {incident.backlog && <p class="soft">Recognised in readings that arrived late.</p>}
          </section>
          <Reasons incident={incident} />
          {incident.suggestedChecks.length > 0 && (
            <section class="panel">
              <h2>Check</h2>
              <ol class="checks">
                {incident.suggestedChecks.map((check) => (
                  <li key={check}>{check}</li>
                ))}
              </ol>
              {!isTrip && (
                <p class="soft">
                  This changes nothing in the plant: no output is written because of it.
                </p>
              )}
            </section>
          )}
          <FeedbackButtons incident={incident} onDone={onLabel} />
        </div>
        <section class="panel">
          <h2>The sensors behind it</h2>
          {tags.length === 0 ? (
            <p class="empty">
              It does not rest on single sensors.{" "}
              {incident.stage && (
                <a href={`#/stage/${encodeURIComponent(incident.stage)}`}>Look at the stage</a>
              )}
            </p>
          ) : (
            <Trends
              path="/api/trends"
              tags={tags}
              fromMs={fromMs}
              toMs={Math.ceil(toMs / 60_000) * 60_000}
              markers={[
                { atMs: incident.openedAtMs, text: "found", kind: isTrip ? "trip" : "incident" },
              ]}
            />
          )}
        </section>
      </div>
    </div>
  );
}

function Facts({ incident, nowMs }: { incident: IncidentView; nowMs: number }) {
  const { openedAtMs, closedAtMs, score, threshold, related, suppressedBy } = incident;
  return (
    <dl class="facts">
      <dt>State</dt>
      <dd>
        {incident.state}, {incident.severity}
        {incident.closedBy && `: ${incident.closedBy}`}
      </dd>
      {incident.stage && (
        <>
          <dt>Stage</dt>
          <dd>
            <a href={`#/stage/${encodeURIComponent(incident.stage)}`}>
              {incident.stage} {incident.stageName}
            </a>
          </dd>
        </>
      )}
      <dt>Since</dt>
      <dd>
        {closedAtMs === null
          ? sinceAndAge(openedAtMs, nowMs)
          : `${dayTime(openedAtMs)} to ${dayTime(closedAtMs)} (${span(closedAtMs - openedAtMs)})`}
      </dd>
      {incident.state === "open" && incident.freshness.state !== "live" && (
        <>
          <dt>Evidence</dt>
          <dd>
            <FreshMark fresh={incident.freshness} /> it stays open; {incident.freshness.reason}
          </dd>
        </>
      )}
      <dt>Found by</dt>
      <dd>
        {incident.detector} {incident.edge && `at ${incident.edge}`}
      </dd>
      {threshold > 0 && (
        <>
          <dt>Score</dt>
          <dd>
            {number(score)} against {number(threshold)}
          </dd>
        </>
      )}
      {suppressedBy && (
        <>
          <dt>Explained by</dt>
          <dd>
            <a href={`#/incidents/${encodeURIComponent(suppressedBy)}`}>another incident</a>
          </dd>
        </>
      )}
      {related.length > 0 && (
        <>
          <dt>Includes</dt>
          <dd>{related.join(", ")}</dd>
        </>
      )}
    </dl>
  );
}

function Reasons({ incident }: { incident: IncidentView }) {
  return (
    <section class="panel">
      <h2>
        Why <span class="soft">sensors by their share of the score</span>
      </h2>
      {incident.contributions.length === 0 && (
        <p class="empty">No sensors were weighed against each other for this.</p>
      )}
      <div class="stack">
        {incident.contributions.map((one) => (
          <div key={`${one.tag}${one.feature}`} class="reason">
            <div class="row">
              <strong class="grow">{one.text}</strong>
              <span class="soft">{percent(one.share)}</span>
            </div>
            <div class="meter">
              <i style={{ width: `${one.share * 100}%` }} />
            </div>
            <span class="soft">
              {reasonFigures(one)} ({one.feature}, {one.direction})
            </span>
          </div>
        ))}
      </div>
    </section>
  );
}

/** "Level 2: 4.1 m, expected 3.9 m", as far as there are figures. */
export function reasonFigures(
  one: Pick<ContributionView, "name" | "unit" | "value" | "expected">,
): string {
  const figure = (value: number) => `${number(value)} ${one.unit}`.trim();
  if (one.value === null) return one.name;
  const expected = one.expected === null ? "" : `, expected ${figure(one.expected)}`;
  return `${one.name}: ${figure(one.value)}${expected}`;
}
