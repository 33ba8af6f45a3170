/** One stage: what is known of it now, its sensors against limits and learned bands, trends, incidents, model. */

import type { StageView, TagView } from "@weir/contracts/api/fog.ts";
import { FreshMark, freshClass } from "@weir/ui/freshness.tsx";
import { QualityMark } from "@weir/ui/glyph.tsx";
import { useLoading } from "@weir/ui/load.ts";
import { route, setQuery } from "@weir/ui/route.ts";
import { Show } from "@weir/ui/show.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { Spark } from "@weir/ui/spark.tsx";
import { pensMax } from "@weir/ui/tag-explorer.tsx";
import { tagLabels } from "@weir/ui/tag-labels.ts";
import { dayTime, sinceAndAge } from "@weir/ui/time-format.ts";
import { chartEnd, RangePicker, Trends } from "@weir/ui/trend-range.tsx";
import { number } from "@weir/ui/words.ts";
import { useState } from "preact/hooks";
import { ArtifactLine } from "../artifact-line.tsx";
import { IncidentCard } from "../incident-card.tsx";

const pensAtFirst = 4;

export function StagePage({ stage }: { stage: string }) {
  const loading = useLoading<StageView>(`/api/stages/${encodeURIComponent(stage)}`);
  return (
    <Show loading={loading} what="the stage" wayOn={<a href="#/">To the plant</a>}>
      {(view) => <Stage view={view} />}
    </Show>
  );
}

function Stage({ view }: { view: StageView }) {
  const [rangeMs, setRangeMs] = useState(6 * 3_600_000);
  const asked = route.value.query.get("tags");
  const known = view.tags.map(({ id }) => id);
  const pens =
    asked === null
      ? known.slice(0, pensAtFirst)
      : asked.split(",").filter((id) => known.includes(id));
  const toggle = (id: string) => {
    const next = pens.includes(id) ? pens.filter((pen) => pen !== id) : [...pens, id];
    setQuery({ tags: next.slice(-pensMax).join(",") });
  };
  const toMs = chartEnd(rangeMs);
  return (
    <div class="stack">
      <Heading view={view} />
      {view.incidents.map((incident) => (
        <IncidentCard key={incident.id} incident={incident} />
      ))}
      <div class="stage-body">
        <div class="stack">
          <Sensors view={view} pens={pens} onToggle={toggle} />
          <Model view={view} />
        </div>
        <section class="panel">
          <RangePicker rangeMs={rangeMs} onPick={setRangeMs} />
          {toMs !== null && (
            <Trends
              path="/api/trends"
              tags={pens}
              fromMs={toMs - rangeMs}
              toMs={toMs}
              height={pens.length > 3 ? 140 : 190}
            />
          )}
        </section>
      </div>
    </div>
  );
}

function Heading({ view }: { view: StageView }) {
  const nowMs = siteNow.value ?? view.stateSinceMs;
  return (
    <>
      <div class="row">
        <h1>
          {view.id} {view.name !== view.id && view.name}
        </h1>
        <span class="soft">
          {view.equipment}
          {view.upstream.length > 0 && (
            <>
              {" "}
              · fed by{" "}
              {view.upstream.map((id) => (
                <a key={id} href={`#/stage/${encodeURIComponent(id)}`}>
                  {id}{" "}
                </a>
              ))}
            </>
          )}
        </span>
      </div>
      <p class={`state-line ${freshClass(view.freshness)}`} role="status">
        <strong>{view.state}</strong>
        <span class="grow">{view.evidence}</span>
        <FreshMark fresh={view.freshness} />
        <span class="soft">since {sinceAndAge(view.stateSinceMs, nowMs)}</span>
      </p>
    </>
  );
}

interface SensorsProps {
  view: StageView;
  pens: readonly string[];
  onToggle: (id: string) => void;
}

function Sensors({ view, pens, onToggle }: SensorsProps) {
  const labels = tagLabels(view.tags);
  return (
    <section class="panel">
      <h2>
        Sensors <span class="soft">tick up to {pensMax} for the trends</span>
      </h2>
      {view.kindNote && <p class="notice">{view.kindNote}</p>}
      {view.tags.length === 0 && (
        <p class="empty">
          No edge has announced a tag of this stage. Tags name their stage in the edge's file.{" "}
          <a href="#/edges">To the edges</a>
        </p>
      )}
      <div class="stack">
        {view.tags.map((tag) => (
          <TagRow
            key={tag.id}
            tag={tag}
            label={labels.get(tag.id) ?? tag.name}
            drawn={pens.includes(tag.id)}
            onToggle={() => onToggle(tag.id)}
          />
        ))}
      </div>
    </section>
  );
}

