/** Any tags of a site over days, and the health of a stage where a model watches it. */

import type { HealthSeriesView } from "@weir/contracts/api/cloud.ts";
import { useLoad } from "@weir/ui/load.ts";
import { route } from "@weir/ui/route.ts";
import { RangePicker, Trends } from "@weir/ui/trend-range.tsx";
import { useEffect, useState } from "preact/hooks";
import { fleet } from "../fleet-state.ts";
import { HealthChart } from "../health-chart.tsx";

interface TagLine {
  id: string;
  name: string;
  unit: string;
  stage: string;
  kind: string;
}

const pensMax = 8;

export function HistoryPage() {
  const query = route.value.query;
  const site = query.get("site") ?? fleet.value?.sites[0]?.id ?? "";
  const stage = query.get("stage") ?? "S02";
  const [tags] = useLoad<TagLine[]>(site ? `/api/sites/${encodeURIComponent(site)}/tags` : null);
  const [health] = useLoad<HealthSeriesView>(
    site
      ? `/api/health-series?site=${encodeURIComponent(site)}&stage=${encodeURIComponent(stage)}`
      : null,
  );
  const [rangeMs, setRangeMs] = useState(28 * 86_400_000);
  const [pens, setPens] = useState<string[] | null>(null);
  useEffect(() => setPens(null), [stage, site]);
  if (tags.at !== "here")
    return <p class="empty">{tags.at === "failed" ? tags.why : "Loading…"}</p>;
  const stages = [...new Set(tags.value.map((tag) => tag.stage))].sort();
  const own = tags.value.filter((tag) => tag.stage === stage);
  const shown = pens ?? own.slice(0, 4).map((tag) => tag.id);
  const toMs = fleet.value?.sites.find((one) => one.id === site)?.lastItemMs ?? 0;
  const toggle = (id: string) =>
    setPens(
      shown.includes(id) ? shown.filter((pen) => pen !== id) : [...shown, id].slice(-pensMax),
    );
  return (
    <div class="stack">
      <div class="row">
        <h1>History</h1>
        <select
          value={stage}
          aria-label="Stage"
          onChange={(event) => {
            location.hash = `#/history?site=${site}&stage=${(event.target as HTMLSelectElement).value}`;
          }}
        >
          {stages.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <RangePicker rangeMs={rangeMs} onPick={setRangeMs} />
      </div>
      <div class="row">
        {own.map((tag) => (
          <label key={tag.id}>
            <input
              type="checkbox"
              checked={shown.includes(tag.id)}
              onChange={() => toggle(tag.id)}
            />{" "}
            {tag.name} <span class="soft">{tag.kind.replaceAll("_", " ")}</span>
          </label>
        ))}
      </div>
      {health.at === "here" && health.value.at.length > 0 && <HealthChart health={health.value} />}
      <section class="panel">
        {toMs > 0 ? (
          <Trends
            path={`/api/history?site=${encodeURIComponent(site)}`}
            tags={shown}
            fromMs={toMs - rangeMs}
            toMs={toMs}
          />
        ) : (
          <p class="empty">Nothing has arrived from this site yet.</p>
        )}
      </section>
    </div>
  );
}
