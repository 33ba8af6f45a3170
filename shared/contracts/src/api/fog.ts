/**
 * The fog dashboard's HTTP API (JSON, session cookie).
 *
 *   GET  /api/session                                  SessionView
 *   GET  /api/plant                                    PlantView
 *   GET  /api/stages/:stage                            StageView
 *   GET  /api/trends?tags=a,b&from=ms&to=ms&buckets=n  SeriesView[]        (at most 8 tags)
 *   GET  /api/incidents?state=open|closed|all&limit=n  IncidentView[]
 *   GET  /api/incidents/:id                            IncidentView
 *   POST /api/incidents/:id/feedback  FeedbackBody     IncidentView        operator
 *   POST /api/trips/:edge/:rule/reset {reason}         OrderAnswer         supervisor
 *   POST /api/trips/:edge/:rule/simulate {reason}      OrderAnswer         supervisor
 *   POST /api/rules/:edge/:rule/proof-test ProofTestBody OrderAnswer       supervisor
 *   GET  /api/suppressed                               SuppressedView[]
 *   GET  /api/health                                   HealthView
 *   GET  /api/waveforms/:event                         WaveformView
 *   GET  /api/waveforms/:event/csv                     a download: seconds and one column for each axis
 *   GET  /api/edges                                    EdgeView[]
 *   GET  /api/events?limit=n&kinds=trip,bypass         EventView[]         newest first; all kinds unless named
 *   GET  /api/audit?limit=n                            AuditView[]         engineer
 *   GET  /api/live                                     server-sent events, LiveMessage as `data`
 */
import type { SiteModel } from "../site.ts";
import type { HealthProblem, TierHealth } from "./health.ts";
import type { LearningView, StageLearning } from "./learning.ts";
import type { ArtifactView } from "./live.ts";

/**
 * How far what is shown can still be believed. `live`: heard within its own expected period. `stale`: overdue.
 * `silent`: so long overdue that nothing may be concluded from it. `never`: nothing has been received of it
 * since this fog started, and nothing is known from before.
 */
export type Freshness = "live" | "stale" | "silent" | "never";

/** Goes with every value, state and score. All times are the fog's plant clock, UTC milliseconds. */
export interface FreshnessView {
  state: Freshness;
  /** When it was last heard; null: never. Also from before a restart of the fog, as far as that is known. */
  heardAtMs: number | null;
  /** Of what was last heard, when this answer was made. */
  ageMs: number | null;
  /** Since when it is in `state`. */
  sinceMs: number;
  /** Plain words; empty while it is live. "edge E1 has not been heard for 2 min" */
  reason: string;
}

export interface PlantView {
  site: SiteModel["site"];
  lines: SiteModel["lines"];
  /** When this picture was made, the fog's plant clock. */
  atMs: number;
  /**
   * `tripped`: something is latched, as far as its edge has last said. `blind`: of no stage is there evidence of
   * this minute, also before anything was received. `attention`: an incident is open, or a stage is blind.
   * `learning`: readings are live, no stage can be judged yet. `normal`: at least one stage was judged in the
   * last minute on live tags, none is blind, nothing is open.
   */
  state: "normal" | "learning" | "attention" | "tripped" | "blind";
  stateSinceMs: number;
  /** One sentence for the top of the screen, with its evidence: "Normal: 43 of 45 stages judged in the last minute, 2 learning; all 6 edges heard." */
  headline: string;
  evidence: PlantEvidence;
  stages: StageLine[];
  kpis: KpiView[];
  trips: TripView[];
  /** Open ones that no other explains, worst first. At most 12; `incidentCount` is of all of them. */
  incidents: IncidentView[];
  incidentCount: number;
  suppressed: SuppressedView[];
  health: HealthView;
  /** How far the fog has learned the site by itself. */
  learning?: LearningView;
  /** The running commentary of what is happening and why, newest first. */
  story: StoryLine[];
}

/** What the plant's state rests on. Counts of stages; they add up to `stages`. */
export interface PlantEvidence {
  stages: number;
  /** By a model, in the last minute, on live tags. */
  judged: number;
  /** Live tags, no model yet. */
  learning: number;
  /** Tags that are not heard, or not usable, or a model that did not judge. */
  blind: number;
  /** No tag of it has ever been announced. */
  withoutTags: number;
  edges: number;
  edgesHeard: number;
}

