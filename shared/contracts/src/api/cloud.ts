/**
 * The cloud console's HTTP API (JSON, session cookie).
 *
 *   GET  /api/session                                            SessionView
 *   GET  /api/fleet                                              FleetView
 *   GET  /api/history?site=&tags=a,b&from=ms&to=ms&buckets=n     SeriesView[]   (at most 8 tags)
 *   GET  /api/sites/:site/tags                                   {id, name, unit, stage, kind}[]
 *   GET  /api/training                                           TrainingRunView[]   newest first
 *   POST /api/training {site, stage, kind}                       TrainingRunView     engineer
 *   GET  /api/models                                             ModelView[]
 *   POST /api/models/:name/:version/publish                      ModelView           engineer
 *   POST /api/models/:name/:version/tamper                       ModelView           engineer; sends a deliberately damaged copy, to watch it being refused
 *   GET  /api/tickets?status=open|all                            TicketView[]
 *   GET  /api/tickets/:id                                        TicketView
 *   POST /api/tickets/:id/status {status, closeCode?, notes?}    TicketView          operator
 *   GET  /api/health-series?site=&stage=                         HealthSeriesView
 *   GET  /api/audit?limit=n                                      AuditView[]         engineer
 *   GET  /api/live                                               server-sent events, CloudLiveMessage as `data`
 */
import type { ArtifactView } from "./live.ts";

export interface FleetView {
  sites: FleetSite[];
  ingest: {
    itemsPerSecond: number;
    bytesPerSecond: number;
    logItems: number;
    historyBytes: number;
  };
  openTickets: number;
  trainingQueue: number;
}

export interface FleetSite {
  id: string;
  name: string;
  online: boolean;
  lastItemMs: number | null;
  tags: number;
  edges: { id: string; online: boolean; lastSeenMs: number; latchedTrips: number }[];
  openIncidents: {
    id: string;
    stage: string;
    severity: string;
    headline: string;
    openedAtMs: number;
  }[];
  artifacts: ArtifactView[];
  /** Stages with a score from the cloud's autoencoders, worst first. */
  health: {
    stage: string;
    name: string;
    score: number;
    threshold: number;
    trend: "steady" | "rising" | "falling";
    atMs: number;
  }[];
}

export interface TrainingRunView {
  id: string;
  site: string;
  stage: string;
  kind: "autoencoder" | "forest" | "thresholds";
  state: "queued" | "running" | "done" | "failed";
  startedAtMs: number | null;
  finishedAtMs: number | null;
  progress: number;
  /** Training and validation loss per epoch. */
  loss: number[];
  validationLoss: number[];
  /** What was trained on what, in plain words, with the split. */
  trainedOn: string;
  windows: number;
  threshold: number | null;
  backend: string;
  samplesPerSecond: number | null;
  model: string | null;
  error: string | null;
}

export interface ModelView {
  name: string;
  version: number;
  kind: ArtifactView["kind"];
  site: string;
  stage: string;
  target: string;
  createdAtMs: number;
  expiresAtMs: number;
  sha256: string;
  keyId: string;
  sizeBytes: number;
  trainedOn: string;
  metrics: Record<string, number>;
  state: "champion" | "challenger" | "retired";
  /** What each place answered. */
  places: ArtifactView[];
}

export type TicketStatus =
  | "open"
  | "acknowledged"
  | "in_progress"
  | "on_hold"
  | "resolved"
  | "closed"
  | "cancelled";

/** The ticket of tickets.md §4.2, as far as the console shows it. */
export interface TicketView {
  id: string;
  dedupKey: string;
  title: string;
  status: TicketStatus;
  priority: "P1" | "P2" | "P3" | "P4";
  site: string;
  assetPath: string;
  stage: string;
  equipmentClass: string;
  failureMode: string;
  mechanism: string;
  detector: { model: string; version: number; score: number; threshold: number };
  confidence: number;
  evidence: {
    kind: "trend" | "features";
    tags: string[];
    fromMs: number;
    toMs: number;
    text: string;
  }[];
  firstSeenMs: number;
  lastSeenMs: number;
  occurrences: number;
  predictedFailure: { p10Ms: number; p50Ms: number; p90Ms: number } | null;
  recommendedActions: string[];
  partsHint: string[];
  safetyNotes: string;
  dueAtMs: number;
  assignee: string;
  closeCode: "" | "confirmed" | "no_fault_found" | "operation" | "duplicate";
  closeNotes: string;
  /** Plain words: what is happening, since when, why we think so. */
  summary: string;
  history: { atMs: number; by: string; text: string }[];
}

/** Reconstruction error of one stage over time, against its frozen threshold. */
export interface HealthSeriesView {
  site: string;
  stage: string;
  model: string;
  version: number;
  threshold: number;
  /** End of each window, seconds since epoch. */
  at: number[];
  score: number[];
  /** Share of each channel in the newest score, largest first. */
  channels: { tag: string; name: string; share: number; text: string }[];
}

export type CloudLiveMessage =
  | { kind: "fleet"; fleet: FleetView }
  | { kind: "training"; runs: TrainingRunView[] }
  | { kind: "models"; models: ModelView[] }
  | { kind: "tickets"; tickets: TicketView[] };
