/**
 * The fog's understanding of its site: windows → detection → incidents → story, fed by ingest, asked by
 * the API. This is the part that `createFog` takes as `parts`.
 */
import type { StoryLine } from "@weir/contracts/api/fog.ts";
import { ArtifactKind } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { Incident } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { KpiBoard } from "./api/kpi-board.ts";
import { UsualBands } from "./api/usual-bands.ts";
import { IncidentDesk } from "./correlation/incident-desk.ts";
import { IncidentStore, incidentMigrations } from "./correlation/incident-store.ts";
import { NoticeBoard } from "./correlation/notice-board.ts";
import { Story } from "./correlation/story.ts";
import {
  tellArtifact,
  tellEvent,
  tellIncident,
  tellLearned,
  tellLink,
} from "./correlation/story-words.ts";
import { TripBoard } from "./correlation/trip-board.ts";
import type { LoadAutoencoder } from "./detection/autoencoder.ts";
import { Detection } from "./detection/detection.ts";
import type { Scorer } from "./detection/scorer.ts";
import { WeekWatch } from "./detection/week-watch.ts";
import type { FogCore, FogParts } from "./fog.ts";
import { SiteFreshness } from "./freshness/site-freshness.ts";
import { type StageSight, sightOf } from "./freshness/stage-sight.ts";
import { StateSince } from "./freshness/state-since.ts";
import type { IngestListener } from "./ingest/ingested.ts";
import type { EventCase } from "./ingest/stored-events.ts";
import { openSideDatabase } from "./side-database.ts";
import { MinuteWindows } from "./windows/minute-windows.ts";

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
  /** Learned before the other stages, in this order. */
  firstStages?: readonly string[];
  onIncident?: (incident: Incident, what: "opened" | "changed" | "closed") => void;
  onStory?: (line: StoryLine) => void;
}

