/**
 * Which open incident explains which: what is explained is listed, not shown as an alarm of its own. Looked at
 * anew each time, so that it ends with its cause: a latch that still stands explains nothing any more.
 */
import { AlertRule } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { type Incident, Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { upstreamOf } from "../detection/stage-plan.ts";
import { kindOf } from "./incident-cause.ts";
import type { CutOff } from "./trip-outcome.ts";

/** An incident explains departures downstream for this long after its newest sign. */
const explainsMs = 6 * 3_600_000;
/** What fails with a link, or with an edge, is told up to so long before it. */
const togetherMs = 120_000;

/** What a plant does when an output is cut off: it moves, stands, or runs as it never did. */
const effectRules: ReadonlySet<number> = new Set([
  AlertRule.DELTA,
  AlertRule.ROBUST_Z,
  AlertRule.STUCK,
  AlertRule.STREAM,
]);

/** Alerts of a change, which several sensors see at once; a sensor that fails does so alone. */
const togetherRules: ReadonlySet<number> = new Set([AlertRule.DELTA, AlertRule.ROBUST_Z]);

export interface ExplanationFacts {
  site: SiteModel;
  nowMs: number;
  /** Live readings show that the cause of this trip is gone, though it is latched. */
  isCauseGone: (trip: Incident) => boolean;
  /** What a trip holds switched by feedback; undefined where nothing is confirmed. */
  cutOffOf: (trip: Incident) => CutOff | undefined;
  /** Has the tag a hard limit of its own? */
  isProtecting: (tag: string) => boolean;
  /** What a tag measures; empty where nobody knows. */
  kindOfTag: (tag: string) => string;
}

export interface Explanation {
  by: Incident;
  reason: string;
}

/** Undefined: the incident stands for itself. A trip always does. */
export function explanationOf(
  incident: Incident,
  open: readonly Incident[],
  facts: ExplanationFacts,
): Explanation | undefined {
  switch (kindOf(incident.cause)) {
    case "anomaly":
      return (
        byTrip(incident, open, facts) ??
        byCutOff(incident, open, facts) ??
        byAlert(incident, open) ??
        byUpstream(incident, open, facts)
      );
    case "alert":
      return (
        byTrip(incident, open, facts) ??
        byCutOff(incident, open, facts) ??
        byLikeAlert(incident, open, facts)
      );
    case "sensor":
    case "link":
      return byLink(incident, open);
    default:
      return undefined;
  }
}

function byTrip(
  { stage }: Incident,
  open: readonly Incident[],
  { isCauseGone }: ExplanationFacts,
): Explanation | undefined {
  const by = open.find(
    (one) => kindOf(one.cause) === "trip" && one.stage === stage && !isCauseGone(one),
  );
  return by && { by, reason: "the trip of this stage has the same cause, which is still there" };
}

/**
 * What follows from an output that a trip holds: in its stage, and in the stages that this one feeds. It ends
 * with the reset; what is high, and an alert of another tag that has a hard limit, stand for themselves.
 */
function byCutOff(
  incident: Incident,
  open: readonly Incident[],
  { site, cutOffOf, isProtecting }: ExplanationFacts,
): Explanation | undefined {
  const { stage, openedAtMs, severity, contributions } = incident;
  if (severity >= Severity.HIGH) return undefined;
  const isAlert = kindOf(incident.cause) === "alert";
  if (isAlert && !effectRules.has(ruleOf(incident))) return undefined;
  // What is cut off is missing at the end of the line as well, however far that is.
  const stages = [stage, ...upstreamOf(site, stage, Number.POSITIVE_INFINITY)];
  for (const by of open) {
    if (kindOf(by.cause) !== "trip" || !stages.includes(by.stage)) continue;
    const cutOff = cutOffOf(by);
    const limited = contributions.some(({ tag }) => isProtecting(tag) && tag !== cutOff?.tag);
    if (isAlert && limited) continue;
    const afterMs = openedAtMs - (cutOff?.atMs ?? Number.POSITIVE_INFINITY);
    if (!cutOff || afterMs < 0 || afterMs > explainsMs) continue;
    const what = cutOff.outputs.join(" and ");
    return { by, reason: `it follows from the trip of ${by.stage}, which holds ${what}` };
  }
  return undefined;
}

/** Sensors of one kind in one stage that change together see one change. */
function byLikeAlert(
  alert: Incident,
  open: readonly Incident[],
  { kindOfTag }: ExplanationFacts,
): Explanation | undefined {
  const rule = ruleOf(alert);
  const kind = kindOfTag(alert.contributions[0]?.tag ?? "");
  if (kind === "" || !togetherRules.has(rule)) return undefined;
  const by = open.find(
    (one) =>
      kindOf(one.cause) === "alert" &&
      one.stage === alert.stage &&
      ruleOf(one) === rule &&
      kindOfTag(one.contributions[0]?.tag ?? "") === kind &&
      isBefore(one, alert) &&
      alert.openedAtMs - one.openedAtMs <= togetherMs,
  );
  return by && { by, reason: "a like sensor of this stage has told of the same change" };
}

const ruleOf = ({ cause }: Incident): number => Number(cause.slice(cause.lastIndexOf("/") + 1));

/** An alert of a tag that the anomaly rests on. */
function byAlert(anomaly: Incident, open: readonly Incident[]): Explanation | undefined {
  const tags = new Set(anomaly.contributions.map(({ tag }) => tag));
  const by = open.find(
    (one) =>
      kindOf(one.cause) === "alert" &&
      one.stage === anomaly.stage &&
      one.severity >= anomaly.severity &&
      (tags.size === 0 || one.contributions.some(({ tag }) => tags.has(tag))),
  );
  return by && { by, reason: "its edge has told of the same sensor" };
}

function byUpstream(
  anomaly: Incident,
  open: readonly Incident[],
  { site, nowMs }: ExplanationFacts,
): Explanation | undefined {
  const above = upstreamOf(site, anomaly.stage);
  const by = open.find(
    (one) =>
      above.includes(one.stage) &&
      ["trip", "anomaly", "alert"].includes(kindOf(one.cause)) &&
      isBefore(one, anomaly) &&
      Math.max(nowMs, anomaly.openedAtMs) - one.updatedAtMs <= explainsMs,
  );
  return by && { by, reason: `what ${by.stage} sends on reaches this stage` };
}

/** Stages may feed each other in a ring: the first of them explains the others. */
const isBefore = (a: Incident, b: Incident): boolean =>
  a.openedAtMs < b.openedAtMs || (a.openedAtMs === b.openedAtMs && a.cause < b.cause);

function byLink(incident: Incident, open: readonly Incident[]): Explanation | undefined {
  const { edge, cause, openedAtMs } = incident;
  const with_ = (one: Incident): boolean =>
    one.edge === edge && openedAtMs >= one.openedAtMs - togetherMs && one !== incident;
  const silent = open.find((one) => kindOf(one.cause) === "edge-silent" && with_(one));
  if (silent) return { by: silent, reason: `nothing of ${edge} is heard` };
  const device = kindOf(cause) === "sensor" ? cause.split("/")[2] : undefined;
  const link = open.find((one) => {
    if (kindOf(one.cause) !== "link" || !with_(one)) return false;
    const [, , connection, failed] = one.cause.split("/");
    if (failed !== undefined) return failed === device;
    if (device === undefined) return cause.startsWith(`link/${edge}/${connection}/`);
    return incident.contributions.every(({ direction }) => direction === "stale");
  });
  return link && { by: link, reason: "it is read over what does not answer" };
}
