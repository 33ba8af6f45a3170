/** Training runs with their loss curves: what was trained on what, and what came of it. */

import type { TrainingRunView } from "@weir/contracts/api/cloud.ts";
import { linePath } from "@weir/ui/spark.tsx";
import { Waiting } from "@weir/ui/waiting.tsx";
import { count, number, percent } from "@weir/ui/words.ts";
import { runs, siteName, siteTime } from "../fleet-state.ts";

export function TrainingPage() {
  const list = runs.value;
  return (
    <div class="stack">
      <h1>Training</h1>
      <p class="soft">
        Runs, newest first. <a href="#/learning">What is learned, what is next, and why not</a>
      </p>
      {list === null && <Waiting>Waiting for the server's runs…</Waiting>}
      {list?.length === 0 && (
        <p class="empty">No run yet: they begin by themselves with what a site has most data of.</p>
      )}
      <div class="columns wide">
        {list?.map((run) => (
          <Run key={run.id} run={run} />
        ))}
      </div>
    </div>
  );
}

function Run({ run }: { run: TrainingRunView }) {
  return (
    <section class="panel stack">
      <h2>
        {run.stage} {run.kind}{" "}
        <span class={run.state === "failed" ? "problem" : "soft"}>
          {run.state === "running" ? `running, ${percent(run.progress)}` : run.state}
        </span>
      </h2>
      {run.loss.length > 1 && <LossCurve loss={run.loss} validation={run.validationLoss} />}
      <dl class="facts">
        <dt>Site</dt>
        <dd>{siteName(run.site)}</dd>
        <dt>Trained on</dt>
        <dd>{run.trainedOn || "–"}</dd>
        <dt>Windows</dt>
        <dd>{count(run.windows)}</dd>
        <dt>Threshold</dt>
        <dd>{number(run.threshold)}</dd>
        <dt>Speed</dt>
        <dd>
          {run.samplesPerSecond === null ? "–" : `${count(run.samplesPerSecond)} windows/s`}{" "}
          {run.backend && `on ${run.backend}`}
        </dd>
        <dt>Model</dt>
        <dd class="mono">{run.model ?? "–"}</dd>
        {run.startedAtMs !== null && (
          <>
            <dt>Started</dt>
            <dd>{siteTime(run.site, run.startedAtMs)}</dd>
          </>
        )}
      </dl>
      {run.error && <p class={run.state === "failed" ? "problem" : "soft"}>{run.error}</p>}
    </section>
  );
}

const width = 400;
const height = 120;

/** Loss per epoch on a logarithmic scale: training solid, validation dashed. */
function LossCurve({
  loss,
  validation,
}: {
  loss: readonly number[];
  validation: readonly number[];
}) {
  const logs = [...loss, ...validation].filter((value) => value > 0).map(Math.log);
  const low = Math.min(...logs);
  const range = Math.max(...logs) - low || 1;
  const x = (index: number) => (index / Math.max(1, loss.length - 1)) * (width - 4) + 2;
  const y = (value: number) => height - 4 - ((Math.log(value) - low) / range) * (height - 8);
  return (
    <figure class="loss">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Loss over ${loss.length} epochs, from ${number(loss[0])} to ${number(loss.at(-1))}`}
      >
        <path d={linePath(loss, x, y)} />
        <path class="validation" d={linePath(validation, x, y)} />
      </svg>
      <figcaption class="soft">
        training {number(loss.at(-1))}, held out {number(validation.at(-1))} after {loss.length}{" "}
        epochs (log scale)
      </figcaption>
    </figure>
  );
}
