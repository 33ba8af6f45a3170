/**
 * The cloud console's HTTP API (JSON, session cookie).
 *
 *   GET  /api/session                                            SessionView
 *   GET  /api/fleet                                              FleetView
 *   GET  /api/history?site=&tags=a,b&from=ms&to=ms&buckets=n     SeriesView[]   (at most 8 tags)
 *   GET  /api/sites/:site/tags                                   {id, name, unit, stage, kind, kindInferred}[]
 *   GET  /api/learning                                           SiteLearning[]      every site, how far it is learned; ask again with each "training" message
 *   GET  /api/health                                             TierHealth          what is wrong with the cloud and its sites, since when
 *   GET  /api/training                                           TrainingRunView[]   newest first
 *   POST /api/training {site, stage, kind}                       TrainingRunView     engineer
 *   GET  /api/models                                             ModelView[]
 *   POST /api/models/:name/:version/publish                      ModelView           engineer
 *   POST /api/models/:name/:version/tamper                       ModelView           engineer; only where SessionView.demo is true: sends a deliberately damaged copy, to watch it being refused
 *   GET  /api/tickets?status=open|all                            TicketView[]
 *   GET  /api/tickets/:id                                        TicketView
 *   POST /api/tickets/:id/status {status, closeCode?, notes?}    TicketView          operator; "closed" needs a closeCode, which nothing presets.
 *                                                                                    A closed ticket may be closed again with another code (its label is
 *                                                                                    replaced) or opened again with "open" (its label is withdrawn)
 *   GET  /api/health-series?site=&stage=                         HealthSeriesView    404 where a stage has no score: ask only if TicketView.hasHealthSeries
 *   GET  /api/audit?limit=n                                      AuditView[]         engineer
 *   GET  /api/backup                                             BackupView (backup.ts)
 *   POST /api/backup                                             BackupView          engineer; begins one, in the background
 *   GET  /api/live                                               server-sent events, CloudLiveMessage as `data`
 */
import type { TierHealth } from "./health.ts";
import type { LearningView } from "./learning.ts";
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
  /** The cloud's own health; a page says what is wrong before it shows anything else. */
  health?: TierHealth;
}

/** `GET /api/learning`. */
export interface SiteLearning extends LearningView {
  site: string;
}

export interface FleetSite {
  id: string;
  name: string;
  /** IANA time zone of the site, "UTC" until it has described itself: in it all its times are shown. */
  tz: string;
  /** It has pushed or pulled within the time in which it must. Nothing of a site that is not online is "now". */
  online: boolean;
  /** Plant time at which it last pushed or pulled; null: not since the cloud started. */
  heardAtMs: number | null;
  /** Plant time since which nothing was heard of it; null while it is online. */
  silentSinceMs: number | null;
  /** "not heard of since 14:03" in words without the time: why it counts as silent; "" while it is online. */
  silentReason: string;
  lastItemMs: number | null;
  /** Why its kinds and equipment are told in plain words; "" or left out while its plant packs are used. */
  packNote?: string;
  tags: number;
  edges: { id: string; online: boolean; lastSeenMs: number; latchedTrips: number }[];
  openIncidents: {
    id: string;
    stage: string;
    /** Whose word it is; empty where its fog has found it. */
    edge: string;
    /** It says that this edge is not heard. */
    isSilence: boolean;
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
    /** End of the newest hour that was scored; older than two hours it says nothing of now. */
    atMs: number;
  }[];
  /** How far the cloud has learned it, without the stages: those are at /api/learning. */
  learning?: Omit<LearningView, "stages"> | undefined;
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

/** A ticket as far as the console shows it. */
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
  /** "" until a person has chosen one while closing; it labels the ticket's time for training. */
  closeCode: "" | "confirmed" | "no_fault_found" | "operation" | "duplicate";
  closeNotes: string;
  /** What may be asked of it at POST …/status now; "closed" on a closed one corrects its outcome. */
  allowedStatus?: TicketStatus[];
  /** False: there is nothing to ask at /api/health-series, e.g. for an output or a whole site. */
  hasHealthSeries?: boolean;
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

/** A `beat` comes every second: a page that hears none for some seconds does not know whether what it shows still holds. */
export type CloudLiveMessage =
  /** `atMs`: real time of the server; `plantNowMs`: its plant clock. */
  | { kind: "beat"; atMs: number; plantNowMs: number }
  | { kind: "fleet"; fleet: FleetView }
  | { kind: "training"; runs: TrainingRunView[] }
  | { kind: "models"; models: ModelView[] }
  | { kind: "tickets"; tickets: TicketView[] };