/** What is not shown as an alarm of its own, because something else explains it. It ends with its cause. */
export interface SuppressedView {
  kind: "incident" | "rule";
  /** Id of the incident, or "<edge>/<rule>". */
  id: string;
  /** Plain words: "Tank 2: unlike anything learned" */
  what: string;
  /** Id of the incident, or "<edge>/<rule>", that explains it. */
  by: string;
  byText: string;
  sinceMs: number;
  reason: string;
}

export interface StageLine {
  id: string;
  name: string;
  line: string;
  /**
   * Worst of what is open in this stage; else what is known of it: `normal` (judged in the last minute on live
   * tags), `learning` (live tags, no model), `blind` (no evidence of this minute), `no-data` (no tag announced).
   */
  state:
    | "normal"
    | "learning"
    | "advisory"
    | "low"
    | "medium"
    | "high"
    | "tripped"
    | "blind"
    | "no-data";
  stateSinceMs: number;
  /** Of its own tags as a whole: live when at least half of them are. */
  freshness: FreshnessView;
  /** What can be seen of it, whatever is open: a tripped stage may be blind as well. */
  sight: "judged" | "learning" | "blind" | "no-data";
  /** Plain words: what `sight` rests on, or why there is nothing to rest on. */
  evidence: string;
  /** Anomaly score over its threshold: 1 is the decision line; null before a model exists, or while it does not judge. */
  score: number | null;
  /** End of the window that was judged last, also where `score` is null; null: none since the start. */
  scoreAtMs: number | null;
  sensors: number;
  /** Not good, or not live. */
  badSensors: number;
  /** Not live among them. */
  silentSensors: number;
  /** Incidents of this stage that are open, those that are explained by another included. */
  openIncidents: number;
}

export interface KpiView {
  id: string;
  name: string;
  unit: string;
  /** Mean of the newest good values of its tags; as last known when it is not live. */
  value: number | null;
  /** `uncertain`: not all of its tags take part. */
  quality: "good" | "uncertain" | "bad";
  freshness: FreshnessView;
  /** Tags of it that are live and good, of all. */
  tagsUsed: number;
  tagsAll: number;
  low?: number | undefined;
  high?: number | undefined;
  /** The last 60 plant-minutes up to now, oldest first; null: nothing was received in that minute. */
  spark: (number | null)[];
}

export interface TripView {
  edge: string;
  rule: string;
  stage: string;
  tag: string;
  cause: string;
  value: number;
  limit: number;
  atMs: number;
  firstOut: boolean;
  simulated: boolean;
  /** sample taken → output request on the wire, milliseconds */
  writtenAfterMs: number;
  outputs: {
    output: string;
    state: string;
    outcome: "written" | "verified" | "failed" | "second-path";
    afterMs: number;
    detail: string;
    /** When the edge said so. */
    atMs: number;
  }[];
  /** The worst of its outputs: the one fact that trip card, incident, report and health tell. */
  outcome: "written" | "verified" | "failed" | "second-path" | "no-output" | "released";
  /** `outcome` in plain words, the same everywhere. */
  outcomeText: string;
  /** Still latched at the edge, as it last said; see `freshness`. */
  latched: boolean;
  /** Of the edge that holds it. */
  freshness: FreshnessView;
  /** Its edge is heard and the cause is gone: a reset would be accepted. */
  resettable: boolean;
  /** Why a reset would be refused; empty when it would not. */
  resetBlockedBy: string;
  /** Event id of what the machine's vibration sensor had recorded before; undefined without one. */
  waveform?: string | undefined;
}

export interface ContributionView {
  tag: string;
  name: string;
  unit: string;
  feature: string;
  share: number;
  value: number;
  expected: number;
  direction: string;
  text: string;
}

export interface IncidentView {
  id: string;
  stage: string;
  stageName: string;
  severity: "advisory" | "low" | "medium" | "high";
  state: "open" | "closed";
  openedAtMs: number;
  updatedAtMs: number;
  closedAtMs: number | null;
  headline: string;
  story: string;
  detector: string;
  score: number;
  threshold: number;
  contributions: ContributionView[];
  suggestedChecks: string[];
  related: string[];
  eventIds: string[];
  backlog: boolean;
  label: FeedbackBody["choice"] | "";
  kind: IncidentKind;
  /** Edge it came from; empty: the fog's own finding. */
  edge: string;
  /** Of what it rests on. Not live: it stays open, and nothing is known of it since. */
  freshness: FreshnessView;
  /** Id of the open incident that explains it; empty: it stands for itself. */
  suppressedBy: string;
  /** Open incidents that it explains. */
  explains: string[];
  /** Why it was closed, the evidence in plain words; empty while it is open. */
  closedBy: string;
}

