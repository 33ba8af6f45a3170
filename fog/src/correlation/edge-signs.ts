/** What an edge's own events say of its plant, as signs of incidents. Severities are given here, once. */

import { labelOr } from "@weir/contracts/enum-labels.ts";
import type { DeviceLink, Dropped, Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { type Alert, AlertRule } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { SiteTime } from "@weir/contracts/site-time.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import { causes } from "./incident-cause.ts";
import { asContribution } from "./incident-store.ts";
import type { Sign } from "./open-incidents.ts";
import type { Trip } from "./trip-board.ts";
import { outcomeOf } from "./trip-outcome.ts";

export interface SignFacts {
  edge: string;
  tags: SiteTags;
  stageName: (stage: string) => string;
  /** The clock of the site, for what people read. */
  time: SiteTime;
}

interface AlertKind {
  severity: Severity;
  /** Of a tag with a hard limit. */
  protecting: Severity;
  detector: string;
  why: string;
  checks: string[];
}

const alertKinds: Record<AlertRule, AlertKind> = {
  [AlertRule.UNSPECIFIED]: {
    ...{ severity: Severity.LOW, protecting: Severity.LOW, detector: "edge alert" },
    why: "The edge finds it unusual.",
    checks: ["Compare with the neighbouring sensor"],
  },
  [AlertRule.DELTA]: {
    ...{ severity: Severity.LOW, protecting: Severity.LOW, detector: "edge rate of change" },
    why: "It changes faster than this process does by itself; the edge samples it more closely.",
    checks: ["Look at what was changed just before", "Compare with the neighbouring sensor"],
  },
  [AlertRule.ROBUST_Z]: {
    ...{ severity: Severity.LOW, protecting: Severity.LOW, detector: "edge step" },
    why: "It has stepped far outside its usual deviation.",
    checks: [
      "Was there an operation: cleaning, calibration, a set point?",
      "Compare with the neighbouring sensor",
    ],
  },
  [AlertRule.STUCK]: {
    ...{ severity: Severity.LOW, protecting: Severity.MEDIUM, detector: "edge standstill" },
    why: "A process moves; a value that stands is that of a sensor that has failed or is cut off.",
    checks: ["Look at the sensor and its sample flow", "Compare with a hand-held meter"],
  },
  [AlertRule.NOISE]: {
    ...{ severity: Severity.ADVISORY, protecting: Severity.LOW, detector: "edge noise" },
    why: "It scatters more than it does by itself: a loose wire, air in the sample, a sensor that ends.",
    checks: ["Look at wiring and earthing", "Clean the sensor"],
  },
  [AlertRule.SPIKE]: {
    ...{ severity: Severity.ADVISORY, protecting: Severity.LOW, detector: "edge spikes" },
    why: "Single readings far from their neighbours come again and again.",
    checks: ["Look at wiring and earthing", "What is switched when a spike comes?"],
  },
  [AlertRule.STREAM]: {
    ...{
      severity: Severity.ADVISORY,
      protecting: Severity.ADVISORY,
      detector: "edge streaming detector",
    },
    why: "Its course is unlike its own past.",
    checks: ["Compare with the same hours of the days before"],
  },
  [AlertRule.DEVIATION]: {
    ...{ severity: Severity.MEDIUM, protecting: Severity.MEDIUM, detector: "edge vote" },
    why: "The channels of a vote disagree: one of them is wrong, and the vote protects less than it should.",
    checks: [
      "Compare all channels with a hand-held meter",
      "Repair or calibrate the one that differs",
    ],
  },
};

export const isProtecting = (tags: SiteTags, id: string): boolean => {
  const tag = tags.find(id)?.tag;
  return tag?.hardLow !== undefined || tag?.hardHigh !== undefined;
};

const isMovement = (rule: AlertRule): boolean =>
  rule === AlertRule.DELTA || rule === AlertRule.ROBUST_Z;

export function alertSign(event: Event, alert: Alert, facts: SignFacts): Sign {
  const { edge, tags, stageName } = facts;
  const { rule, tag, stage, text, value, score, threshold } = alert;
  const id = `${edge}/${tag}`;
  const kind = labelOr(alertKinds, rule, alertKinds[AlertRule.UNSPECIFIED]);
  const contribution = {
    ...{ tag: id, feature: "change", share: 1, value },
    // Only the score of a change is in the tag's own unit.
    expected: rule === AlertRule.DELTA ? value - score : Number.NaN,
    ...{ direction: "high", text },
  };
  return {
    cause: causes.alert(edge, tag, rule),
    ...{ edge, stage, atMs: event.atMs, eventId: event.id, score, threshold },
    severity: isProtecting(tags, id) ? kind.protecting : kind.severity,
    headline: `${stageName(stage)}: ${text}`,
    story: `${text}. ${kind.why} It is over when the edge says so.`,
    detector: kind.detector,
    // What moves is known best by those who know what is measured.
    suggestedChecks: isMovement(rule)
      ? [...new Set([...(tags.find(id)?.measures.checks ?? []), ...kind.checks])]
      : kind.checks,
    contributions: [asContribution(contribution)],
  };
}

/** A trip and what became of it: the same words as its card. */
export function tripSign(trip: Trip, facts: SignFacts): Omit<Sign, "atMs"> {
  const { rule, edge, stage, cause, value, limit, simulated } = trip;
  const { outcome, text } = outcomeOf(trip);
  const failed = outcome === "failed";
  const what = `${facts.stageName(stage) || edge}: ${cause}`;
  const number = Number.isFinite(value) ? `: the value was ${value.toPrecision(3)}` : "";
  const outputs = trip.outputs.map(({ output }) => output).join(" and ");
  const acted = outputs
    ? `The edge commanded ${outputs} by itself, without asking fog or cloud. `
    : "The edge decided it by itself, without asking fog or cloud. ";
  return {
    cause: causes.trip(edge, rule),
    ...{ edge, stage },
    severity: simulated && !failed ? Severity.LOW : Severity.HIGH,
    headline: failed ? `${text} (${what})` : `${what}; ${text}`,
    detector: simulated ? "edge trip (test)" : `edge trip ${rule}`,
    // A test has no value.
    score: Number.isFinite(value) ? value : 0,
    threshold: Number.isFinite(limit) ? limit : 0,
    story: `${cause}${number}. ${acted}${capital(text)}. It stays latched until somebody has looked and resets it.`,
    suggestedChecks: [
      ...(failed ? ["Isolate it locally, now: its feedback has not followed"] : []),
      "Look at the plant before anything else: is the cause really gone?",
      "Find why it happened: machine, stock, set point, sensor",
      "Reset the trip here, saying what was checked",
    ],
  };
}

export function linkSign(event: Event, link: DeviceLink, facts: SignFacts): Sign {
  const { edge, tags } = facts;
  const { connection, device, text } = link;
  const base = { edge, atMs: event.atMs, eventId: event.id, detector: "edge connections" };
  const why = text ? `: ${text}` : "";
  if (device === "watchdog") {
    return {
      ...base,
      cause: causes.watchdog(edge, connection),
      severity: Severity.MEDIUM,
      headline: `${edge}: the watchdog on ${connection} is not set${why}`,
      story: `Outputs on ${connection} would keep their state if this edge stopped${why}. Its other protection goes on as the edge says.`,
      suggestedChecks: ["Look at the device that should watch this edge"],
    };
  }
  const rows = tags.current.filter((row) => row.edge === edge && row.tag.device === device);
  const protecting = rows.some((row) => isProtecting(tags, row.id));
  const name = device || connection;
  return {
    ...base,
    cause: causes.link(edge, connection, device),
    stage: rows[0]?.tag.stage ?? "",
    severity: device && !protecting ? Severity.LOW : Severity.MEDIUM,
    headline: `${name} does not answer${why}`,
    story: `${edge} hears nothing of ${name}${why}. What is read over it is not known until it answers again.`,
    suggestedChecks: ["Is it powered?", "Look at the cable and the address"],
  };
}

export function droppedSign(event: Event, dropped: Dropped, { edge, time }: SignFacts): Sign {
  const { readings, fromMs, toMs } = dropped;
  const what = readings > 0 ? `${readings} readings` : "summaries";
  const span = `${time.stamp(fromMs)} to ${time.stamp(toMs)}`;
  return {
    cause: causes.dataLoss(edge),
    ...{ edge, atMs: event.atMs, eventId: event.id, detector: "edge outbox" },
    severity: Severity.MEDIUM,
    headline: `${edge} has dropped ${what}: its outbox was full`,
    story: `The readings of ${span} will not come: the outbox of ${edge} was full. What it decided by itself is not affected.`,
    suggestedChecks: [
      "Why was the fog not reached for so long?",
      "Give the outbox of this edge more disk",
    ],
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
