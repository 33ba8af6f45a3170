/** Each edge: its link, what it protects, its ledger, its connections, and the versions it runs. */

import type { EdgeView } from "@weir/contracts/api/fog.ts";
import { FreshMark, freshClass, heardWords } from "@weir/ui/freshness.tsx";
import { ProblemList } from "@weir/ui/problem-list.tsx";
import { dayTime, sinceAndAge } from "@weir/ui/time-format.ts";
import { Waiting } from "@weir/ui/waiting.tsx";
import { bytes, count, number, span } from "@weir/ui/words.ts";
import { ArtifactLine } from "../artifact-line.tsx";
import { EdgeBuses } from "../edge-buses.tsx";
import { EdgeOutputs } from "../edge-outputs.tsx";
import { EdgeSafety } from "../edge-safety.tsx";
import { edges } from "../plant.ts";

export function EdgesPage() {
  const list = edges.value;
  return (
    <div class="stack">
      <h1>Edges</h1>
      {list === null && <Waiting>Waiting for the server to say which edges there are…</Waiting>}
      {list?.length === 0 && (
        <p class="empty">
          No edge has reported to this fog yet. <span class="mono">weir-fog enrol-edge NAME</span>{" "}
          gives one its certificate.
        </p>
      )}
      <div class="columns wide">
        {list?.map((edge) => (
          <EdgePanel key={edge.id} edge={edge} />
        ))}
      </div>
    </div>
  );
}

function EdgePanel({ edge }: { edge: EdgeView }) {
  const { freshness, readingsAgeMs, statusAtMs, nowMs } = edge;
  return (
    <section class={`panel stack ${freshClass(freshness)}`}>
      <h2>
        {edge.id}{" "}
        {freshness.state === "live" ? (
          <span class="soft">{heardWords(freshness, nowMs)}</span>
        ) : (
          <FreshMark fresh={freshness} />
        )}
      </h2>
      {freshness.reason && <p>{freshness.reason}</p>}
      <p>{sentence(edge.protection)}</p>
      <ProblemList problems={edge.problems} />
      {statusAtMs > 0 && (
        <p class="soft">What follows is as it said {sinceAndAge(statusAtMs, nowMs)}.</p>
      )}
      <dl class="facts">
        <dt>Session</dt>
        <dd>
          {edge.online ? "open" : "closed"} with the broker, newest readings{" "}
          {readingsAgeMs === null
            ? "none since this fog started"
            : `arrived ${span(readingsAgeMs)} ago`}
        </dd>
        <dt>Agent</dt>
        <dd>
          {edge.agentVersion || "unknown"}, boot {edge.epoch}, {edge.tags} tags,{" "}
          {bytes(edge.residentBytes)} in memory
        </dd>
        <dt>Clock</dt>
        <dd>
          {span(edge.skewMs)} {edge.skewMs >= 0 ? "behind" : "ahead of"} the fog
        </dd>
        <dt>Traffic</dt>
        <dd>
          {number(edge.readingsPerSecond)} readings/s in {bytes(edge.bytesPerSecond)}/s
        </dd>
        <dt>Outbox</dt>
        <dd>
          {bytes(edge.outboxBytes)}, {count(edge.ledger.pending)} readings not yet delivered
        </dd>
        <dt>Control loop</dt>
        <dd>late by {number(edge.loopLagMsP99)} ms at most, 99 times of 100</dd>
        <dt>Trips latched</dt>
        <dd>{edge.latchedTrips.join(", ") || (statusAtMs > 0 ? "none" : "not known")}</dd>
        <dt>Watched closely</dt>
        <dd>
          {edge.fastTags.join(", ") ||
            (statusAtMs > 0 ? "nothing: all as configured" : "not known")}
        </dd>
        <dt>Configuration</dt>
        <dd>
          <Configuration configuration={edge.configuration} />
        </dd>
      </dl>
      <Ledger edge={edge} />
      <EdgeSafety edge={edge} />
      <EdgeOutputs outputs={edge.outputs} nowMs={nowMs} />
      <EdgeBuses buses={edge.buses} nowMs={nowMs} />
      {edge.artifacts.map((artifact) => (
        <ArtifactLine
          key={`${artifact.name}${artifact.version}${artifact.outcome}`}
          artifact={artifact}
        />
      ))}
    </section>
  );
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What became of a configuration that does not run. */
const fates: Readonly<Record<string, string>> = {
  refused: "refused",
  "rolled-back": "taken back after a failed check",
};

function Configuration({ configuration }: { configuration: EdgeView["configuration"] }) {
  const { sha256, offered } = configuration;
  const digest = (text: string) => (
    <span class="mono" title={`SHA-256 ${text}`}>
      {text.slice(0, 8) || "unknown"}
    </span>
  );
  if (!offered) return digest(sha256);
  const { outcome, by, reason, changes, atMs } = offered;
  const when = `${dayTime(atMs)}${by ? `, from ${by === "file" ? "its file" : by}` : ""}`;
  return (
    <>
      {digest(sha256)} runs
      {outcome === "active" ? (
        <span class="soft"> since {when}</span>
      ) : (
        <span class="amber block">
          ▲ {digest(offered.sha256)} was {fates[outcome] ?? outcome} ({when}): {reason}
        </span>
      )}
      {changes.length > 0 && (
        <details>
          <summary>{changes.length === 1 ? "1 change" : `${changes.length} changes`}</summary>
          <ul>
            {changes.map((change) => (
              <li key={change}>{change}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** acquired = delivered + thinned + dropped + pending, in the open. */
function Ledger({ edge }: { edge: EdgeView }) {
  const { acquired, delivered, thinned, dropped, pending, balanced } = edge.ledger;
  return (
    <div class={balanced ? "ledger" : "ledger problem"}>
      <strong>Ledger</strong> {count(acquired)} acquired = {count(delivered)} delivered +{" "}
      {count(thinned)} thinned + {count(dropped)} dropped + {count(pending)} pending{" "}
      {balanced ? "✓" : "✗ does not balance"}
      <div class="soft">{count(edge.stored)} stored by the fog</div>
    </div>
  );
}
