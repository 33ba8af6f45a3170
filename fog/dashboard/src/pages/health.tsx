/** What is wrong with Weir at this site, worst first, each with its evidence and since when. */

import type { ServiceView } from "@weir/contracts/api/fog.ts";
import { BackupPanel } from "@weir/ui/backup-panel.tsx";
import { ProblemList } from "@weir/ui/problem-list.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { secondTime, sinceAndAge } from "@weir/ui/time-format.ts";
import { Waiting } from "@weir/ui/waiting.tsx";
import { counted } from "@weir/ui/words.ts";
import { ArtifactLine } from "../artifact-line.tsx";
import { edges, plant } from "../plant.ts";
import { HealthFigures } from "../plant-health.tsx";

export function HealthPage() {
  const view = plant.value;
  if (!view) return <Waiting>Waiting for the first picture of the plant…</Waiting>;
  const { health, learning } = view;
  return (
    <div class="stack">
      <h1>Health of Weir</h1>
      <section class="panel">
        <h2>
          Problems{" "}
          <span class="soft">
            {counted(health.problems.length, "problem")}, looked at {secondTime(health.atMs)}
          </span>
        </h2>
        {health.problems.length === 0 && (
          <p class="empty">
            None known: {counted(health.edgesHeard, "edge")} heard, the detector{" "}
            {health.detector.state}. What cannot be seen is not counted here; it is on the{" "}
            <a href="#/">plant's page</a>.
          </p>
        )}
        <ProblemList problems={health.problems} />
      </section>
      {edges.value?.map(
        (edge) =>
          edge.problems.length > 0 && (
            <section key={edge.id} class="panel">
              <h2>
                {edge.id}{" "}
                <span class="soft">
                  as it said {edge.statusAtMs > 0 ? secondTime(edge.statusAtMs) : "before"}
                </span>
              </h2>
              <ProblemList problems={edge.problems} />
            </section>
          ),
      )}
      <section class="panel stack">
        <h2>Figures</h2>
        <HealthFigures health={health} learning={learning} />
        <Service name="Detector" service={health.detector} />
      </section>
      <section class="panel">
        <h2>Models and thresholds here</h2>
        {health.models.length === 0 && (
          <p class="empty">
            None has come from the cloud. The fog judges by what it has{" "}
            <a href="#/learning">learned itself</a>.
          </p>
        )}
        {health.models.map((model) => (
          <ArtifactLine key={`${model.name}${model.version}${model.outcome}`} artifact={model} />
        ))}
      </section>
      <BackupPanel program="weir-fog" />
    </div>
  );
}

function Service({ name, service }: { name: string; service: ServiceView }) {
  const nowMs = siteNow.value ?? service.sinceMs;
  const { state, sinceMs, lastAtMs, reason } = service;
  return (
    <p class={state === "stopped" ? "old" : "soft"}>
      {name}: {state} since {sinceAndAge(sinceMs, nowMs)},{" "}
      {lastAtMs === null
        ? "has done nothing since the start"
        : `last did something ${sinceAndAge(lastAtMs, nowMs)}`}
      {reason && `: ${reason}`}
    </p>
  );
}
