/**
 * The fog's understanding of its site: windows → detection → incidents → story, fed by ingest, asked by
 * the API. This is the part that `createFog` takes as `parts`.
 */
import type { StoryLine } from "@weir/contracts/api/fog.ts";
import { ArtifactKind } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { Incident } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { type Cancel, every } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { KpiBoard } from "./api/kpi-board.ts";
import { UsualBands } from "./api/usual-bands.ts";
import { IncidentDesk } from "./correlation/incident-desk.ts";
import { IncidentStore, incidentMigrations } from "./correlation/incident-store.ts";
import { NoticeBoard } from "./correlation/notice-board.ts";
import { SilenceMonitor } from "./correlation/silence-monitor.ts";
import { Story } from "./correlation/story.ts";
import { tellArtifact, tellIncident, tellLearned } from "./correlation/story-words.ts";
import { TripBoard } from "./correlation/trip-board.ts";
import { resetBlockedBy } from "./correlation/trip-cause.ts";
import type { LoadAutoencoder } from "./detection/autoencoder.ts";
import { Detection } from "./detection/detection.ts";
import {
  LearnedModels,
  learnedModelsMigrations,
  resumeLearned,
} from "./detection/learned-models.ts";
import type { Scorer } from "./detection/scorer.ts";
import { SiteLearning } from "./detection/site-learning.ts";
import { WeekWatch } from "./detection/week-watch.ts";
import type { FogCore, FogParts } from "./fog.ts";
import { SiteFreshness } from "./freshness/site-freshness.ts";
import { type StageSight, sightOf } from "./freshness/stage-sight.ts";
import { StateSince } from "./freshness/state-since.ts";
import { historyProblems } from "./health/history-problems.ts";
import { kindProblems } from "./health/kind-problems.ts";
import { placementProblems } from "./health/placement-problems.ts";
import { siteProblems } from "./health/site-problems.ts";
import { historyHere } from "./historian/history-answers.ts";
import type { HistoryQueries } from "./historian/history-query.ts";
import type { SiteTagRow } from "./historian/site-tags.ts";
import type { EventCase } from "./ingest/stored-events.ts";
import { openSideDatabase } from "./side-database.ts";
import { siteListener } from "./site-listener.ts";
import { meterSite } from "./site-metrics.ts";
import { MinuteWindows } from "./windows/minute-windows.ts";

/** Whether all that should be heard is heard is looked at this often, I/O clock. */
const lookEveryMs = 1_000;

/** What a restarted fog reads again, and how far back. */
const eventsReadBack = 2_000;
const casesReadBack: readonly EventCase[] = [
  "trip",
  "output",
  "tripReset",
  "waveform",
  "bypass",
  "configuration",
];

export interface SiteWatchOptions {
  scorer: Scorer;
  /** May be the scorer itself; a second thread keeps scoring prompt while a model is learned. */
  trainer: Scorer;
  loadAutoencoder: LoadAutoencoder;
  /** Reads the past for pages; where this runs, unless given. */
  history?: HistoryQueries;
  onIncident?: (incident: Incident, what: "opened" | "changed" | "closed") => void;
  onStory?: (line: StoryLine) => void;
}

export interface SiteWatch extends FogParts {
  /** When everything was last heard. */
  readonly freshness: SiteFreshness;
  /** Since when the plant and its stages are in the state that pages show. */
  readonly since: StateSince;
  /** `rows`: of the stage's own tags, where the caller has them at hand. */
  sight(stage: string, rows?: readonly SiteTagRow[]): StageSight;
  /** Looks now whether all that should be heard is heard; done every second by itself. */
  look(): void;
  readonly detection: Detection;
  readonly week: WeekWatch;
  readonly incidents: IncidentDesk;
  readonly incidentStore: IncidentStore;
  readonly trips: TripBoard;
  readonly notices: NoticeBoard;
  readonly story: Story;
  readonly kpis: KpiBoard;
  /** Questions of pages about the past. */
  readonly history: HistoryQueries;
  readonly bands: UsualBands;
  /** How far the site is learned. */
  readonly learning: SiteLearning;
  /** Learns from the historian what no artifact brought, for as long as the fog runs; in the trainer's thread. */
  learn(): Promise<void>;
}

