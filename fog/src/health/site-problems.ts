/** How the fog sees its site: edges that are silent, outputs that did not follow, parts that judge. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Finding, HealthSource } from "@weir/runtime/health-monitor.ts";
import type { IncidentDesk } from "../correlation/incident-desk.ts";
import type { TripBoard } from "../correlation/trip-board.ts";
import { outcomeOf } from "../correlation/trip-outcome.ts";
import type { Detection } from "../detection/detection.ts";
import type { SiteLearning } from "../detection/site-learning.ts";
import type { EdgeRevocation } from "../enrolment/enrolment-book.ts";
import { ageWords } from "../freshness/freshness.ts";
import type { SiteFreshness } from "../freshness/site-freshness.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { EdgeLink } from "../ingest/ingested.ts";
import { skewTellMs } from "../ingest/link-meters.ts";
import { edgeProblem } from "./edge-problem.ts";

/** Clocks further apart make windows of different edges hard to compare. */
const skewBlindMs = 120_000;
/** Windows are scored in far less; longer means that the scorer hangs. */
const scoringWithinMs = 150_000;

export interface SiteParts {
  clock: Clock;
  ingest: Ingest;
  freshness: SiteFreshness;
  detection: Detection;
  learning: SiteLearning;
  trips: TripBoard;
  incidents: IncidentDesk;
  latenessMs: number;
  revocationOf: (edge: string) => EdgeRevocation | undefined;
}

export function siteProblems(parts: SiteParts): HealthSource {
  return () => [
    ...edgeProblems(parts),
    ...outputProblems(parts),
    ...scorerProblems(parts),
    ...learnerProblems(parts),
    ...roomProblems(parts),
  ];
}

function edgeProblems({ ingest, freshness, latenessMs, revocationOf }: SiteParts): Finding[] {
  const links = ingest.links();
  if (links.length === 0) {
    const text =
      'no edge has reported yet: nothing is known of the plant. "weir-fog enrol-edge" gives an edge its identity';
    return [{ code: "no-edges", severity: "low", subject: "", text }];
  }
  const states = links.map(({ edge }) => freshness.edge(edge).state);
  const found = links.flatMap((link) =>
    problemsOfEdge(link, {
      ...{ freshness, latenessMs, revocationOf },
      isClockTold: ingest.refusals.has(link.edge, "clock"),
    }),
  );
  if (!states.includes("live")) {
    // Stale is not yet silent: a fog that has just started waits for its edges.
    const severity = states.includes("stale") ? "low" : "medium";
    const text = `none of ${links.length} edges is heard: nothing is known of the plant as it is now`;
    found.push({ code: "no-edge-heard", severity, subject: "", text });
  }
  return found;
}

function problemsOfEdge(
  { edge, skewMs, status }: EdgeLink,
  {
    freshness,
    latenessMs,
    revocationOf,
    isClockTold,
  }: Pick<SiteParts, "freshness" | "latenessMs" | "revocationOf"> & { isClockTold: boolean },
): Finding[] {
  // Nobody need look for an edge that a person has shut out.
  if (revocationOf(edge)) return [];
  const seen = freshness.edge(edge);
  if (seen.state === "silent") {
    const severity = status?.safety ? "high" : "medium";
    const { reason: text, sinceMs } = seen;
    return [{ code: "edge-silent", severity, subject: edge, text, sinceMs }];
  }
  if (seen.state === "never") return [];
  // What an edge complained of stands until it says otherwise.
  const asOf = freshness.isStatusOfNow(edge) ? "" : ", as it last said";
  const own = (status?.problems ?? []).map(edgeProblem);
  const problems: Finding[] = own.map(({ code, severity, subject, text, sinceMs }) => ({
    ...{ code: `edge-${code}`, severity, text: `${edge}${asOf}: ${text}`, sinceMs },
    subject: subject ? `${edge}/${subject}` : edge,
  }));
  // What the way adds looks like a clock that is behind.
  if (!isClockTold && seen.state === "live" && Math.abs(skewMs) >= skewTellMs + latenessMs) {
    const severity = Math.abs(skewMs) >= skewBlindMs + latenessMs ? "medium" : "low";
    const way = skewMs > 0 ? "behind" : "ahead of";
    const text = `the clock of ${edge} is ${ageWords(Math.abs(skewMs))} ${way} the fog's; set it, or let both follow one time server`;
    problems.push({ code: "edge-clock", severity, subject: edge, text });
  }
  return problems;
}

function outputProblems({ trips }: SiteParts): Finding[] {
  return trips.list().flatMap((trip): Finding[] => {
    const { outcome, text } = outcomeOf(trip);
    if (outcome !== "failed") return [];
    const subject = `${trip.edge}/${trip.rule}`;
    return [{ code: "trip-failed", severity: "high", subject, text, sinceMs: trip.atMs }];
  });
}

function scorerProblems({ clock, detection, latenessMs }: SiteParts): Finding[] {
  const { state, reason, sinceMs } = detection.service;
  const base = { code: "scorer-stopped", severity: "medium", subject: "" } as const;
  if (state === "stopped") {
    const text = `windows are not judged: ${reason}; it is started again with the next minute`;
    return [{ ...base, text, sinceMs }];
  }
  const waitedMs = detection.waitingMs(clock.monotonicMs());
  if (waitedMs <= scoringWithinMs + latenessMs) return [];
  const text = `windows have waited ${ageWords(waitedMs)} for the scorer, which does not answer`;
  return [{ ...base, text, sinceMs: clock.nowMs() - waitedMs }];
}

function learnerProblems({ learning }: SiteParts): Finding[] {
  const { state, reason, sinceMs } = learning.learner;
  if (state !== "stopped") return [];
  const text = `the learner ended (${reason}) and is started again with the next stage; stages that are learned are judged as before`;
  return [{ code: "learner-stopped", severity: "low", subject: "", text, sinceMs }];
}

function roomProblems({ incidents }: SiteParts): Finding[] {
  const refused = incidents.incidents.refusedCount;
  if (refused === 0) return [];
  const text = `more is wrong at this site than can be kept open: ${refused} signs below high were not taken as incidents; the page of events has them`;
  return [{ code: "incidents-full", severity: "medium", subject: "", text }];
}