function Model({ view }: { view: StageView }) {
  const { learning, model, week, score, scoreAtMs } = view;
  const nowMs = siteNow.value ?? view.stateSinceMs;
  return (
    <section class="panel">
      <h2>How it is judged</h2>
      {score !== null && scoreAtMs !== null && (
        <p>
          Score {number(score)}, decision at 1, of the window that ended{" "}
          {sinceAndAge(scoreAtMs, nowMs)}
        </p>
      )}
      {score === null && scoreAtMs !== null && (
        <p>Not judged since {sinceAndAge(scoreAtMs, nowMs)}.</p>
      )}
      {learning && (
        <p>
          {learning.state}: {learning.reason}
          {learning.state === "waiting" && learning.whenMs !== null && (
            <span class="soft"> about {dayTime(learning.whenMs)}</span>
          )}
        </p>
      )}
      {model && <ArtifactLine artifact={model} />}
      {!model && !learning && <p class="empty">No model judges this stage.</p>}
      {week && (
        <p class="soft">
          Against its last week: {number(week.ratio)} of the decision line at {dayTime(week.atMs)}{" "}
          <span class="mono">
            {week.name} v{week.version}
          </span>
        </p>
      )}
    </section>
  );
}

interface TagRowProps {
  tag: TagView;
  label: string;
  drawn: boolean;
  onToggle: () => void;
}

function TagRow({ tag, label, drawn, onToggle }: TagRowProps) {
  return (
    <div class={`tag-row ${freshClass(tag.freshness)}`}>
      <label title={tag.id}>
        <input type="checkbox" checked={drawn} onChange={onToggle} /> <strong>{label}</strong>
        <span class="soft block">
          {tag.id.split("/").slice(1).join("/")}
          {kindNote(tag) && `, ${kindNote(tag)}`}
        </span>
      </label>
      <span class="tag-value">
        <span class="value">{tagFigure(tag)}</span> <span class="unit">{tag.unit}</span>
      </span>
      <Gauge tag={tag} />
      <Spark
        values={tag.spark}
        low={tag.bandLow}
        high={tag.bandHigh}
        label={`${label}, last hour`}
      />
      {(tag.quality !== "good" || tag.freshness.state !== "live") && (
        <span class="tag-why">
          <QualityMark quality={tag.quality} reason={tag.reason} />{" "}
          {tag.quality !== "good" && tag.reason} <FreshMark fresh={tag.freshness} />
        </span>
      )}
    </div>
  );
}

/** A bit is 0 or 1, without the decimals of a measurement. */
export function tagFigure({
  value,
  unit,
  min,
  max,
}: Pick<TagView, "value" | "unit" | "min" | "max">): string {
  const isBit = unit === "" && min === 0 && max === 1 && (value === 0 || value === 1);
  return isBit ? String(value) : number(value);
}

/** What there is to say of a tag's kind: that nobody gave it, or that it is not known. Empty: it was given. */
export function kindNote({
  kind,
  kindName,
  kindInferred,
}: Pick<TagView, "kind" | "kindName" | "kindInferred">): string {
  if (!kind || kind === "other") return "kind not known";
  const words = kindName || kind.replaceAll("_", " ");
  return kindInferred ? `${words} as inferred from unit and name` : "";
}

/** Bar over the working range with the learned band, the hard limits and a pointer. */
function Gauge({ tag }: { tag: TagView }) {
  const known = [tag.value, tag.bandLow, tag.bandHigh, tag.hardLow, tag.hardHigh].filter(
    (value): value is number => typeof value === "number",
  );
  if (known.length === 0) return <span class="gauge" aria-hidden="true" />;
  const room = 0.15 * (Math.max(...known) - Math.min(...known) || 1);
  // A range of 0 to 0 is none.
  const isRanged = tag.max > tag.min;
  const low = Math.max(isRanged ? tag.min : Number.NEGATIVE_INFINITY, Math.min(...known) - room);
  const high = Math.min(isRanged ? tag.max : Number.POSITIVE_INFINITY, Math.max(...known) + room);
  const at = (value: number) =>
    `${Math.min(100, Math.max(0, ((value - low) / (high - low || 1)) * 100))}%`;
  return (
    <span class="gauge" aria-hidden="true">
      {tag.bandLow !== undefined && tag.bandHigh !== undefined && (
        <i
          class="gauge-band"
          style={{ left: at(tag.bandLow), width: `calc(${at(tag.bandHigh)} - ${at(tag.bandLow)})` }}
        />
      )}
      {tag.hardLow !== undefined && <i class="gauge-limit" style={{ left: at(tag.hardLow) }} />}
      {tag.hardHigh !== undefined && <i class="gauge-limit" style={{ left: at(tag.hardHigh) }} />}
      {tag.value !== null && <i class="gauge-now" style={{ left: at(tag.value) }} />}
    </span>
  );
}
