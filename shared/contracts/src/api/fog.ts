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
 *   POST /api/trips/:edge/:rule/reset {reason}         {accepted, reason}  supervisor
 *   POST /api/trips/:edge/:rule/simulate {reason}      {accepted, reason}  supervisor
 *   POST /api/rules/:edge/:rule/proof-test ProofTestBody {accepted, reason} supervisor
 *   GET  /api/waveforms/:event                         WaveformView
 *   GET  /api/waveforms/:event/csv                     a download: seconds and one column for each axis
 *   GET  /api/edges                                    EdgeView[]
 *   GET  /api/events?limit=n&kinds=trip,bypass         EventView[]         newest first; all kinds unless named
 *   GET  /api/audit?limit=n                            AuditView[]         engineer
 *   GET  /api/live                                     server-sent events, LiveMessage as `data`
 */
import type { SiteModel } from "../site.ts";
import type { LearningView, StageLearning } from "./learning.ts";
import type { ArtifactView } from "./live.ts";

export interface PlantView {
  site: SiteModel["site"];
  lines: SiteModel["lines"];
  state: "normal" | "attention" | "tripped" | "blind";
  /** One sentence for the top of the screen: "Chlorine dosing D11 is tripped; 1 advisory; all edges online." */
  headline: string;
  stages: StageLine[];
  kpis: KpiView[];
  trips: TripView[];
  incidents: IncidentView[];
  health: HealthView;
  /** How far the fog has learned the site by itself. */
  learning?: LearningView;
  /** The running commentary of what is happening and why, newest first. */
  story: StoryLine[];
}

export interface StageLine {
  id: string;
  name: string;
  line: string;
  /** Worst of what is open in this stage. */
  state: "normal" | "advisory" | "low" | "medium" | "high" | "tripped" | "no-data";
  /** Anomaly score over its threshold: 1 is the decision line; null before a model exists. */
  score: number | null;
  sensors: number;
  badSensors: number;
}

export interface KpiView {
  id: string;
  name: string;
  unit: string;
  value: number | null;
  low?: number | undefined;
  high?: number | undefined;
  /** Last 60 points of one plant-minute each. */
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
  }[];
  /** Still latched at the edge. */
  latched: boolean;
  /** The cause is gone, a reset would be accepted. */
  resettable: boolean;
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
  value: number | null;
  quality: "good" | "uncertain" | "bad" | "stale";
  reason: string;
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
  online: boolean;
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

export interface HealthView {
  edgesOnline: number;
  edges: number;
  lastDataAgeMs: number | null;
  ingestQueue: number;
  cloud: "online" | "offline" | "not configured";
  cloudBacklog: number;
  historianBytes: number;
  skewMsWorst: number;
  models: ArtifactView[];
  alertsLast24h: number;
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

/** Pushed at most once a real second; the page replaces what it holds. */
export type LiveMessage =
  | { kind: "plant"; plant: PlantView }
  | { kind: "edges"; edges: EdgeView[] };
