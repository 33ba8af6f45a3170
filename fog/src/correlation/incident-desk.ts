/**
 * Many signs, one incident: edge trips and alerts and the fog's verdicts of one cause are one object.
 * A stage downstream of an open incident does not open its own: it is named inside the first.
 */
import type { Event, Trip } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { AlertRule, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { type Incident, Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import type { Verdict } from "../detection/detection.ts";
import { upstreamOf } from "../detection/stage-plan.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import { type IncidentStore, newIncident } from "./incident-store.ts";
import { findingOf, reasonsOf } from "./reasons.ts";

/** Incidents kept open in memory; more than this is a plant in ruins, and the oldest advisory goes. */
const openMax = 200;
/** An open incident explains departures downstream for this long after its newest sign. */
const explainsMs = 6 * 3_600_000;
/** An incident that stays as it is is written again this often. */
const refreshMs = 10 * 60_000;

export interface IncidentDeskOptions {
  site: SiteModel;
  tags: SiteTags;
  store: IncidentStore;
  /** Every new and changed incident, already stored. */
  onChange: (incident: Incident, what: "opened" | "changed" | "closed") => void;
}

export class IncidentDesk {
  readonly #options: IncidentDeskOptions;
  readonly #open = new Map<string, Incident>();
  readonly #lastIds = new Map<string, number>();

  constructor(options: IncidentDeskOptions) {
    this.#options = options;
    for (const incident of options.store.list("open", openMax))
      this.#open.set(incident.id, incident);
    for (const { id } of options.store.list("all", openMax)) this.#noteId(id);
  }

  /** Open incidents, worst and newest first. */
  open(): Incident[] {
    return [...this.#open.values()].sort(
      (a, b) => b.severity - a.severity || b.openedAtMs - a.openedAtMs,
    );
  }

  ofStage(stage: string): Incident | undefined {
    return this.open().find((incident) => incident.stage === stage);
  }

  /** Also those that another one explains. */
  allOfStage(stage: string): Incident[] {
    return this.open().filter((incident) => incident.stage === stage);
  }

  onVerdict(verdict: Verdict): void {
    const mine = this.ofStage(verdict.stage);
    if (!verdict.decided) {
      if (mine && isAnomaly(mine)) this.#close(mine, verdict.atMs);
      return;
    }
    if (mine && !isAnomaly(mine)) return; // a trip already speaks for this stage
    if (mine) {
      this.#refresh(mine, verdict);
      return;
    }
    const parent = this.#parentOf(verdict.stage, verdict.atMs);
    if (parent) {
      if (!parent.related.includes(verdict.stage))
        this.#change(parent, {
          related: [...parent.related, verdict.stage],
          updatedAtMs: verdict.atMs,
        });
      return;
    }
    this.#openAnomaly(verdict);
  }

  onEvent(edge: string, event: Event, backlog: boolean): void {
    const { body } = event;
    if (body.case === "trip") this.#trip(event, { trip: body.value, backlog });
    else if (body.case === "output") this.#output(event);
    else if (body.case === "tripReset" && body.value.accepted)
      this.#tripReset(body.value.rule, event.atMs);
    else if (body.case === "alert" && body.value.rule === AlertRule.DELTA)
      this.#delta(edge, event, backlog);
  }

  /** Sets the newest feedback on an incident; undefined when there is none with this id. */
  label(id: string, label: string): Incident | undefined {
    const incident = this.#open.get(id) ?? this.#options.store.get(id);
    if (!incident) return undefined;
    this.#change(incident, { label });
    return incident;
  }

  #openAnomaly(verdict: Verdict): void {
    const finding = this.#finding(verdict);
    this.#add({
      stage: verdict.stage,
      severity: Severity.ADVISORY,
      openedAtMs: verdict.atMs,
      updatedAtMs: verdict.atMs,
      detector: "isolation forest and distance",
      score: verdict.ratio,
      threshold: 1,
      ...finding,
    });
  }

  #refresh(incident: Incident, verdict: Verdict): void {
    const worse = verdict.ratio > incident.score * 1.1;
    if (!worse && verdict.atMs - incident.updatedAtMs < refreshMs) return;
    const score = Math.max(incident.score, verdict.ratio);
    this.#change(
      incident,
      worse
        ? { score, updatedAtMs: verdict.atMs, ...this.#finding(verdict) }
        : { updatedAtMs: verdict.atMs },
    );
  }

  #finding(verdict: Verdict) {
    const { tags, site } = this.#options;
    const contributions = reasonsOf(verdict.score.contributions, tags);
    const { stage } = verdict;
    const { headline, story, checks } = findingOf(contributions, { site, stage, tags });
    return {
      headline,
      story,
      suggestedChecks: checks,
      contributions: contributions.map(asMessage),
    };
  }

  #trip(event: Event, { trip, backlog }: { trip: Trip; backlog: boolean }): void {
    const fields = {
      severity: trip.simulated ? Severity.LOW : Severity.HIGH,
      updatedAtMs: event.atMs,
      headline: `${this.#stageName(trip.stage)}: ${trip.cause}; ${trip.outputs.join(", ") || "no output"} driven to the safe state`,
      detector: trip.simulated ? "edge trip (test)" : `edge trip ${trip.rule}`,
      // A test has no value.
      score: Number.isFinite(trip.value) ? trip.value : 0,
      threshold: trip.limit,
      story: `${trip.cause}${Number.isFinite(trip.value) ? `: the value was ${trip.value.toPrecision(3)}` : ""}. The edge drove ${trip.outputs.join(" and ") || "its outputs"} by itself, without asking fog or cloud, and holds it until somebody has looked and resets it.`,
      suggestedChecks: [
        "Look at the plant before anything else: is the cause really gone?",
        "Find why it happened: pump, stock, set point, analyser",
        "Reset the trip here, saying what was checked",
      ],
    };
    const known = this.ofStage(trip.stage);
    if (known) {
      this.#change(known, { ...fields, eventIds: [...known.eventIds, event.id] });
      return;
    }
    this.#add({
      ...fields,
      stage: trip.stage,
      openedAtMs: event.atMs,
      eventIds: [event.id],
      backlog,
      contributions: [],
    });
  }

  #output(event: Event): void {
    if (event.body.case !== "output") return;
    const { rule, outcome, output, detail } = event.body.value;
    const incident = this.#ofRule(rule);
    if (!incident) return;
    const eventIds = [...incident.eventIds, event.id];
    if (outcome === OutputOutcome.FAILED) {
      this.#change(incident, {
        eventIds,
        updatedAtMs: event.atMs,
        severity: Severity.HIGH,
        headline: `TRIP FAILED: ${output} did not confirm; isolate locally`,
        story: `The edge wrote ${output}, and its feedback did not follow: ${detail}. ${incident.story}`,
      });
    } else {
      this.#change(incident, { eventIds, updatedAtMs: event.atMs });
    }
  }

  #tripReset(rule: string, atMs: number): void {
    const incident = this.#ofRule(rule);
    if (incident) this.#close(incident, atMs);
  }

  /** A fast change is worth a look before any limit is reached; it ends when the edge says so. */
  #delta(edge: string, event: Event, backlog: boolean): void {
    if (event.body.case !== "alert") return;
    const { stage, active, text, value, score, threshold, tag } = event.body.value;
    const known = this.ofStage(stage);
    if (!active) {
      if (known?.detector === deltaDetector) this.#close(known, event.atMs);
      return;
    }
    if (known) {
      this.#change(known, { eventIds: [...known.eventIds, event.id], updatedAtMs: event.atMs });
      return;
    }
    this.#add({
      stage,
      severity: Severity.LOW,
      openedAtMs: event.atMs,
      updatedAtMs: event.atMs,
      headline: `${this.#stageName(stage)}: ${text}`,
      story: `${text}. It changes faster than this process does by itself; the edge samples it more closely and will cut off at the hard limit.`,
      detector: deltaDetector,
      score,
      threshold,
      eventIds: [event.id],
      backlog,
      suggestedChecks: ["Look at the dose and the flow", "Compare with the neighbouring sensor"],
      contributions: [
        {
          tag: `${edge}/${tag}`,
          feature: "change",
          share: 1,
          value,
          expected: value - score,
          direction: "high",
          text,
        },
      ].map(asMessage),
    });
  }

  #ofRule(rule: string): Incident | undefined {
    return this.open().find(
      (incident) =>
        incident.detector === `edge trip ${rule}` || incident.detector === "edge trip (test)",
    );
  }

  #parentOf(stage: string, atMs: number): Incident | undefined {
    const above = upstreamOf(this.#options.site, stage);
    return this.open().find(
      (incident) => above.includes(incident.stage) && atMs - incident.updatedAtMs <= explainsMs,
    );
  }

  #add(
    fields: Omit<Parameters<typeof newIncident>[0] & object, "$typeName" | "id" | "site"> & {
      openedAtMs: number;
      stage: string;
    },
  ): void {
    if (this.#open.size >= openMax) return;
    const incident = newIncident({
      ...fields,
      id: this.#nextId(fields.openedAtMs),
      site: this.#options.site.site.id,
    });
    this.#open.set(incident.id, incident);
    this.#options.store.put(incident);
    this.#options.onChange(incident, "opened");
  }

  #change(incident: Incident, fields: Partial<Incident>): void {
    Object.assign(incident, fields);
    this.#options.store.put(incident);
    this.#options.onChange(incident, "changed");
  }

  #close(incident: Incident, atMs: number): void {
    incident.closedAtMs = atMs;
    incident.updatedAtMs = atMs;
    this.#open.delete(incident.id);
    this.#options.store.put(incident);
    this.#options.onChange(incident, "closed");
  }

  #nextId(atMs: number): string {
    const day = new Date(atMs).toISOString().slice(0, 10).replaceAll("-", "");
    const prefix = `${this.#options.site.site.id}-${day}`;
    const number = (this.#lastIds.get(prefix) ?? 0) + 1;
    this.#lastIds.set(prefix, number);
    return `${prefix}-${number}`;
  }

  #noteId(id: string): void {
    const cut = id.lastIndexOf("-");
    const prefix = id.slice(0, cut);
    this.#lastIds.set(prefix, Math.max(this.#lastIds.get(prefix) ?? 0, Number(id.slice(cut + 1))));
  }

  #stageName(stage: string): string {
    const found = this.#options.site.stages.find((one) => one.id === stage);
    return found ? found.name : stage;
  }
}

const deltaDetector = "edge rate of change";

const isAnomaly = (incident: Incident): boolean => incident.detector.startsWith("isolation forest");

/** The store encodes plain reasons as messages. */
const asMessage = <T extends object>(reason: T) => ({
  $typeName: "weir.v1.Contribution" as const,
  ...reason,
});
