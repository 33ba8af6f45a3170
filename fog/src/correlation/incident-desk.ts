/**
 * From signs to incidents: what edges report, what the fog's models decide. One incident for each cause; what
 * another one explains is grouped under it as long as its cause is there (explanation.ts).
 */
import type { Birth, EdgeStatus } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Incident } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import type { Verdict } from "../detection/detection.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import {
  alertSign,
  droppedSign,
  isProtecting,
  linkSign,
  type SignFacts,
  tripSign,
} from "./edge-signs.ts";
import { type Explanation, explanationOf } from "./explanation.ts";
import { causes, kindOf } from "./incident-cause.ts";
import { asContribution, type IncidentStore } from "./incident-store.ts";
import type { NoticeBoard } from "./notice-board.ts";
import { type IncidentChange, OpenIncidents } from "./open-incidents.ts";
import { onProtection } from "./protection-incidents.ts";
import { findingOf, reasonsOf } from "./reasons.ts";
import { onConditions, onQuality } from "./sensor-incidents.ts";
import { isUntold, type TripBoard } from "./trip-board.ts";
import { cutOffOf } from "./trip-outcome.ts";
import { verdictSeverity } from "./verdict-severity.ts";

/** An incident that stays as it is is written again this often. */
const refreshMs = 10 * 60_000;
/** An edge that has dropped nothing more for so long, by its own count, has come through. */
const dropsOverMs = 3_600_000;

export interface IncidentDeskOptions {
  site: SiteModel;
  tags: SiteTags;
  store: IncidentStore;
  /** What edges have told of trips and bypasses; events are folded in here. */
  trips: TripBoard;
  notices: NoticeBoard;
  /** Live readings show that the cause of a trip is gone, though it is latched. */
  isCauseGone: (edge: string, rule: string) => boolean;
  /** Every new and changed incident, already stored. */
  onChange: (incident: Incident, what: IncidentChange) => void;
}

export interface Suppressed extends Explanation {
  incident: Incident;
}

export class IncidentDesk {
  readonly incidents: OpenIncidents;
  readonly #options: IncidentDeskOptions;
  /** Told once everything of one sign is known, what explains it included. */
  #untold: { incident: Incident; what: IncidentChange }[] = [];
  /** Edges that were born and have not yet said how they are. */
  readonly #back = new Set<string>();
  /** The newest sign of anything, plant time. */
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor(options: IncidentDeskOptions) {
    this.#options = options;
    const { store, site } = options;
    this.incidents = new OpenIncidents({
      ...{ store, site: site.site.id },
      onChange: (incident, what) => this.#note(incident, what),
    });
    for (const { updatedAtMs } of this.incidents.all()) this.#at(updatedAtMs);
  }

  /** Open incidents that stand for themselves, worst and newest first. */
  open(): Incident[] {
    return this.incidents.all().filter(({ explainedBy }) => explainedBy === "");
  }

  /** Those that another one explains, and which. */
  suppressed(): Suppressed[] {
    const all = this.incidents.all();
    return all.flatMap((incident) => {
      const found = incident.explainedBy ? this.#explanation(incident, all) : undefined;
      return found ? [{ incident, ...found }] : [];
    });
  }

  /** Worst and newest first, also those that another one explains. */
  allOfStage(stage: string): Incident[] {
    return this.incidents.all().filter((incident) => incident.stage === stage);
  }

  ofStage(stage: string): Incident | undefined {
    return this.open().find((incident) => incident.stage === stage);
  }

  onVerdict(verdict: Verdict): void {
    this.#at(verdict.atMs);
    const cause = causes.anomaly(verdict.stage);
    const known = this.incidents.of(cause);
    if (verdict.decided) this.#anomaly(verdict, known);
    else
      this.incidents.close(cause, {
        atMs: verdict.atMs,
        evidence: "the newest windows, with good readings, are as learned",
      });
    this.regroup();
  }

  onEvent(edge: string, event: Event, backlog: boolean): void {
    this.#at(event.atMs);
    const { trips, notices } = this.#options;
    trips.take(edge, event);
    notices.take(edge, event);
    this.#take(edge, event, backlog);
    this.regroup();
  }

