/**
 * What the cloud knows of each site besides its measurements: a consumer of the event log that folds
 * status, incidents, labels, edge events and artifact states into SQLite.
 */

import { fromJson, type JsonValue, toJsonString } from "@bufbuild/protobuf";
import type { FleetSite } from "@weir/contracts/api/cloud.ts";
import { severityLabel } from "@weir/contracts/enum-labels.ts";
import type { UplinkItem } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { FogStatusSchema } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import {
  type FeedbackLabel,
  FeedbackLabelSchema,
  type Incident,
  IncidentSchema,
} from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { defaultZone, isZone } from "@weir/contracts/site-time.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { decodeItem } from "../ingest/item-kind.ts";
import type { LogRecord } from "../log/event-log.ts";
import { type ModelRegistry, viewOfState } from "../model-registry/model-registry.ts";
import { createSiteModels } from "./site-models.ts";

export const fleetMigration = `
  CREATE TABLE site (
    id TEXT PRIMARY KEY, model TEXT, status TEXT, last_item_ms REAL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE incident (
    site TEXT NOT NULL, id TEXT NOT NULL, opened_at_ms REAL NOT NULL, closed_at_ms REAL,
    body TEXT NOT NULL, PRIMARY KEY (site, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE label (
    site TEXT NOT NULL, id TEXT NOT NULL, stage TEXT NOT NULL,
    from_ms REAL NOT NULL, to_ms REAL NOT NULL, rating TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (site, id)
  ) STRICT, WITHOUT ROWID;
`;

export const fleetGroup = "fleet";

export interface LabelSpan {
  fromMs: number;
  toMs: number;
  rating: string;
}

export interface FleetBook {
  /** Folds one record in; text when it cannot be used. Inside the consumer's transaction. */
  apply(record: LogRecord): string | undefined;
  sites(): string[];
  model(site: string): SiteModel | undefined;
  /** Why a site's own words for kinds and equipment are not used; "" while they are, or nothing is known. */
  packNote(site: string): string;
  /** IANA zone of the site; UTC while nothing is known of it. */
  zone(site: string): string;
  lastItemMs(site: string): number | null;
  /** Edges and what they run, as the site's newest status says. */
  edges(site: string): FleetSite["edges"];
  artifacts(site: string): FleetSite["artifacts"];
  openIncidents(site: string): FleetSite["openIncidents"];
  /** Times of a stage that people or tickets have marked. */
  labels(site: string, stage: string): LabelSpan[];
  addLabel(site: string, label: FeedbackLabel): void;
  /** Takes a label back; training that begins from now on does not see it. */
  withdrawLabel(site: string, labelId: string): void;
  /** Makes a site known before its first item, e.g. from imported history. */
  meet(site: string): void;
}

export interface FleetBookOptions {
  db: SqlDatabase;
  registry: ModelRegistry;
  /** Each edge event, inside the consumer's transaction. */
  onEvent: (site: string, edge: string, event: Event) => void;
}

