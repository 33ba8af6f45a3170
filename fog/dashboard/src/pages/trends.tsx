/** Up to eight tags of the site under one crosshair. */

import type { StageView } from "@weir/contracts/api/fog.ts";
import { useLoad } from "@weir/ui/load.ts";
import { route } from "@weir/ui/route.ts";
import { RangePicker, Trends } from "@weir/ui/trend-range.tsx";
import { useState } from "preact/hooks";
import { plant } from "../plant.ts";

const pensMax = 8;

export function TrendsPage() {
  const [rangeMs, setRangeMs] = useState(6 * 3_600_000);
  const [stage, setStage] = useState("D11");
  const [pens, setPens] = useState<string[]>(() =>
    (
      route.value.query.get("tags") ??
      "edge-d/D11/CL01,edge-d/D12/CL01,edge-w/W13/DO01,edge-w/W13/FL01"
    ).split(","),
  );
  const [state] = useLoad<StageView>(`/api/stages/${encodeURIComponent(stage)}`);
  const stages = plant.value?.stages ?? [];
  const toMs =
    state.at === "here"
      ? Math.ceil(Math.max(0, ...state.value.tags.map((tag) => tag.atMs)) / 60_000) * 60_000
      : 0;
  const toggle = (id: string) =>
    setPens(pens.includes(id) ? pens.filter((pen) => pen !== id) : [...pens, id].slice(-pensMax));
  return (
    <div class="stack">
      <div class="row">
        <h1>Trends</h1>
        <RangePicker rangeMs={rangeMs} onPick={setRangeMs} />
        <select
          value={stage}
          aria-label="Stage"
          onChange={(event) => setStage((event.target as HTMLSelectElement).value)}
        >
          {stages.map((one) => (
            <option key={one.id} value={one.id}>
              {one.id} {one.name}
            </option>
          ))}
        </select>
      </div>
      <div class="row">
        {state.at === "here" &&
          state.value.tags.map((tag) => (
            <label key={tag.id}>
              <input
                type="checkbox"
                checked={pens.includes(tag.id)}
                onChange={() => toggle(tag.id)}
              />{" "}
              {tag.name}
            </label>
          ))}
      </div>
      <div class="row">
        {pens.map((pen) => (
          <button key={pen} type="button" title="Remove" onClick={() => toggle(pen)}>
            {pen} ✕
          </button>
        ))}
      </div>
      <section class="panel">
        {toMs > 0 && <Trends path="/api/trends" tags={pens} fromMs={toMs - rangeMs} toMs={toMs} />}
      </section>
    </div>
  );
}
