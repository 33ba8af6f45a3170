/**
 * The open incidents, one for each cause, on disk before anybody hears of them. An incident ends only by
 * evidence that its cause has ended; nothing here knows of time that passes.
 */
import { createHash } from "node:crypto";
import type { Incident } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { causeOfOld } from "./incident-cause.ts";
import { type IncidentStore, newIncident } from "./incident-store.ts";

/** A plant in ruins has fewer. Beyond it only what is high is still taken; what is not is counted. */
const openMax = 2_000;
/** Events named by one incident: the newest. */
const eventIdsMax = 50;
/** Causes of which the newest word is remembered, so that an older one that comes later changes nothing. */
const rememberedMax = 5_000;

type Fields = Partial<Omit<Incident, "$typeName" | "$unknown" | "id" | "site" | "cause">>;

/** What raises an incident, or tells more of one that is open. */
export interface Sign extends Fields {
  cause: string;
  severity: Severity;
  /** When it was so, plant time: of the edge's event, or of the fog's finding. */
  atMs: number;
  headline: string;
  eventId?: string | undefined;
}

export type IncidentChange = "opened" | "changed" | "closed";

export interface OpenIncidentsOptions {
  site: string;
  store: IncidentStore;
  /** Every new and changed incident, already stored. */
  onChange: (incident: Incident, what: IncidentChange) => void;
}

export class OpenIncidents {
  readonly #options: OpenIncidentsOptions;
  readonly #byCause = new Map<string, Incident>();
  readonly #newestMs = new Map<string, number>();
  #refused = 0;

  constructor(options: OpenIncidentsOptions) {
    this.#options = options;
    for (const incident of options.store.list("open", openMax)) {
      incident.cause ||= causeOfOld(incident);
      this.#byCause.set(incident.cause, incident);
    }
  }

  /** Signs that found no room since the start. */
  get refusedCount(): number {
    return this.#refused;
  }

  /** Worst and newest first. */
  all(): Incident[] {
    return [...this.#byCause.values()].sort(
      (a, b) => b.severity - a.severity || b.openedAtMs - a.openedAtMs,
    );
  }

  of(cause: string): Incident | undefined {
    return this.#byCause.get(cause);
  }

  byId(id: string): Incident | undefined {
    return [...this.#byCause.values()].find((incident) => incident.id === id);
  }

  /** False: something newer is known of `cause`, and this comes late. Notes the time when it is not. */
  isNews(cause: string, atMs: number): boolean {
    if ((this.#newestMs.get(cause) ?? Number.NEGATIVE_INFINITY) > atMs) return false;
    this.#newestMs.delete(cause);
    this.#newestMs.set(cause, atMs);
    if (this.#newestMs.size > rememberedMax) {
      this.#newestMs.delete(this.#newestMs.keys().next().value as string);
    }
    return true;
  }

  /** Opens the incident of a cause, or tells more of it. Its severity never falls while it is open. */
  raise({ atMs, eventId, ...fields }: Sign): void {
    const known = this.#byCause.get(fields.cause);
    if (known) {
      const severity = Math.max(known.severity, fields.severity) as Severity;
      this.change(known, { ...fields, severity, updatedAtMs: atMs }, eventId);
      return;
    }
    if (this.#byCause.size >= openMax && fields.severity < Severity.HIGH) {
      this.#refused += 1;
      return;
    }
    const { site, store, onChange } = this.#options;
    const incident = newIncident({
      ...fields,
      ...{ site, id: this.#nextId(fields.cause, atMs), openedAtMs: atMs, updatedAtMs: atMs },
      eventIds: eventId === undefined ? [] : [eventId],
    });
    this.#byCause.set(incident.cause, incident);
    store.put(incident);
    onChange(incident, "opened");
  }

  change(incident: Incident, fields: Fields, eventId?: string): void {
    Object.assign(incident, fields);
    if (eventId !== undefined && !incident.eventIds.includes(eventId)) {
      incident.eventIds = [...incident.eventIds, eventId].slice(-eventIdsMax);
    }
    this.#options.store.put(incident);
    this.#options.onChange(incident, "changed");
  }

  /** `evidence`: plain words, what shows that the cause has ended. */
  close(cause: string, { atMs, evidence }: { atMs: number; evidence: string }): void {
    const incident = this.#byCause.get(cause);
    if (!incident) return;
    Object.assign(incident, { closedAtMs: atMs, updatedAtMs: atMs, closedBy: evidence });
    incident.explainedBy = "";
    this.#byCause.delete(cause);
    this.#options.store.put(incident);
    this.#options.onChange(incident, "closed");
  }

  /**
   * The instant of what raised it and a digest of its cause. Nothing of it is counted or goes by a wall clock: a
   * count begins again where a backup left off, and an hour that comes twice would give two incidents one name.
   */
  #nextId(cause: string, atMs: number): string {
    const { site, store } = this.#options;
    const instant = new Date(Math.floor(atMs / 1_000) * 1_000).toISOString();
    const id = `${site}-${instant.replaceAll(/-|:|\.\d+/g, "")}-${digestOf(cause)}`;
    let free = id;
    for (let n = 2; store.get(free) !== undefined; n++) free = `${id}-${n}`;
    return free;
  }
}

/** Long enough that two of all open causes hardly share one, short enough to be read out. */
const digestOf = (cause: string): string =>
  createHash("sha256").update(cause).digest("hex").slice(0, 8);
