/** How far a site is learned: progress, and for each stage that is not, why and when. */
import {
  aboutWhen,
  type LearningState,
  type LearningView,
  type StageLearning,
} from "@weir/contracts/api/learning.ts";
import { siteNow, siteZone } from "./site-clock.ts";
import { dayTime, sinceAndAge } from "./time-format.ts";

const words: Record<LearningState, string> = {
  learned: "learned",
  learning: "being learned",
  waiting: "waiting",
  cannot: "cannot be learned yet",
};

const marks: Record<LearningState, string> = {
  learned: "✓",
  learning: "…",
  waiting: "○",
  cannot: "▲",
};

export interface LearningListProps {
  learning: LearningView;
  tz?: string;
  /** Where a stage is to be looked at; null: nowhere. */
  hrefOf?: (stage: string) => string;
}

/** Progress in a sentence and a bar, and the learner when it does not work. */
export function LearningProgress({
  learning,
  tz,
}: {
  learning: Omit<LearningView, "stages">;
  tz?: string;
}) {
  const { learned, total, text, learner } = learning;
  const nowMs = siteNow.value ?? learner.sinceMs;
  const share = total > 0 ? learned / total : 0;
  return (
    <>
      <p>{text}</p>
      <div class="meter" role="img" aria-label={`${learned} of ${total} stages learned`}>
        <i style={{ width: `${share * 100}%` }} />
      </div>
      {(learner.state === "stopped" || learner.state === "off") && (
        <p class={learner.state === "stopped" ? "old" : "soft"} role="status">
          <strong>
            {learner.state === "stopped" ? "The learner has stopped" : "Learning is off"}
          </strong>{" "}
          since {sinceAndAge(learner.sinceMs, nowMs, tz)}
          {learner.reason && `: ${learner.reason}`}
        </p>
      )}
    </>
  );
}

export function LearningList({ learning, tz, hrefOf }: LearningListProps) {
  if (learning.stages.length === 0 && learning.total > 0)
    return (
      <p class="empty">Every stage is learned; the page of each says from what and since when.</p>
    );
  if (learning.stages.length === 0)
    return (
      <p class="empty">
        No stage is known yet. A site describes its stages in site.yaml, or they come with the first
        readings.
      </p>
    );
  return (
    <div class="scroll">
      {learning.stages.length < learning.total && (
        <p class="soft">Those that are not learned; the page of each other stage says from what.</p>
      )}
      <table>
        <thead>
          <tr>
            <th>Stage</th>
            <th>State</th>
            <th>Why</th>
            <th>When</th>
          </tr>
        </thead>
        <tbody>
          {learning.stages.map((stage) => (
            <StageRow key={stage.stage} stage={stage} tz={tz} href={hrefOf?.(stage.stage)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function StageRow({
  stage,
  tz,
  href,
}: {
  stage: StageLearning;
  tz: string | undefined;
  href: string | undefined;
}) {
  const name = `${stage.stage}${stage.name && stage.name !== stage.stage ? ` ${stage.name}` : ""}`;
  return (
    <tr>
      <td>{href ? <a href={href}>{name}</a> : name}</td>
      <td class="name">
        <span aria-hidden="true">{marks[stage.state]}</span> {words[stage.state]}
      </td>
      <td>
        {stage.reason}
        {saysMore(stage) && (
          <ul class="lines">
            {stage.models.map((model) => (
              <li key={model.kind}>
                {model.kind}: {words[model.state]}, <span class="soft">{model.reason}</span>
              </li>
            ))}
          </ul>
        )}
      </td>
      <td class="name">{whenWords(stage, tz)}</td>
    </tr>
  );
}

/** Do its models say anything that the stage does not? */
const saysMore = ({ state, reason, models }: StageLearning): boolean =>
  models.length > 1 && models.some((one) => one.state !== state || one.reason !== reason);

function whenWords({ state, sinceMs, whenMs }: StageLearning, tz = siteZone.value): string {
  const nowMs = siteNow.value;
  if (state === "waiting") {
    if (whenMs === null || nowMs === null) return "in its turn";
    return whenMs <= nowMs ? "now, in its turn" : aboutWhen(whenMs, { nowMs, tz });
  }
  if (sinceMs === null) return "–";
  return `since ${nowMs === null ? dayTime(sinceMs, tz) : sinceAndAge(sinceMs, nowMs, tz)}`;
}