export function createSiteWatch(core: FogCore, options: SiteWatchOptions): SiteWatch {
  const { site, tags, historian, clock, logger } = core;
  const db = openSideDatabase(core, "incidents.db", {
    migrations: incidentMigrations,
    holds: "the incidents and labels so far",
  });
  const incidentStore = new IncidentStore(db);
  const story = new Story(options.onStory);
  const trips = new TripBoard();
  const notices = new NoticeBoard();
  readBack(core, { trips, notices });
  const { latenessMs } = core.limits;
  const { newest } = historian;
  const freshness = new SiteFreshness({
    ...{ clock, tags, newest, latenessMs },
    known: core.ingest.links(),
    notStored: () => core.ingest.refusing?.why,
    revocationOf: core.revocationOf,
  });
  const kpis = new KpiBoard({ kpis: site.kpis, tags, newest, freshness, clock });
  const history = options.history ?? historyHere(historian.reader);
  const bands = new UsualBands({ history, clock });
  const incidents = buildIncidents(core, options, {
    store: incidentStore,
    ...{ trips, notices, story, freshness },
  });
  const stopped = new AbortController();
  const modelsDb = openSideDatabase(core, "models.db", {
    migrations: learnedModelsMigrations,
    holds: "the models learned here; they are learned anew",
  });
  const learnedModels = new LearnedModels(modelsDb);
  const detection = new Detection({
    site,
    tags,
    reader: historian.reader,
    scorer: options.scorer,
    trainer: options.trainer,
    clock,
    logger,
    onVerdict: (verdict) => incidents.onVerdict(verdict),
    onLearned: (learned) => guarded(logger, () => learnedModels.put(learned))(),
  });
  const learning = buildLearning(core, options, { detection, incidents, story });
  const week = new WeekWatch({
    reader: historian.reader,
    tags,
    load: options.loadAutoencoder,
    logger,
  });
  const windows = buildWindows(core, { kpis, detection, week });
  const listener = siteListener({ core, freshness, windows, incidents, trips, story });
  const silence = new SilenceMonitor({
    ...{ clock, ioClock: core.ioClock, tags, freshness, incidents: incidents.incidents },
    ...{ revocationOf: core.revocationOf, time: siteTimeOf(site.site.tz) },
    links: () => core.ingest.links(),
  });
  watchHealth(core, { freshness, detection, learning, trips, incidents, history });
  let stopLooking: Cancel = () => {};
  const look = (): void => {
    windows.tick();
    silence.tick();
    incidents.regroup();
  };
  return {
    listeners: [listener],
    modelHost: modelHostOf(core, { week, detection, story }),
    listen: () => {
      freshness.listen();
      stopLooking = every(core.ioClock, lookEveryMs, guarded(logger, look));
    },
    look,
    freshness,
    since: new StateSince(),
    sight: sightFrom(core, { freshness, detection }),
    detection,
    week,
    incidents,
    incidentStore,
    trips,
    notices,
    story,
    kpis,
    history,
    bands,
    learning,
    learn: async () => {
      await resumeLearned(learnedModels, { detection, site, clock, logger });
      await learning.run(stopped.signal);
    },
    kill: () => {
      stopped.abort();
      stopLooking();
    },
    close: async () => {
      stopped.abort();
      stopLooking();
      await detection.close();
      await week.close();
      await history.close();
      modelsDb.close();
      db.close();
    },
  };
}

/** What a restart has forgotten and the journal has not. */
function readBack(
  { ingest }: FogCore,
  { trips, notices }: { trips: TripBoard; notices: NoticeBoard },
): void {
  for (const { edge, event } of ingest.events.newestOf(casesReadBack, eventsReadBack).reverse()) {
    trips.take(edge, event);
    notices.take(edge, event);
  }
  for (const { edge, status } of ingest.links()) if (status) trips.reconcile(edge, status);
}

