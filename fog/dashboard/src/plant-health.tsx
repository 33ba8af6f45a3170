/** How Weir itself is, on the plant's page: what is wrong first, then its figures with their age. */
import type { HealthView, PlantView } from "@weir/contracts/api/fog.ts";
import { ProblemList } from "@weir/ui/problem-list.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { sinceAndAge } from "@weir/ui/time-format.ts";
import { bytes, counted, span } from "@weir/ui/words.ts";
import { edges } from "./plant.ts";

const problemsShown = 3;

export interface PlantHealthProps {
  health: HealthView;
  learning: PlantView["learning"];
}

export function PlantHealth({ health, learning }: PlantHealthProps) {
  const { problems } = health;
  return (
    <section class="panel stack" aria-label="Health of Weir">
      <h2>
        Weir itself{" "}
        {problems.length > 0 && <span class="soft">{counted(problems.length, "problem")}</span>}
      </h2>
      <ProblemList problems={problems.slice(0, problemsShown)} />
      {problems.length > problemsShown && (
        <a href="#/health">All {counted(problems.length, "problem")}</a>
      )}
      <HealthFigures health={health} learning={learning} />
    </section>
  );
}

export function HealthFigures({ health, learning }: PlantHealthProps) {
  const nowMs = siteNow.value ?? health.atMs;
  const { edgesHeard, lastDataAgeMs, cloud, cloudSinceMs, cloudBacklog, detector } = health;
  const cloudWords = [
    cloud,
    cloudSinceMs !== null && cloud !== "not configured"
      ? `since ${sinceAndAge(cloudSinceMs, nowMs)}`
      : "",
    cloudBacklog > 0 ? `${cloudBacklog} to send` : "",
  ];
  return (
    <div class="health">
      <Fact
        name="Edges heard"
        value={health.edges === 0 ? "none yet" : `${edgesHeard} of ${health.edges}`}
        isBad={edgesHeard < health.edges || health.edges === 0}
      />
      <Fact
        name="Newest reading"
        value={lastDataAgeMs === null ? "none since the start" : `${span(lastDataAgeMs)} old`}
        isBad={lastDataAgeMs === null}
      />
      <Fact
        name="Cloud"
        value={cloudWords.filter(Boolean).join(", ")}
        isBad={cloud === "offline"}
      />
      <Fact
        name="Detector"
        value={`${detector.state} since ${sinceAndAge(detector.sinceMs, nowMs)}`}
        isBad={detector.state === "stopped"}
        title={detector.reason}
      />
      {learning && <LearningFact learning={learning} />}
      <Protection />
      <Fact name="Historian" value={bytes(health.historianBytes)} />
      <Fact name="Clock skew, worst" value={span(health.skewMsWorst)} />
      <Fact name="Alerts, 24 h" value={String(health.alertsLast24h)} />
    </div>
  );
}

function LearningFact({ learning }: { learning: NonNullable<PlantView["learning"]> }) {
  const { learned, total, learner } = learning;
  return (
    <a class="fact-link" href="#/learning">
      <Fact
        name="Learned"
        value={`${learned} of ${counted(total, "stage")}`}
        isBad={learner.state === "stopped"}
        title={learning.text}
      />
    </a>
  );
}

/** Whatever makes protection less than it should be, counted; the page of the edges says which. */
function Protection() {
  const list = edges.value;
  if (list === null || list.length === 0) return null;
  const heard = list.filter(({ freshness }) => freshness.state === "live");
  const safeties = heard.flatMap(({ safety }) => (safety ? [safety] : []));
  const overdue = safeties.flatMap(({ proofTests }) =>
    proofTests.filter(({ state }) => state === "overdue" || state === "failed"),
  );
  const lacks = [
    [list.length - heard.length, "not seen"],
    [safeties.filter(({ approved }) => !approved).length, "not approved"],
    [list.flatMap(({ bypasses }) => bypasses).length, "bypassed"],
    [safeties.flatMap(({ blindRules }) => blindRules).length, "blind"],
    [overdue.length, "tests due"],
  ] as const;
  const words = lacks.flatMap(([many, what]) => (many > 0 ? [`${many} ${what}`] : []));
  return (
    <a class="fact-link" href="#/edges">
      <Fact
        name="Protection"
        value={words.join(", ") || `approved, says ${counted(heard.length, "edge")} now`}
        isBad={words.length > 0}
      />
    </a>
  );
}

interface FactProps {
  name: string;
  value: string;
  isBad?: boolean;
  title?: string;
}

function Fact({ name, value, isBad = false, title = "" }: FactProps) {
  return (
    <div class={isBad ? "fact fact-bad" : "fact"} title={title}>
      <span class="soft">{name}</span>
      <strong>{value}</strong>
    </div>
  );
}