/**
 * alert: a rule of an edge's detection. sensor: a tag is bad or not read. link: a connection or a device does not
 * answer. edge-silent: nothing is heard of an edge. protection: a rule is blind or bypassed, a watchdog not set,
 * an output not written. data-loss: readings were dropped.
 */
export type IncidentKind =
  | "trip"
  | "anomaly"
  | "alert"
  | "sensor"
  | "link"
  | "edge-silent"
  | "protection"
  | "data-loss";

/** Answer to an order. `accepted: false` always says why. */
export interface OrderAnswer {
  accepted: boolean;
  reason: string;
  /** `unanswered`: it was sent, and whether the edge acted is not known. `unreachable`: it was not sent. */
  outcome: "accepted" | "refused" | "unanswered" | "unreachable";
}

export interface FeedbackBody {
  choice: "real" | "operation" | "sensor_fault";
  /** With "operation": backwash, calibration, cip, rain, other */
  operation?: string;
  notes?: string;
}

export interface StoryLine {
  atMs: number;
  tier: "plant" | "edge" | "fog" | "cloud";
  stage: string;
  text: string;
  why: string;
}

export interface StageView extends StageLine {
  equipment: string;
  /** What tags without a kind cost this stage, in a sentence; "" where all are known. */
  kindNote?: string;
  upstream: string[];
  tags: TagView[];
  incidents: IncidentView[];
  model: ArtifactView | null;
  /** The week's memory of an autoencoder: root of error over threshold, 1 is on the line; null without one. */
  week: { name: string; version: number; ratio: number; atMs: number } | null;
  /** Whether it is learned, and if not why and when it can be. */
  learning?: StageLearning;
}

export interface TagView {
  /** "<edge>/<device>/<name>" */
  id: string;
  name: string;
  /** As somebody has given it, or as unit, name and place tell; "other" where nothing does. */
  kind: string;
  /** "free chlorine"; "" where the kind is not known. */
  kindName?: string;
  /** Nobody has given the kind. */
  kindInferred?: boolean;
  unit: string;
  /** As last heard; see `freshness`. */
  value: number | null;
  quality: "good" | "uncertain" | "bad" | "stale";
  /** Why it is not good, as far as the edge has said; empty otherwise. */
  reason: string;
  freshness: FreshnessView;
  /** Intended period, milliseconds; 0: sent when it changes. */
  periodMs: number;
  /** Of the reading, the edge's clock; 0: none. */
  atMs: number;
  min: number;
  max: number;
  hardLow?: number | undefined;
  hardHigh?: number | undefined;
  bandLow?: number | undefined;
  bandHigh?: number | undefined;
  spark: (number | null)[];
}

export interface EdgeView {
  id: string;
  /** Its session with the broker is open, since this fog started. A frozen edge has one, too: see `freshness`. */
  online: boolean;
  freshness: FreshnessView;
  /** Since its newest live readings arrived, the fog's clock; null: none since this fog started. */
  readingsAgeMs: number | null;
  /** Plain words: how it protects, as it has said this moment; or that this is not known, and since when. */
  protection: string;
  /** What it says is wrong with itself, worst first, as of `statusAtMs`. */
  problems: HealthProblem[];
  epoch: number;
  agentVersion: string;
  lastSeenMs: number;
  skewMs: number;
  tags: number;
  readingsPerSecond: number;
  bytesPerSecond: number;
  ledger: {
    acquired: number;
    delivered: number;
    thinned: number;
    dropped: number;
    pending: number;
    balanced: boolean;
  };
  /** The fog's own count of distinct readings stored from this edge. */
  stored: number;
  outboxBytes: number;
  latchedTrips: string[];
  residentBytes: number;
  loopLagMsP99: number;
  /** Plant time at the fog, to count down to what ends. */
  nowMs: number;
  /** When the edge last said how it is; 0: never. Everything below is as of then. */
  statusAtMs: number;
  /** Null: this agent says nothing of it. */
  safety: SafetyView | null;
  bypasses: BypassView[];
  /** Read more often than configured, because they look suspicious. */
  fastTags: string[];
  configuration: ConfigurationView;
  buses: BusView[];
  artifacts: ArtifactView[];
}

