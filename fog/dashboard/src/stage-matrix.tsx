/** Every stage in flow order: grey unless it is not normal, with its score as a small bar; hatched where nothing is seen. */
import type { PlantView, StageLine } from "@weir/contracts/api/fog.ts";
import { CrossedEye, FreshMark, freshClass } from "@weir/ui/freshness.tsx";
import { Glyph, type Severity } from "@weir/ui/glyph.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { sinceAndAge } from "@weir/ui/time-format.ts";
import { counted, number } from "@weir/ui/words.ts";

export interface StageMatrixProps {
  lines: PlantView["lines"];
  stages: readonly StageLine[];
}

export interface StageGroup {
  id: string;
  /** Empty: the site names no lines. */
  name: string;
  stages: StageLine[];
}

/** Stages by line, in the site's order; those of no line that it names come last. */
export function stageGroups({ lines, stages }: StageMatrixProps): StageGroup[] {
  const named = new Set(lines.map(({ id }) => id));
  const groups = lines.map(({ id, name }) => ({
    ...{ id, name },
    stages: stages.filter((stage) => stage.line === id),
  }));
  const others = stages.filter((stage) => !named.has(stage.line));
  const rest = { id: "", name: groups.length > 0 ? "Other stages" : "", stages: others };
  return [...groups, rest].filter((group) => group.stages.length > 0);
}

export function StageMatrix({ lines, stages }: StageMatrixProps) {
  return (
    <section class="panel">
      <h2>
        Stages <span class="soft">{stages.length}, in flow order</span>
      </h2>
      {stages.length === 0 && (
        <p class="empty">
          This site has no stages yet: describe them in site.yaml, or name them in the edges' files.
        </p>
      )}
      {stageGroups({ lines, stages }).map((group) => (
        <div key={group.id} class="matrix-line">
          {group.name && <h3>{group.name}</h3>}
          <div class="matrix">
            {group.stages.map((stage) => (
              <Cell key={stage.id} stage={stage} />
            ))}
          </div>
        </div>
      ))}
    </section>
  );
}

const severities: ReadonlySet<string> = new Set(["advisory", "low", "medium", "high", "tripped"]);
const severityOf = (state: StageLine["state"]): Severity | undefined =>
  severities.has(state) ? (state as Severity) : undefined;

/** The bar is full at twice the decision line. */
const scoreFull = 2;

function Cell({ stage }: { stage: StageLine }) {
  const { state, freshness, score, sight } = stage;
  const severity = severityOf(state);
  const isBlind = sight === "blind" || sight === "no-data";
  const look = freshClass(freshness) || (isBlind ? "is-silent" : "");
  return (
    <a
      class={`cell cell-${state} ${look}`}
      href={`#/stage/${encodeURIComponent(stage.id)}`}
      title={cellWords(stage, siteNow.value ?? stage.stateSinceMs)}
    >
      <span class="cell-id">
        <span class="cell-short">{stage.id}</span>
        <span>
          {isBlind && <CrossedEye />} {severity && <Glyph severity={severity} />}
        </span>
      </span>
      <span class="cell-name">{stage.name}</span>
      {score === null ? (
        <span class="cell-note">
          {sight === "learning" ? "learning" : isBlind ? "not seen" : "not judged"}
        </span>
      ) : (
        <span class="cell-score">
          <i
            class={score >= 1 ? "over" : ""}
            style={{ width: `${Math.min(1, score / scoreFull) * 100}%` }}
          />
          <b />
        </span>
      )}
      <span class="cell-foot">
        <FreshMark fresh={freshness} isShort />
        {stage.badSensors > 0 && <span class="cell-bad">✕{stage.badSensors}</span>}
      </span>
    </a>
  );
}

export function cellWords(stage: StageLine, nowMs: number): string {
  const { name, state, stateSinceMs, evidence, score, sensors, badSensors, silentSensors } = stage;
  const words = [
    `${name}: ${state} since ${sinceAndAge(stateSinceMs, nowMs)}`,
    evidence,
    score === null ? "" : `score ${number(score)}, decision at 1`,
    counted(sensors, "sensor"),
  ];
  if (badSensors > 0) words.push(`${badSensors} not good or not heard`);
  if (silentSensors > 0) words.push(`${silentSensors} not heard`);
  return words.filter(Boolean).join(" · ");
}
