/**
 * The fog dashboard's HTTP API (JSON, session cookie).
 *
 *   GET  /api/session                                  SessionView
 *   GET  /api/plant                                    PlantView
 *   GET  /api/stages/:stage                            StageView
 *   GET  /api/tags                                     TagLine[]           every tag of the site, by stage
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
 *   GET  /api/backup                                   BackupView (backup.ts)
 *   POST /api/backup                                   BackupView          engineer; begins one, in the background
 *   GET  /api/live                                     server-sent events, LiveMessage as `data`
 */
import type { SiteModel } from "../site.ts";
import type { EdgeView } from "./edge.ts";
import type { FreshnessView } from "./freshness.ts";
import type { TierHealth } from "./health.ts";
import type { IncidentView, SuppressedView } from "./incident.ts";
import type { LearningView, StageLearning } from "./learning.ts";
import type { ArtifactView } from "./live.ts";

export type * from "./edge.ts";
export type * from "./freshness.ts";
export type * from "./incident.ts";

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
  /** What people do to a stage that looks like a fault, in the words of the site's packs: for feedback. */
  operations?: { id: string; name: string }[];
  kpis: KpiView[];
  trips: TripView[];
  /** Open ones that no other explains, worst first. At most 12; `incidentCount` is of all of them. */
  incidents: IncidentView[];
  incidentCount: number;
  suppressed: SuppressedView[];
  health: HealthView;
  /** How far the fog has learned the site by itself; of its stages those that are not learned. */
  learning: LearningView;
  /** The running commentary of what is happening and why, newest first. */
  story: StoryLine[];
}

/** What the plant's state rests on. Counts of stages; they add up to `stages`. */
export interface PlantEvidence {
  stages: number;
  /** By a model, within `judgedWithinMs`, on live tags. */
  judged: number;
  /** Live tags, no model yet. */
  learning: number;
  /** Tags that are not heard, or not usable, or a model that did not judge. */
  blind: number;
  /** No tag of it has ever been announced. */
  withoutTags: number;
  /** Of the judged: the newest window is over the decision line, and too few are to decide. */
  unusual: number;
  edges: number;
  edgesHeard: number;
  /** How old a judgement may be that counts, plant milliseconds: a simulation that runs fast allows its ways more. */
  judgedWithinMs: number;
  /** How old the word of an edge may be that counts as heard, plant milliseconds. */
  heardWithinMs: number;
}

export interface StageLine {
  id: string;
  name: string;
  line: string;
  /**
   * Worst of what is open in this stage; else what is known of it: `normal` (judged in the last minute on live
   * tags), `unusual` (the same, and its newest window is over the decision line; not enough are
   * to decide), `learning` (live tags, no model), `blind` (no evidence of this minute), `no-data` (no tag announced).
   */
  state:
    | "normal"
    | "unusual"
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
  /** All of its tags: "E1/TANK1/T1". */
  tags: readonly string[];
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
  /** Deciding reading in memory → output request on the wire, milliseconds of real time. */
  writtenAfterMs: number;
  outputs: {
    output: string;
    state: string;
    outcome: "written" | "verified" | "failed" | "second-path";
    afterMs: number;
    detail: string;
    /** When the edge said so. */
    atMs: number;
    /** Its first confirmation, since the trip, milliseconds; what comes later does not change it. */
    confirmedAfterMs?: number | undefined;
    /** Newest time that it was no longer so after it had been confirmed; undefined: never. */
    lostAtMs?: number | undefined;
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

/** Answer to an order. `accepted: false` always says why. */
export interface OrderAnswer {
  accepted: boolean;
  reason: string;
  /** `unanswered`: it was sent, and whether the edge acted is not known. `unreachable`: it was not sent. */
  outcome: "accepted" | "refused" | "unanswered" | "unreachable";
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
  learning: StageLearning | undefined;
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