/** The protective functions of one edge as they stand. */
export interface SafetyView {
  documentSha256: string;
  /** False: a cause-and-effect table for trials, which nobody has approved. */
  approved: boolean;
  approvedBy: string;
  approvedAtMs: number;
  /** Rules that cannot see their cause. */
  blindRules: string[];
  /** Connections whose I/O watchdog is configured and not set. */
  unarmedConnections: string[];
  proofTests: ProofTestView[];
}

export interface ProofTestView {
  rule: string;
  /** Null: never tested. */
  lastAtMs: number | null;
  lastPassed: boolean;
  /** Null: no interval runs yet. */
  dueAtMs: number | null;
  state: "never" | "failed" | "overdue" | "soon" | "current";
}

export interface BypassView {
  rule: string;
  by: string;
  reason: string;
  /** Null: the event that says so has not come, or is no longer kept. */
  untilMs: number | null;
}

export interface ConfigurationView {
  /** Of what runs. */
  sha256: string;
  /** What became of the newest one that was offered; null: none since this fog keeps events. */
  offered: {
    sha256: string;
    outcome: "active" | "refused" | "rolled-back";
    by: string;
    reason: string;
    changes: string[];
    atMs: number;
  } | null;
}

export interface BusView {
  id: string;
  /** "modbus-tcp", "modbus-rtu", "line", … */
  kind: string;
  connected: boolean;
  requests: number;
  failures: number;
  reconnects: number;
  /** Share of time it is busy, and the share that the configured rates need by arithmetic; 0..1. */
  utilisation: number;
  budget: number;
  skippedPolls: number;
  /** Bytes that belonged to no answer or line. */
  discardedBytes: number;
  deadDevices: string[];
  roundTripMsP50: number;
  roundTripMsP99: number;
}

export interface ProofTestBody {
  passed: boolean;
  /** What was seen at the machine. */
  note: string;
}

/** What a machine did before a trip, sample by sample, and its spectrum. */
export interface WaveformView {
  /** Id of its event. */
  id: string;
  edge: string;
  device: string;
  stage: string;
  rule: string;
  fromMs: number;
  rateHz: number;
  unit: string;
  /** Sample times scale is the value in `unit`. */
  scale: number;
  axes: string[];
  /** Base64 of int16, little-endian, the axes of one instant side by side. */
  samples: string;
  /** Where to look: the shaft's speed and the bearing's lines, as far as the edge knows them. */
  lines: { name: string; hz: number }[];
  /** RMS amplitude in `unit` by frequency, one list for each axis. */
  spectrum: { hz: number[]; amplitude: number[][] };
}

/** `GET /healthz` and `weir-fog status --json` have the same `ok` and `problems`. */
export interface HealthView extends TierHealth {
  /** Heard within their expected period. */
  edgesHeard: number;
  edgesOnline: number;
  edges: number;
  /** Since the newest live reading of any edge arrived here, the fog's clock; null: none since this fog started. */
  lastDataAgeMs: number | null;
  ingestQueue: number;
  cloud: "online" | "offline" | "not configured";
  /** Since when it is so, plant clock; null before the first try. */
  cloudSinceMs: number | null;
  detector: ServiceView;
  cloudBacklog: number;
  historianBytes: number;
  skewMsWorst: number;
  models: ArtifactView[];
  alertsLast24h: number;
}

/** A part of the fog that works in the background. */
export interface ServiceView {
  state: "running" | "idle" | "stopped";
  /** When it last did something; null: never since the start. */
  lastAtMs: number | null;
  sinceMs: number;
  reason: string;
}

export interface EventView {
  id: string;
  edge: string;
  atMs: number;
  kind:
    | "trip"
    | "output"
    | "reset"
    | "alert"
    | "link"
    | "artifact"
    | "bypass"
    | "dropped"
    | "quality"
    | "proof-test"
    | "configuration"
    | "waveform";
  stage: string;
  text: string;
  backlog: boolean;
  /** Further lines of plain words. */
  details?: string[] | undefined;
  /** There is a waveform to look at. */
  hasWaveform?: boolean | undefined;
}

export interface AuditView {
  atMs: number;
  actor: string;
  action: string;
  subject: string;
  detail: string;
}

/**
 * Pushed once a real second; the page replaces what it holds. A `beat` comes every second whatever else there
 * is: a page that has heard none for 5 s does not know whether what it shows still holds.
 */
export type LiveMessage =
  /** `atMs`: real time of the server; `plantNowMs`: its plant clock. */
  | { kind: "beat"; atMs: number; plantNowMs: number }
  | { kind: "plant"; plant: PlantView }
  | { kind: "edges"; edges: EdgeView[] };
