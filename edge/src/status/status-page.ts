/** The status page: one look tells a technician whether this box does its work. No script, no build. */
import { labelOf } from "@weir/contracts/enum-labels.ts";
import { ArtifactOutcome } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { Quality, reasonText } from "../conditioning/quality.ts";
import type { OutputState, Problem, SafetyStanding } from "../hand-over.ts";
import type { News } from "../uplink/news.ts";
import type { UplinkSnapshot } from "../uplink/uplink-snapshot.ts";
import { backupText } from "./backup-text.ts";
import { verdictOf } from "./health.ts";
import type { NewestValue } from "./newest-values.ts";
import { isNeverOrdered, outputWords } from "./output-words.ts";
import { type PlantTime, plantTimeOf } from "./plant-time.ts";

/** Seconds after which a browser loads the page again. */
const refreshSeconds = 5;
const eventsShown = 20;
const valuesShown = 300;

export function statusPage(
  snapshot: UplinkSnapshot,
  recent: readonly News[] = [],
  newest: readonly NewestValue[] = [],
): string {
  const { site, edge, agentVersion, atMs, zone } = snapshot;
  const time = plantTimeOf(zone);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="${refreshSeconds}"><title>${safe(edge)} · Weir</title>
<style>${style}</style></head><body>
${critical(snapshot, time)}
<h1>${safe(edge)} <small>${safe(site)} · Weir edge ${safe(agentVersion)}</small></h1>
<p>${safe(time.at(atMs))} plant time, ${safe(zone)}</p>
${verdict(snapshot, time)}
${safety(snapshot, time)}
${outputs(snapshot, time)}
${buses(snapshot, time)}
${conditions(snapshot, time)}
${values(newest, time)}
${configuration(snapshot, time)}
${link(snapshot)}
${ledger(snapshot)}
${backup(snapshot, time)}
${artifacts(snapshot, time)}
${news(recent, time)}
<p><small><a href="/status.json">status.json</a> · <a href="/values.json">values.json</a> · <a href="/metrics">metrics</a> · <a href="/healthz">healthz</a></small></p>
</body></html>
`;
}

/** Before everything else: what protects the plant and does not work. */
function critical({ health, atMs }: UplinkSnapshot, time: PlantTime): string {
  const lines = health.problems.filter(({ severity }) => severity === "critical");
  if (lines.length === 0) return "";
  return `<ul class="critical" role="alert">${lines.map((problem) => problemLine(problem, time.since(problem.sinceMs, atMs))).join("")}</ul>`;
}

function verdict({ health, atMs }: UplinkSnapshot, time: PlantTime): string {
  const { ok, problems, warnings } = health;
  const list = (name: string, lines: readonly Problem[]) =>
    lines.length === 0
      ? ""
      : `<ul class="${name}">${lines.map((problem) => problemLine(problem, time.since(problem.sinceMs, atMs))).join("")}</ul>`;
  const isWell = ok && warnings.length === 0;
  const [first = "", ...rest] = verdictOf(health);
  const sentence = `<p class="${isWell ? "ok" : ok ? "warn" : "bad"}">${first.toUpperCase()}${safe(rest.join(""))}.</p>`;
  const others = problems.filter(({ severity }) => severity === "problem");
  return `${sentence}${list("bad", others)}${list("warn", warnings)}`;
}

const problemLine = ({ text }: Problem, since: string): string =>
  `<li>${safe(text)} <small>${since}</small></li>`;

function safety({ control, atMs }: UplinkSnapshot, time: PlantTime): string {
  if (!control)
    return section("Safety", "<p>Nothing is known yet: the control thread has not reported.</p>");
  const { latchedTrips, resettableTrips, bypassedRules, suppressedRules, thresholdsVersion } =
    control;
  const trips = latchedTrips.map(
    (rule) =>
      `<li class="bad">${safe(rule)} tripped${resettableTrips.includes(rule) ? ", cause gone: may be reset" : ", cause still there"}</li>`,
  );
  const bypasses = bypassedRules.map((rule) => `<li class="warn">${safe(rule)} is bypassed</li>`);
  const quiet = suppressedRules.map(
    ({ rule, by, sinceMs }) =>
      `<li class="warn">${safe(rule)} is kept quiet by ${safe(by.join(", "))} <small>${time.since(sinceMs, atMs)}</small></li>`,
  );
  const lines = [...trips, ...bypasses, ...quiet];
  const list = lines.length > 0 ? `<ul>${lines.join("")}</ul>` : "<p>No trip, no bypass.</p>";
  return section(
    "Safety",
    `${list}<p>${approvalText(control.safety, time)}</p><p>Rule thresholds: version ${thresholdsVersion || "of the file"}.</p>`,
  );
}

function outputs({ control }: UplinkSnapshot, time: PlantTime): string {
  const rows = (control?.outputs ?? []).map((output) => [
    safe(output.output),
    isNeverOrdered(output) ? "not ordered since the agent started" : safe(output.state),
    isNeverOrdered(output) ? "" : outcomeCell(output),
    safe(output.detail),
    safe(time.at(output.sinceMs)),
    output.writtenAtMs === 0 ? "not since the start" : safe(time.at(output.writtenAtMs)),
  ]);
  if (rows.length === 0) return "";
  return section("Outputs", table(["", "ordered", "outcome", "", "since", "last written"], rows));
}

function outcomeCell({ outcome, held, rule }: OutputState): string {
  const hold = held ? `, held by ${safe(rule)}` : "";
  const words = outputWords[outcome];
  return outcome === OutputOutcome.FAILED
    ? `<span class="bad">${words}${hold}</span>`
    : `${words}${hold}`;
}

/** Tags that are not good, and why. */
function conditions({ control }: UplinkSnapshot, time: PlantTime): string {
  const list = control?.conditions ?? [];
  if (list.length === 0) return "";
  const rows = list
    .slice(0, valuesShown)
    .map(({ tag, quality, reason, detail, sinceMs, lastGoodMs }) => [
      safe(tag),
      `<span class="${quality === Quality.UNCERTAIN ? "warn" : "bad"}">${safe(reasonText(reason, detail))}</span>`,
      safe(time.at(sinceMs)),
      lastGoodMs === 0 ? "not since the start" : safe(time.at(lastGoodMs)),
    ]);
  const more = list.length > valuesShown ? `<p>And ${list.length - valuesShown} more.</p>` : "";
  return section("Not good", table(["", "why", "since", "last good"], rows) + more);
}

const approvalText = (safety: SafetyStanding, time: PlantTime): string =>
  safety.approved
    ? `Cause-and-effect table ${safety.documentSha256.slice(0, 12)}, approved by ${safe(safety.approvedBy)} on ${safe(time.at(safety.approvedAtMs))}.`
    : `${safety.ruleCount} rules, not approved.`;

function buses({ control }: UplinkSnapshot, time: PlantTime): string {
  const rows = (control?.buses ?? []).map((bus) => [
    safe(bus.id),
    safe(bus.kind),
    busState(bus, time),
    bus.deadDevices.length > 0
      ? `<span class="bad">no answer from ${safe(bus.deadDevices.join(", "))}</span>`
      : "",
    `${count(bus.requests)} requests, ${count(bus.failures)} failed`,
    `${bus.roundTripMsP50.toFixed(1)} / ${bus.roundTripMsP99.toFixed(1)} ms`,
    `${percent(bus.utilisation)} of ${percent(bus.budget)} planned`,
    leftOut(bus.skippedPolls),
    leftOut(bus.stalledPolls),
    count(bus.discardedBytes),
  ]);
  if (rows.length === 0) return "";
  const heads = [
    "",
    "",
    "state",
    "devices",
    "traffic",
    "p50 / p99",
    "busy",
    "polls left out: bus full",
    "agent not let run",
  ];
  const fast = control?.fastTags ?? [];
  const faster =
    fast.length > 0 ? `<p>Read faster, as they look suspicious: ${safe(fast.join(", "))}.</p>` : "";
  return section("Connections", table([...heads, "stray bytes"], rows) + faster);
}

const leftOut = (polls: number): string =>
  polls > 0 ? `<span class="warn">${count(polls)}</span>` : "0";

/** A connection that opens and says nothing is not well either. */
const busState = ({ connected, text, sinceMs }: Bus, time: PlantTime): string =>
  text === "" && connected
    ? "connected"
    : `<span class="bad">${connected ? "silent" : "not connected"}: ${safe(text)}</span> <small>since ${safe(time.at(sinceMs))}</small>`;

type Bus = NonNullable<UplinkSnapshot["control"]>["buses"][number];

function values(newest: readonly NewestValue[], time: PlantTime): string {
  if (newest.length === 0) return "";
  const rows = newest
    .slice(0, valuesShown)
    .map(({ tag, value, unit, quality, why, atMs }) => [
      safe(tag),
      value === null ? "" : `${value} ${safe(unit)}`,
      quality === "good"
        ? ""
        : `<span class="${quality === "uncertain" ? "warn" : "bad"}">${quality}${why === "" || why === quality ? "" : `: ${safe(why)}`}</span>`,
      atMs > 0 ? safe(time.at(atMs)) : "",
    ]);
  const more =
    newest.length > valuesShown
      ? `<p>The first ${valuesShown} of ${newest.length}; all in <a href="/values.json">values.json</a>.</p>`
      : "";
  return section("Values", table(["", "", "quality", "read"], rows) + more);
}

function configuration(
  { control, configSha256, revision }: UplinkSnapshot,
  time: PlantTime,
): string {
  const standing = control?.configuration;
  const sha = `<code>${safe(configSha256.slice(0, 12))}</code>, tag table ${revision} of this boot`;
  const trouble = control?.configurationTrouble;
  const words = {
    trial: `<span class="warn">on trial</span>: it must show that it reads what was read before`,
    good: `<span class="ok">in force</span>`,
    "rolled-back": `<span class="bad">the last change was taken back</span>: ${safe(standing?.reason ?? "")}`,
  };
  const state = standing ? ` ${words[standing.state]}, since ${safe(time.at(standing.atMs))}.` : "";
  const why =
    trouble === undefined ? "" : `<p class="bad">The file does not run: ${safe(trouble)}</p>`;
  return section("Configuration", `<p>${sha}.${state}</p>${why}`);
}

function link({ link, sent, outbox }: UplinkSnapshot): string {
  const state =
    link.state === "live"
      ? `<span class="ok">connected</span> to ${safe(link.url)}`
      : `<span class="warn">not connected</span> (${link.state}): ${safe(link.trouble ?? `trying ${link.url}`)}`;
  return section(
    "Fog",
    `<p>${state}</p>${table(
      ["sent live", "sent later", "event batches", "on their way"],
      [[count(sent.live), count(sent.backlog), count(sent.events), count(outbox.unacknowledged)]],
    )}`,
  );
}

function ledger({ ledger, outbox, epoch }: UplinkSnapshot): string {
  const { acquired, delivered, thinned, dropped, pending } = ledger;
  const used = `${megabytes(outbox.bytes)} of ${megabytes(outbox.quotaBytes)} MB used, ${count(outbox.telemetryBatches)} batches of readings and ${count(outbox.eventBatches)} of events; boot ${epoch}.`;
  return section(
    "Readings",
    `${table(
      ["acquired", "= delivered", "+ thinned", "+ dropped", "+ pending"],
      [[acquired, delivered, thinned, dropped, pending].map(count)],
    )}<p>Outbox: ${used}</p>`,
  );
}

const backup = ({ lastBackup }: UplinkSnapshot, time: PlantTime): string =>
  section("Backup", `<p>Last backup: ${safe(backupText(lastBackup, time))}.</p>`);

function artifacts({ artifacts }: UplinkSnapshot, time: PlantTime): string {
  if (artifacts.length === 0) return "";
  const rows = artifacts.map((artifact) => [
    safe(artifact.name),
    String(artifact.version),
    labelOf(outcomeWords, artifact.outcome),
    safe(artifact.reason),
    safe(time.at(artifact.atMs)),
  ]);
  return section(
    "Thresholds from above",
    table(["name", "version", "state", "why", "since"], rows),
  );
}

/** Newest first. */
function news(recent: readonly News[], time: PlantTime): string {
  if (recent.length === 0) return "";
  const rows = recent
    .toReversed()
    .slice(0, eventsShown)
    .map(({ event, fields, text }) => {
      const atMs = Number(fields["atMs"]);
      return [Number.isFinite(atMs) ? safe(time.at(atMs)) : "", safe(event), safe(text ?? "")];
    });
  return section("Events", table(["when", "what", ""], rows));
}

const outcomeWords: Record<ArtifactOutcome, string> = {
  [ArtifactOutcome.UNSPECIFIED]: "",
  [ArtifactOutcome.STAGED]: "staged",
  [ArtifactOutcome.ACTIVE]: "active",
  [ArtifactOutcome.REFUSED]: "refused",
  [ArtifactOutcome.ROLLED_BACK]: "rolled back",
  [ArtifactOutcome.PUBLISHED]: "published",
};

const section = (title: string, body: string): string => `<h2>${title}</h2>${body}`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`)
    .join("")}</table>`;

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const safe = (text: string): string => text.replace(/[&<>"]/g, (sign) => escapes[sign] as string);
const count = (value: number): string => value.toLocaleString("en-US").replaceAll(",", "\u202f");
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

const style = `
:root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif }
body { max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: 0 } h1 small { font-weight: normal; font-size: 1rem; opacity: .7 }
h2 { font-size: 1.05rem; margin: 1.4rem 0 .3rem }
table { border-collapse: collapse } th, td { text-align: left; padding: .2rem 1rem .2rem 0; font-variant-numeric: tabular-nums }
th { font-weight: normal; opacity: .7 } p, ul { margin: .3rem 0 }
.ok { color: light-dark(#176b3a, #6fce94) } .warn { color: light-dark(#8a5a00, #e5b04c) } .bad { color: light-dark(#a3201b, #ff8a80) }
.critical { margin: 0 0 1rem; padding: .7rem 1rem .7rem 2rem; font-weight: 600; color: #fff; background: #a3201b }
`;