export function createFleetBook({ db, registry, onEvent }: FleetBookOptions): FleetBook {
  const models = createSiteModels();
  const meet = db.prepare("INSERT OR IGNORE INTO site (id) VALUES (?)");
  const seen = db.prepare("UPDATE site SET last_item_ms = ? WHERE id = ?");
  const setModel = db.prepare("UPDATE site SET model = ? WHERE id = ?");
  const setStatus = db.prepare("UPDATE site SET status = ? WHERE id = ?");
  const get = db.prepare("SELECT model, status, last_item_ms FROM site WHERE id = ?");
  const sites = db.prepare("SELECT id FROM site ORDER BY id");
  const saveIncident = db.prepare("INSERT OR REPLACE INTO incident VALUES (?, ?, ?, ?, ?)");
  const openIncidents = db.prepare(
    "SELECT body FROM incident WHERE site = ? AND closed_at_ms IS NULL ORDER BY opened_at_ms DESC LIMIT 50",
  );
  const saveLabel = db.prepare("INSERT OR REPLACE INTO label VALUES (?, ?, ?, ?, ?, ?, ?)");
  const removeLabel = db.prepare("DELETE FROM label WHERE site = ? AND id = ?");
  const labels = db.prepare(
    "SELECT from_ms AS fromMs, to_ms AS toMs, rating FROM label WHERE site = ? AND stage = ?",
  );

  const addLabel = (site: string, label: FeedbackLabel) =>
    saveLabel.run(
      ...[site, label.id, label.stage, label.fromMs, label.toMs, label.rating],
      toJsonString(FeedbackLabelSchema, label),
    );
  const addIncident = (site: string, incident: Incident) =>
    saveIncident.run(
      ...[site, incident.id, incident.openedAtMs, incident.closedAtMs ?? null],
      toJsonString(IncidentSchema, incident),
    );
  const applyBody = (site: string, { body }: UplinkItem): string | undefined => {
    switch (body.case) {
      case "incident":
        addIncident(site, body.value);
        return undefined;
      case "label":
        addLabel(site, body.value);
        return undefined;
      case "event": {
        const { edge, event } = body.value;
        if (!event) return "an edge event without its event";
        if (event.body.case === "artifact") registry.recordAnswer(site, event.body.value);
        onEvent(site, edge, event);
        return undefined;
      }
      case "artifact":
        registry.recordAnswer(site, body.value);
        return undefined;
      case "status":
        for (const state of body.value.artifacts) registry.recordAnswer(site, state);
        setStatus.run(toJsonString(FogStatusSchema, body.value), site);
        return undefined;
      case "siteModel":
        if (!isSiteModel(body.value.json)) return "the site model is not JSON of a site";
        setModel.run(body.value.json, site);
        return undefined;
      default:
        return undefined;
    }
  };
  const row = (site: string) =>
    get.get<{ model: string | null; status: string | null; last_item_ms: number | null }>(site);
  const status = (site: string) => {
    const text = row(site)?.status;
    return text ? fromJson(FogStatusSchema, JSON.parse(text) as JsonValue) : undefined;
  };

  return {
    apply(record) {
      meet.run(record.source);
      seen.run(record.receivedAtMs, record.source);
      if (record.kind === "minute" || record.kind === "tags") return undefined;
      const item = decodeItem(record.body);
      return item ? applyBody(record.source, item) : "not an uplink item";
    },
    sites: () => sites.all<{ id: string }>().map(({ id }) => id),
    model: (site) => models.read(site, row(site)?.model)?.model,
    packNote: (site) => models.read(site, row(site)?.model)?.packNote ?? "",
    zone(site) {
      const zone = models.read(site, row(site)?.model)?.model.site.tz ?? defaultZone;
      return isZone(zone) ? zone : defaultZone;
    },
    lastItemMs: (site) => row(site)?.last_item_ms ?? null,
    edges: (site) =>
      (status(site)?.edges ?? []).map((line) => ({
        id: line.edge,
        online: line.online,
        lastSeenMs: line.lastSeenMs,
        latchedTrips: line.status?.latchedTrips.length ?? 0,
      })),
    artifacts: (site) => (status(site)?.artifacts ?? []).map(viewOfState),
    openIncidents: (site) =>
      openIncidents
        .all<{ body: string }>(site)
        .map(({ body }) => fromJson(IncidentSchema, JSON.parse(body) as JsonValue))
        .map((incident) => ({
          id: incident.id,
          stage: incident.stage,
          edge: incident.edge,
          isSilence: incident.cause.startsWith("edge-silent/"),
          severity: severityLabel(incident.severity),
          headline: incident.headline,
          openedAtMs: incident.openedAtMs,
        })),
    labels: (site, stage) => labels.all<LabelSpan>(site, stage),
    addLabel: (site, label) => void addLabel(site, label),
    withdrawLabel: (site, labelId) => void removeLabel.run(site, labelId),
    meet: (site) => void meet.run(site),
  };
}

function isSiteModel(json: string): boolean {
  try {
    const model = JSON.parse(json) as Partial<SiteModel>;
    return Array.isArray(model.stages) && typeof model.site?.id === "string";
  } catch {
    return false;
  }
}
