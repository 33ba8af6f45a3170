/** Every stage in flow order: grey unless it is not normal, with its score as a small bar. */
import type { PlantView, StageLine } from "@weir/contracts/api/fog.ts";
import { Glyph, type Severity } from "@weir/ui/glyph.tsx";

export function StageMatrix({
  lines,
  stages,
}: {
  lines: PlantView["lines"];
  stages: readonly StageLine[];
}) {
  return (
    <section class="panel">
      <h2>
        Stages <span class="soft">{stages.length}, in flow order</span>
      </h2>
      {lines.map((line) => (
        <div key={line.id} class="matrix-line">
          <h3>{line.name}</h3>
          <div class="matrix">
            {stages
              .filter((stage) => stage.line === line.id)
              .map((stage) => (
                <Cell key={stage.id} stage={stage} />
              ))}
          </div>
        </div>
      ))}
    </section>
  );
}

const quiet: readonly StageLine["state"][] = ["normal", "learning", "blind", "no-data"];

const glyphOf = (state: StageLine["state"]): Severity | undefined =>
  quiet.includes(state) ? undefined : (state as Severity);

/** The bar is full at twice the decision line. */
const scoreFull = 2;

function Cell({ stage }: { stage: StageLine }) {
  const severity = glyphOf(stage.state);
  const share = stage.score === null ? 0 : Math.min(1, stage.score / scoreFull);
  const words = [
    stage.name,
    stage.state,
    stage.score === null ? "no model yet" : `score ${stage.score.toFixed(2)} of 1`,
    `${stage.sensors} sensors`,
  ];
  if (stage.badSensors > 0) words.push(`${stage.badSensors} not good`);
  return (
    <a class={`cell cell-${stage.state}`} href={`#/stage/${stage.id}`} title={words.join(" · ")}>
      <span class="cell-id">
        {stage.id}
        {severity && <Glyph severity={severity} />}
      </span>
      <span class="cell-name">{stage.name}</span>
      <span class="cell-score">
        <i class={share >= 1 / scoreFull ? "over" : ""} style={{ width: `${share * 100}%` }} />
        <b />
      </span>
      {stage.badSensors > 0 && <span class="cell-bad">✕{stage.badSensors}</span>}
    </a>
  );
}