  /** What an edge says of itself has the last word on what it has told before. */
  onStatus(edge: string, status: EdgeStatus): void {
    this.#at(status.atMs);
    const { trips, notices } = this.#options;
    trips.reconcile(edge, status);
    this.#reconcileTrips(edge, status);
    this.#stillLatched(edge, status);
    onConditions(this.incidents, status, this.#facts(edge));
    onProtection(this.incidents, status, {
      edge,
      stageOf: (rule) => trips.of(edge, rule)?.stage ?? "",
      bypassWords: (rule) => {
        const { by, reason } = notices.bypasses(edge, [rule])[0] ?? { by: "", reason: "" };
        return by ? ` by ${by}: ${reason}` : "";
      },
    });
    this.#dropsOver(edge, status);
    this.regroup();
  }

  /** What an edge no longer has cannot be wrong with it. */
  onBirth(edge: string, birth: Birth): void {
    this.#back.add(edge);
    const tags = new Set(birth.tags.map(({ id }) => id));
    for (const { cause, openedAtMs, contributions } of this.incidents.all()) {
      const [kind, of, ...rest] = cause.split("/");
      if (of !== edge || birth.atMs < openedAtMs) continue;
      const gone =
        (kind === "alert" && !tags.has(rest.slice(0, -1).join("/"))) ||
        (kind === "sensor" &&
          contributions.every(({ tag }) => !tags.has(tag.slice(edge.length + 1))));
      if (gone) {
        const names = contributions.map(({ tag }) => tag).join(", ");
        const what = kind === "sensor" && names !== "" ? names : "it";
        const evidence = `${edge} is configured anew and no longer has ${what}`;
        this.incidents.close(cause, { atMs: birth.atMs, evidence });
      }
    }
    this.regroup();
  }

  /** Looks again at what explains what; what has no explanation any more stands for itself. */
  regroup(): void {
    const all = this.incidents.all();
    for (const incident of all) {
      const by = this.#explanation(incident, all)?.by;
      const id = by?.id ?? "";
      if (by && by.stage !== incident.stage && !by.related.includes(incident.stage)) {
        if (incident.stage) this.incidents.change(by, { related: [...by.related, incident.stage] });
      }
      if (incident.explainedBy !== id) this.incidents.change(incident, { explainedBy: id });
    }
    const untold = this.#untold;
    this.#untold = [];
    for (const { incident, what } of untold) this.#options.onChange(incident, what);
  }

  /** Sets the newest feedback on an incident; undefined when there is none with this id. */
  label(id: string, label: string): Incident | undefined {
    const incident = this.incidents.byId(id) ?? this.#options.store.get(id);
    if (!incident) return undefined;
    this.incidents.change(incident, { label });
    this.regroup();
    return incident;
  }

  #explanation(incident: Incident, all: readonly Incident[]): Explanation | undefined {
    return explanationOf(incident, all, {
      site: this.#options.site,
      nowMs: this.#nowMs,
      kindOfTag: (tag) => this.#options.tags.find(tag)?.measures.kind ?? "",
      isProtecting: (tag) => isProtecting(this.#options.tags, tag),
      isCauseGone: ({ cause }) => this.#options.isCauseGone(...edgeAndRule(cause)),
      cutOffOf: ({ cause }) => cutOffOf(this.#options.trips.of(...edgeAndRule(cause))),
    });
  }

  #take(edge: string, event: Event, backlog: boolean): void {
    const { body, atMs } = event;
    const facts = this.#facts(edge);
    switch (body.case) {
      case "trip":
        this.#trip(edge, body.value.rule, { event, backlog });
        break;
      case "output":
      case "waveform":
        if (this.incidents.of(causes.trip(edge, body.value.rule)))
          this.#trip(edge, body.value.rule, { event, backlog });
        break;
      case "tripReset": {
        if (!body.value.accepted) break;
        const { rule, by, reason } = body.value;
        const evidence = `reset by ${by || "somebody"}${reason ? `: ${reason}` : ""}`;
        this.incidents.close(causes.trip(edge, rule), { atMs, evidence });
        break;
      }
      case "alert": {
        const sign = { ...alertSign(event, body.value, facts), backlog };
        if (!this.incidents.isNews(sign.cause, atMs)) break;
        const evidence = `${edge} says that it is over`;
        if (body.value.active) this.incidents.raise(sign);
        else this.incidents.close(sign.cause, { atMs, evidence });
        break;
      }
      case "deviceLink": {
        const sign = { ...linkSign(event, body.value, facts), backlog };
        if (!this.incidents.isNews(sign.cause, atMs)) break;
        const evidence = `${edge} says that it answers again`;
        if (body.value.up) this.incidents.close(sign.cause, { atMs, evidence });
        else this.incidents.raise(sign);
        break;
      }
      case "quality": {
        const change = body.value;
        if (!this.incidents.isNews(`quality/${edge}/${change.tag}`, atMs)) break;
        onQuality(this.incidents, { event, change, facts });
        break;
      }
      case "dropped":
        this.incidents.raise({ ...droppedSign(event, body.value, facts), backlog });
        break;
      default:
    }
  }

  #trip(edge: string, rule: string, { event, backlog }: { event: Event; backlog: boolean }): void {
    const trip = this.#options.trips.of(edge, rule);
    if (!trip) return;
    const sign = tripSign(trip, this.#facts(edge));
    this.incidents.raise({ ...sign, backlog, atMs: event.atMs, eventId: event.id });
  }

  /**
   * Trips that are latched and have no incident: one was closed without it, which the first word of an edge that is
   * back shows, or the event never came.
   */
  #stillLatched(edge: string, status: EdgeStatus): void {
    const isBack = this.#back.delete(edge);
    for (const rule of status.latchedTrips) {
      const trip = this.#options.trips.of(edge, rule);
      if (!trip || !(isBack || isUntold(trip)) || this.incidents.of(causes.trip(edge, rule)))
        continue;
      this.incidents.raise({ ...tripSign(trip, this.#facts(edge)), atMs: status.atMs });
    }
  }

  /** A reset that was not heard of, and outputs that have followed since. */
  #reconcileTrips(edge: string, status: EdgeStatus): void {
    for (const { cause, openedAtMs, headline } of this.incidents.all()) {
      if (!cause.startsWith(`trip/${edge}/`) || openedAtMs > status.atMs) continue;
      const rule = cause.slice(`trip/${edge}/`.length);
      if (!status.latchedTrips.includes(rule)) {
        const evidence = `${edge} no longer lists it as latched`;
        this.incidents.close(cause, { atMs: status.atMs, evidence });
        continue;
      }
      const trip = this.#options.trips.of(edge, rule);
      const sign = trip && tripSign(trip, this.#facts(edge));
      if (sign && sign.headline !== headline) this.incidents.raise({ ...sign, atMs: status.atMs });
    }
  }

  #dropsOver(edge: string, status: EdgeStatus): void {
    const cause = causes.dataLoss(edge);
    const incident = this.incidents.of(cause);
    const dropped = status.ledger?.dropped;
    if (!incident || dropped === undefined) return;
    // The edge's own count is kept beside the incident; it only ever rises.
    if (incident.score !== dropped) {
      this.incidents.change(incident, { score: dropped, updatedAtMs: status.atMs });
    } else if (status.atMs - incident.updatedAtMs >= dropsOverMs) {
      const evidence = `${edge} has dropped nothing more for an hour; ${dropped} readings in all`;
      this.incidents.close(cause, { atMs: status.atMs, evidence });
    }
  }

  #anomaly(verdict: Verdict, known: Incident | undefined): void {
    const { stage, atMs, ratio } = verdict;
    const worse = !known || ratio > known.score * 1.1;
    if (!worse && atMs - known.updatedAtMs < refreshMs) return;
    const seconded = this.allOfStage(stage).some(({ cause }) => kindOf(cause) === "alert");
    this.incidents.raise({
      cause: causes.anomaly(stage),
      ...{ stage, atMs, score: Math.max(known?.score ?? 0, ratio), threshold: 1 },
      severity: verdictSeverity({ ratio, seconded }),
      detector: "isolation forest and distance",
      ...(worse ? this.#finding(verdict) : { headline: known.headline }),
    });
  }

  #finding(verdict: Verdict) {
    const { tags, site } = this.#options;
    const contributions = reasonsOf(verdict.score.contributions, tags);
    const { stage } = verdict;
    const { headline, story, checks } = findingOf(contributions, { site, stage, tags });
    return {
      ...{ headline, story, suggestedChecks: checks },
      contributions: contributions.map(asContribution),
    };
  }

  #facts(edge: string): SignFacts {
    const { tags, site } = this.#options;
    const stageName = (id: string) => site.stages.find((stage) => stage.id === id)?.name ?? id;
    return { edge, tags, stageName, time: siteTimeOf(site.site.tz) };
  }

  #note(incident: Incident, what: IncidentChange): void {
    const isToldAnyway = this.#untold.some((one) => one.incident === incident);
    if (what !== "changed" || !isToldAnyway) this.#untold.push({ incident, what });
  }

  #at(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }
}

/** Of the cause of a trip; a rule may have a slash in its name. */
function edgeAndRule(cause: string): [edge: string, rule: string] {
  const [, edge = "", ...rule] = cause.split("/");
  return [edge, rule.join("/")];
}