function buildIncidents(
  core: FogCore,
  { onIncident }: SiteWatchOptions,
  on: {
    store: IncidentStore;
    trips: TripBoard;
    notices: NoticeBoard;
    story: Story;
    freshness: SiteFreshness;
  },
): IncidentDesk {
  const { site, tags, historian } = core;
  const { store, trips, notices, story, freshness } = on;
  const { newest } = historian;
  return new IncidentDesk({
    ...{ site, tags, store, trips, notices },
    isCauseGone: (edge, rule) => {
      const trip = trips.of(edge, rule);
      return trip !== undefined && resetBlockedBy(trip, { freshness, tags, newest }) === "";
    },
    onChange: (incident, what) => {
      core.report({ case: "incident", value: incident });
      tellIncident(story, incident, what);
      onIncident?.(incident, what);
    },
  });
}

function buildLearning(
  { site, tags, historian, clock, ioClock, logger }: FogCore,
  { scorer, trainer }: SiteWatchOptions,
  { detection, incidents, story }: { detection: Detection; incidents: IncidentDesk; story: Story },
): SiteLearning {
  return new SiteLearning({
    ...{ site, tags, reader: historian.reader, detection, clock, ioClock, logger },
    openIncidents: () => new Set(incidents.open().map(({ stage }) => stage)),
    rest: async () => {
      if (trainer !== scorer) await trainer.rest?.();
    },
    onCaughtUp: (stages) => {
      logger.info("models learned from the site's own past", { stages });
      tellLearned(story, { stages, atMs: clock.nowMs() });
    },
  });
}

/** Windows of every edge that has been born; whatever looks at whole minutes hangs on them. */
function buildWindows(
  { tags, clock, limits, ingest }: FogCore,
  on: { kpis: KpiBoard; detection: Detection; week: WeekWatch },
): MinuteWindows {
  const { kpis, detection, week } = on;
  const windows: MinuteWindows = new MinuteWindows({
    indexOf: (id) => tags.find(id)?.index ?? -1,
    patience: { monotonicMs: () => clock.monotonicMs(), ms: limits.patienceMs },
    onMinute: (endMs) => {
      kpis.onMinute(windows, endMs);
      detection.onMinute(endMs);
      void week.onMinute(endMs);
    },
  });
  detection.attach(windows);
  for (const edge of ingest.links()) if (edge.birth) windows.onBirth(edge.edge, edge.birth);
  return windows;
}

function watchHealth(
  core: FogCore,
  on: {
    freshness: SiteFreshness;
    detection: Detection;
    learning: SiteLearning;
    trips: TripBoard;
    incidents: IncidentDesk;
    history: HistoryQueries;
  },
): void {
  const { clock, ingest, problems, tags, limits, metrics } = core;
  const { freshness, detection, learning, trips, incidents, history } = on;
  const { latenessMs } = limits;
  problems.add(
    siteProblems({
      ...{ clock, ingest, freshness, detection, learning, trips, incidents, latenessMs },
      revocationOf: core.revocationOf,
    }),
  );
  problems.add(kindProblems({ tags }));
  problems.add(placementProblems({ clock, tags, site: core.site, newest: core.historian.newest }));
  if (metrics) meterSite(metrics, { core, freshness, incidents, detection });
  problems.add(() => historyProblems(history));
}

const modelHostOf = (
  { clock }: FogCore,
  { week, detection, story }: { week: WeekWatch; detection: Detection; story: Story },
): NonNullable<FogParts["modelHost"]> => ({
  activate: async (offered) => {
    const host = offered.kind === ArtifactKind.AUTOENCODER ? week : detection;
    const activation = await host.activate(offered);
    const refused = activation.ok ? undefined : activation.reason;
    tellArtifact(
      story,
      { name: offered.name, version: offered.version, refused },
      { edge: "", atMs: clock.nowMs() },
    );
    return activation;
  },
});

const sightFrom =
  (
    { clock, tags, historian, limits, ingest }: FogCore,
    { freshness, detection }: { freshness: SiteFreshness; detection: Detection },
  ): SiteWatch["sight"] =>
  (stage, rows) =>
    sightOf(
      stage,
      {
        ...{ clock, tags, newest: historian.newest, freshness, latenessMs: limits.latenessMs },
        judged: (id) => detection.judged(id),
        links: () => ingest.links(),
      },
      rows,
    );

const guarded = (logger: Logger, work: () => void) => (): void => {
  try {
    work();
  } catch (error) {
    // A full disk makes it fail; it must not make it end.
    logger.error("incidents could not be kept up", { why: (error as Error).message });
  }
};
