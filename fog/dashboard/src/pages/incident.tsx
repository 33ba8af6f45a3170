/** One incident: what, since when, which sensors and in which direction, what to check, and the three buttons. */
import type { IncidentView } from "@weir/contracts/api/fog.ts";
import { Glyph } from "@weir/ui/glyph.tsx";
import { useLoad } from "@weir/ui/load.ts";
import { Trends } from "@weir/ui/trend-range.tsx";
import { dayTime, number, percent, span } from "@weir/ui/words.ts";
import { FeedbackButtons } from "../feedback-buttons.tsx";

const aroundMs = 2 * 3_600_000;
const trendsShown = 4;

export function IncidentPage({ id }: { id: string }) {
  const [state, replace] = useLoad<IncidentView>(`/api/incidents/${encodeURIComponent(id)}`);
  if (state.at === "loading") return <p class="empty">Loading…</p>;
  if (state.at === "failed") return <p class="problem">{state.why}</p>;
  const incident = state.value;
  const tags = [...new Set(incident.contributions.map((one) => one.tag))].slice(0, trendsShown);
  return (
    <div class="stack">
      <div class="row">
        <Glyph severity={incident.severity} />
        <h1>{incident.headline}</h1>
      </div>
      <div class="stage-body">
        <div class="stack">
          <section class="panel">
            <p>{incident.story}</p>
            <dl class="facts">
              <dt>Stage</dt>
              <dd>
                <a href={`#/stage/${incident.stage}`}>
                  {incident.stage} {incident.stageName}
                </a>
              </dd>
              <dt>Since</dt>
              <dd>
                {dayTime(incident.openedAtMs)}
                {incident.closedAtMs !== null &&
                  ` to ${dayTime(incident.closedAtMs)} (${span(incident.closedAtMs - incident.openedAtMs)})`}
              </dd>
              <dt>Found by</dt>
              <dd>{incident.detector}</dd>
              <dt>Score</dt>
              <dd>
                {number(incident.score)} against {number(incident.threshold)}
              </dd>
              {incident.related.length > 0 && (
                <>
                  <dt>Includes</dt>
                  <dd>{incident.related.join(", ")}</dd>
                </>
              )}
            </dl>
            {incident.backlog && <p class="soft">Recognised in readings that arrived late.</p>}
          </section>
          <Reasons incident={incident} />
          <section class="panel">
            <h2>Check</h2>
            <ol class="checks">
              {incident.suggestedChecks.map((check) => (
                <li key={check}>{check}</li>
              ))}
            </ol>
            <p class="soft">
              An advisory changes nothing in the plant: no output is written because of it.
            </p>
          </section>
          <FeedbackButtons incident={incident} onDone={replace} />
        </div>
        <section class="panel">
          <h2>The sensors behind it</h2>
          <Trends
            path="/api/trends"
            tags={tags}
            fromMs={incident.openedAtMs - aroundMs}
            toMs={Math.ceil(incident.updatedAtMs / 60_000) * 60_000 + 600_000}
            markers={[
              {
                atMs: incident.openedAtMs,
                text: "found",
                kind: incident.detector.includes("trip") ? "trip" : "incident",
              },
            ]}
          />
        </section>
      </div>
    </div>
  );
}

function Reasons({ incident }: { incident: IncidentView }) {
  return (
    <section class="panel">
      <h2>
        Why <span class="soft">sensors by their share of the score</span>
      </h2>
      {incident.contributions.length === 0 && (
        <p class="empty">A single limit decided this; see the trip.</p>
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
              {one.name}: {number(one.value)} {one.unit}, expected {number(one.expected)} {one.unit}{" "}
              ({one.feature}, {one.direction})
            </span>
          </div>
        ))}
      </div>
    </section>
  );
}
