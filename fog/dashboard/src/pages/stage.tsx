/** One stage: its sensors against their limits and learned bands, trends, incidents, model. */

import type { StageView, TagView } from "@weir/contracts/api/fog.ts";
import { QualityMark } from "@weir/ui/glyph.tsx";
import { useLoad } from "@weir/ui/load.ts";
import { Spark } from "@weir/ui/spark.tsx";
import { RangePicker, Trends } from "@weir/ui/trend-range.tsx";
import { number } from "@weir/ui/words.ts";
import { useState } from "preact/hooks";
import { ArtifactLine } from "../artifact-line.tsx";
import { IncidentCard } from "../incident-card.tsx";

const pensMax = 8;
const newestMs = (view: StageView): number => Math.max(0, ...view.tags.map((tag) => tag.atMs));

export function StagePage({ stage }: { stage: string }) {
  const [state] = useLoad<StageView>(`/api/stages/${encodeURIComponent(stage)}`);
  const [rangeMs, setRangeMs] = useState(6 * 3_600_000);
  const [picked, setPicked] = useState<string[] | null>(null);
  if (state.at === "loading") return <p class="empty">Loading…</p>;
  if (state.at === "failed") return <p class="problem">{state.why}</p>;
  const view = state.value;
  const pens = picked ?? view.tags.slice(0, 4).map((tag) => tag.id);
  const toggle = (id: string) =>
    setPicked(pens.includes(id) ? pens.filter((pen) => pen !== id) : [...pens, id].slice(-pensMax));
  const toMs = Math.ceil(newestMs(view) / 60_000) * 60_000;
  return (
    <div class="stack">
      <div class="row">
        <h1>
          {view.id} {view.name}
        </h1>
        <span class="soft">
          {view.equipment}
          {view.upstream.length > 0 && (
            <>
              {" "}
              · fed by{" "}
              {view.upstream.map((id) => (
                <a key={id} href={`#/stage/${id}`}>
                  {id}{" "}
                </a>
              ))}
            </>
          )}
        </span>
      </div>
      {view.incidents.map((incident) => (
        <IncidentCard key={incident.id} incident={incident} />
      ))}
      <div class="stage-body">
        <section class="panel">
          <h2>
            Sensors <span class="soft">tick up to {pensMax} for the trends</span>
          </h2>
          <div class="stack">
            {view.tags.map((tag) => (
              <TagRow
                key={tag.id}
                tag={tag}
                drawn={pens.includes(tag.id)}
                onToggle={() => toggle(tag.id)}
              />
            ))}
          </div>
          {view.model && <ArtifactLine artifact={view.model} />}
          {view.week && (
            <p class="soft">
              Against its last week: {number(view.week.ratio)} of the decision line{" "}
              <span class="mono">
                {view.week.name} v{view.week.version}
              </span>
            </p>
          )}
        </section>
        <section class="panel">
          <RangePicker rangeMs={rangeMs} onPick={setRangeMs} />
          <Trends
            path="/api/trends"
            tags={pens}
            fromMs={toMs - rangeMs}
            toMs={toMs}
            height={view.tags.length > 3 ? 140 : 190}
          />
        </section>
      </div>
    </div>
  );
}

function TagRow({ tag, drawn, onToggle }: { tag: TagView; drawn: boolean; onToggle: () => void }) {
  return (
    <div class="tag-row">
      <label>
        <input type="checkbox" checked={drawn} onChange={onToggle} /> <strong>{tag.name}</strong>
      </label>
      <span class="tag-value">
        {number(tag.value)} <span class="unit">{tag.unit}</span>{" "}
        <QualityMark quality={tag.quality} reason={tag.reason} />
      </span>
      <Gauge tag={tag} />
      <Spark
        values={tag.spark}
        low={tag.bandLow}
        high={tag.bandHigh}
        label={`${tag.name}, last hour`}
      />
    </div>
  );
}

/** Bar over the working range with the learned band, the hard limits and a pointer. */
function Gauge({ tag }: { tag: TagView }) {
  const known = [tag.value, tag.bandLow, tag.bandHigh, tag.hardLow, tag.hardHigh].filter(
    (value): value is number => typeof value === "number",
  );
  const low = Math.max(
    tag.min,
    Math.min(...known) - 0.15 * (Math.max(...known) - Math.min(...known) || 1),
  );
  const high = Math.min(
    tag.max,
    Math.max(...known) + 0.15 * (Math.max(...known) - Math.min(...known) || 1),
  );
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