export interface SiteWatch extends FogParts {
  /** When everything was last heard. */
  readonly freshness: SiteFreshness;
  /** Since when the plant and its stages are in the state that pages show. */
  readonly since: StateSince;
  sight(stage: string): StageSight;
  readonly detection: Detection;
  readonly week: WeekWatch;
  readonly incidents: IncidentDesk;
  readonly incidentStore: IncidentStore;
  readonly trips: TripBoard;
  readonly notices: NoticeBoard;
  readonly story: Story;
  readonly kpis: KpiBoard;
  readonly bands: UsualBands;
  /** Learns from the historian what no artifact brought; long, in the trainer's thread. */
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
  for (const { edge, event } of core.ingest.events
    .newestOf(casesReadBack, eventsReadBack)
    .reverse()) {
    trips.take(edge, event);
    notices.take(edge, event);
  }
  for (const { edge, status } of core.ingest.links()) if (status) trips.reconcile(edge, status);
  const { latenessMs } = core.limits;
  const { newest } = historian;
  const freshness = new SiteFreshness({
    ...{ clock, tags, newest, latenessMs },
    known: core.ingest.links(),
  });
  const kpis = new KpiBoard({ kpis: site.kpis, tags, newest, freshness, clock });
  const bands = new UsualBands({ reader: historian.reader, clock });
  const incidents = new IncidentDesk({
    site,
    tags,
    store: incidentStore,
    onChange: (incident, what) => {
      core.report({ case: "incident", value: incident });
      tellIncident(story, incident, what);
      options.onIncident?.(incident, what);
    },
  });
  const stopped = new AbortController();
  const detection = new Detection({
    site,
    tags,
    reader: historian.reader,
    scorer: options.scorer,
    trainer: options.trainer,
    clock,
    logger,
    onVerdict: (verdict) => incidents.onVerdict(verdict),
  });
  const week = new WeekWatch({
    reader: historian.reader,
    tags,
    load: options.loadAutoencoder,
    logger,
  });
  const windows: MinuteWindows = new MinuteWindows({
    indexOf: (id) => tags.find(id)?.index ?? -1,
    onMinute: (endMs) => {
      kpis.onMinute(windows, endMs);
      detection.onMinute(endMs);
      void week.onMinute(endMs);
    },
  });
  detection.attach(windows);
  const listener: IngestListener = {
    onBirth: (edge, birth) => {
      windows.onBirth(edge, birth);
      freshness.onBirth(edge, birth);
      // A birth that is read again from the journal says nothing of the link.
      const up = core.ingest.links().some((link) => link.edge === edge && link.online);
      if (up) tellLink(story, { edge, up, atMs: clock.nowMs() });
    },
    onDeath: (edge, orderly) => {
      windows.onDeath(edge);
      freshness.onDeath(edge, orderly);
      tellLink(story, { edge, up: false, orderly, atMs: clock.nowMs() });
    },
    onPanes: (edge, panes, backlog) => {
      freshness.onPanes(edge, panes, backlog);
      windows.onPanes(edge, panes, backlog);
    },
    onReadings: (edge, columns, backlog) => {
      freshness.onReadings(edge, columns, backlog);
      windows.onReadings(edge, columns, backlog);
    },
    onEvent: (edge, event, backlog) => {
      freshness.onEvent(edge);
      trips.take(edge, event);
      notices.take(edge, event);
      // A second sensor that sees the same change adds nothing to the story.
      const told =
        event.body.case === "alert" && incidents.ofStage(event.body.value.stage) !== undefined;
      incidents.onEvent(edge, event, backlog);
      if (told) return;
      if (event.body.case === "artifact")
        tellArtifact(story, event.body.value, { edge, atMs: event.atMs });
      else
        tellEvent(story, event, {
          edge,
          stageOf: (rule) => trips.list().find((trip) => trip.rule === rule)?.stage ?? "",
        });
    },
    onStatus: (edge, status) => {
      freshness.onStatus(edge, status);
      trips.reconcile(edge, status);
    },
    onAck: (edge) => freshness.onAck(edge),
  };
  for (const edge of core.ingest.links()) if (edge.birth) windows.onBirth(edge.edge, edge.birth);
  return {
    listeners: [listener],
    modelHost: {
      activate: async (offered) => {
        const host = offered.kind === ArtifactKind.AUTOENCODER ? week : detection;
        const activation = await host.activate(offered);
        tellArtifact(
          story,
          {
            name: offered.name,
            version: offered.version,
            refused: activation.ok ? undefined : activation.reason,
          },
          { edge: "", atMs: clock.nowMs() },
        );
        return activation;
      },
    },
    listen: () => freshness.listen(),
    freshness,
    since: new StateSince(),
    sight: (stage) =>
      sightOf(stage, {
        ...{ clock, tags, newest, freshness, latenessMs },
        judged: (id) => detection.judged(id),
      }),
    detection,
    week,
    incidents,
    incidentStore,
    trips,
    notices,
    story,
    kpis,
    bands,
    learn: async () => {
      const learned = await learnAll({
        detection,
        first: options.firstStages ?? [],
        ioClock: core.ioClock,
        signal: stopped.signal,
      });
      // The trainer's memory is only wanted once; what the cloud sends later is only loaded.
      if (options.trainer !== options.scorer) await options.trainer.close();
      if (learned === 0) return;
      logger.info("models learned from the site's own past", { stages: learned });
      tellLearned(story, { stages: learned, atMs: clock.nowMs() });
    },
    close: async () => {
      stopped.abort();
      await detection.close();
      await week.close();
      db.close();
    },
  };
}

/** Edges announce their tags one after the other; a stage is learned as soon as its own are known. I/O clock. */
const learnAgainMs = 1_000;
/** After this long without news the stages that are still waiting belong to an edge that is not there. */
const waitingRoundsMax = 3_600;

async function learnAll(options: {
  detection: Detection;
  first: readonly string[];
  ioClock: Clock;
  signal: AbortSignal;
}): Promise<number> {
  const { detection, first, ioClock, signal } = options;
  const tried = new Set<string>();
  let learned = 0;
  for (let round = 0; round < waitingRoundsMax && !signal.aborted; round++) {
    const { ready, waiting } = detection.missing();
    const rank = (stage: string) => (first.includes(stage) ? first.indexOf(stage) : first.length);
    const next = ready.filter((stage) => !tried.has(stage)).sort((a, b) => rank(a) - rank(b))[0];
    if (next !== undefined) {
      tried.add(next);
      if (await detection.learn(next)) learned += 1;
    } else if (waiting.length === 0) return learned;
    else await ioClock.sleep(learnAgainMs, signal).catch(() => {});
  }
  return learned;
}
