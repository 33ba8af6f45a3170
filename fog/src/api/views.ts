/** Pages' worth of data, put together from the parts of the fog. */
import type {
  EdgeView,
  EventView,
  HealthView,
  IncidentView,
  PlantView,
  StageLine,
  StageView,
  TagView,
  TripView,
} from "@weir/contracts/api/fog.ts";
import type { ArtifactView, SeriesView } from "@weir/contracts/api/live.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { SiteStage } from "@weir/contracts/site.ts";
import { countKinds, kindNote } from "@weir/plants/tag-measure.ts";
import { tagName } from "../correlation/tag-words.ts";
import type { FogCore } from "../fog.ts";
import type { SiteTagRow } from "../historian/site-tags.ts";
import type { SiteWatch } from "../site-watch.ts";
import { artifactView } from "./artifact-view.ts";
import { edgeView } from "./edge-view.ts";
import { casesOf, eventView } from "./event-words.ts";
import { incidentView, severityWord } from "./incident-view.ts";

const dayMs = 86_400_000;
const sparkMs = 3_600_000;
const sparkPoints = 60;
const incidentsShown = 12;

const qualityWords: Record<Quality, TagView["quality"]> = {
  [Quality.GOOD]: "good",
  [Quality.UNCERTAIN]: "uncertain",
  [Quality.BAD]: "bad",
  [Quality.STALE]: "stale",
};

export class Views {
  readonly #core: FogCore;
  readonly #watch: SiteWatch;

  constructor(core: FogCore, watch: SiteWatch) {
    this.#core = core;
    this.#watch = watch;
  }

  plant(): PlantView {
    const { site } = this.#core;
    const stages = site.stages.map((stage) => this.#stageLine(stage));
    const trips = this.trips();
    const incidents = this.#watch.incidents
      .open()
      .slice(0, incidentsShown)
      .map((incident) => this.#incident(incident));
    const health = this.health();
    const latched = trips.filter((trip) => trip.latched);
    const blind = health.edges > 0 && health.edgesOnline === 0;
    const state = blind
      ? "blind"
      : latched.length > 0
        ? "tripped"
        : incidents.length > 0
          ? "attention"
          : "normal";
    return {
      site: site.site,
      lines: site.lines,
      state,
      headline: headlineOf({ latched, incidents, health }),
      stages,
      kpis: this.#watch.kpis.views(),
      trips,
      incidents,
      health,
      story: [...this.#watch.story.lines],
    };
  }

  stage(id: string): StageView | undefined {
    const stage = this.#core.site.stages.find((one) => one.id === id);
    if (!stage) return undefined;
    const running = this.#watch.detection.model(id);
    const week = this.#watch.week.verdict(id) ?? null;
    return {
      ...this.#stageLine(stage),
      equipment: stage.equipment,
      kindNote: this.#kindNote(id),
      upstream: stage.upstream,
      tags: this.#tags(id),
      incidents: this.#watch.incidentStore
        .list("all", 200)
        .filter((incident) => incident.stage === id)
        .slice(0, 5)
        .map((incident) => this.#incident(incident)),
      week,
      model: running
        ? {
            name: running.name,
            kind: "forest",
            version: running.version,
            where: running.version === 0 ? "the fog, learned here" : "fog",
            outcome: "active",
            reason: "",
            atMs: running.sinceMs,
          }
        : null,
    };
  }

  trends(
    tags: readonly string[],
    fromMs: number,
    span: { toMs: number; buckets: number },
  ): SeriesView[] {
    const { historian, tags: siteTags } = this.#core;
    const bands = this.#watch.bands.of(tags);
    return historian.reader.series(tags, fromMs, span.toMs, span.buckets).map((series) => {
      const row = siteTags.find(series.tag);
      const band = bands.get(series.tag);
      return {
        tag: series.tag,
        name: row ? `${row.tag.stage} ${row.tag.name} ${row.measures.name}`.trimEnd() : series.tag,
        unit: row?.tag.unit ?? "",
        at: Array.from(series.atMs, (ms) => ms / 1000),
        mean: gapsAsNull(series.mean),
        min: gapsAsNull(series.min),
        max: gapsAsNull(series.max),
        bandLow: band?.low,
        bandHigh: band?.high,
        hardLow: row?.tag.hardLow,
        hardHigh: row?.tag.hardHigh,
      };
    });
  }

  incidents(state: "open" | "closed" | "all", limit: number): IncidentView[] {
    return this.#watch.incidentStore.list(state, limit).map((incident) => this.#incident(incident));
  }

  incident(id: string): IncidentView | undefined {
    const found = this.#watch.incidentStore.get(id);
    return found && this.#incident(found);
  }

  trips(): TripView[] {
    const links = this.#core.ingest.links();
    return this.#watch.trips.list().map((trip) => {
      const row = this.#core.tags.find(trip.tag);
      const newest = row && this.#core.historian.newest.of(row.index);
      const online = links.find((link) => link.edge === trip.edge)?.online ?? false;
      const gone =
        newest !== undefined && newest.quality === Quality.GOOD && !beyond(newest.value, trip);
      return { ...trip, resettable: online && (gone || trip.simulated) };
    });
  }

  edges(): EdgeView[] {
    const states = this.#core.downlink.shelf.states();
    const facts = { states, notices: this.#watch.notices, nowMs: this.#core.clock.nowMs() };
    return this.#core.ingest.links().map((link) => edgeView(link, facts));
  }

  /** Newest first; of all kinds unless some are named. */
  events(limit: number, kinds?: readonly string[]): EventView[] {
    const { events } = this.#core.ingest;
    const found = kinds ? events.newestOf(casesOf(kinds), limit) : events.newest(limit);
    return found.map(({ edge, event, ...how }) => eventView(edge, event, how));
  }

  health(): HealthView {
    const health = this.#core.health();
    const lastSeen = Math.max(
      ...health.edges.map((edge) => edge.lastSeenMs),
      Number.NEGATIVE_INFINITY,
    );
    const nowMs = this.#core.clock.nowMs();
    return {
      edgesOnline: health.edges.filter((edge) => edge.online).length,
      edges: health.edges.length,
      lastDataAgeMs: Number.isFinite(lastSeen) ? Math.max(0, nowMs - lastSeen) : null,
      ingestQueue: health.ingestQueue,
      cloud: health.cloud,
      cloudBacklog: health.cloudBacklog,
      historianBytes: health.historianBytes,
      skewMsWorst: health.skewMsWorst,
      models: this.#models(),
      alertsLast24h: this.#watch.incidentStore.openedSince(nowMs - dayMs),
    };
  }

  #models(): ArtifactView[] {
    return this.#core.downlink.shelf
      .states()
      .filter((state) => state.where === "fog")
      .map(artifactView);
  }

  #incident(incident: Parameters<typeof incidentView>[0]): IncidentView {
    return incidentView(incident, { site: this.#core.site, tags: this.#core.tags });
  }

  #kindNote(stage: string): string {
    const rows = this.#core.tags.rows.filter((row) => row.tag.stage === stage);
    return kindNote(countKinds(rows.map((row) => row.measures)));
  }

  #stageLine(stage: SiteStage): StageLine {
    const rows = this.#core.tags.rows.filter((row) => row.tag.stage === stage.id);
    const incident = this.#watch.incidents.ofStage(stage.id);
    const tripped = this.#watch.trips
      .list()
      .some((trip) => trip.latched && trip.stage === stage.id);
    const values = rows.map((row) => this.#core.historian.newest.of(row.index));
    const seen = values.filter((value) => value !== undefined);
    return {
      id: stage.id,
      name: stage.name,
      line: stage.line,
      state: tripped
        ? "tripped"
        : incident
          ? severityWord(incident.severity)
          : seen.length === 0
            ? "no-data"
            : "normal",
      score: this.#watch.detection.ratio(stage.id),
      sensors: rows.length,
      badSensors: seen.filter((value) => value.quality !== Quality.GOOD).length,
    };
  }

  #tags(stage: string): TagView[] {
    const { tags, historian } = this.#core;
    const rows = tags.rows.filter((row) => row.tag.stage === stage);
    const ids = rows.map((row) => row.id);
    const bands = this.#watch.bands.of(ids);
    const newestMs = Math.max(0, ...rows.map((row) => historian.newest.of(row.index)?.atMs ?? 0));
    const sparks = historian.reader.series(ids, newestMs - sparkMs, newestMs, sparkPoints);
    return rows.map((row, index) =>
      tagView(row, {
        all: tags.rows,
        newest: historian.newest.of(row.index),
        band: bands.get(row.id),
        spark: gapsAsNull(sparks[index]?.mean ?? new Float64Array(0)),
      }),
    );
  }
}

interface TagFacts {
  all: readonly SiteTagRow[];
  newest: { value: number; quality: Quality; atMs: number } | undefined;
  band: { low: number; high: number } | undefined;
  spark: (number | null)[];
}

function tagView(row: SiteTagRow, { all, newest, band, spark }: TagFacts): TagView {
  return {
    id: row.id,
    name: tagName(row, all),
    kind: row.measures.kind,
    kindName: row.measures.name,
    kindInferred: row.measures.inferred,
    unit: row.tag.unit,
    value: newest && Number.isFinite(newest.value) ? newest.value : null,
    quality: newest ? qualityWords[newest.quality] : "stale",
    reason: newest ? "" : "nothing received yet",
    atMs: newest?.atMs ?? 0,
    min: row.tag.min,
    max: row.tag.max,
    hardLow: row.tag.hardLow,
    hardHigh: row.tag.hardHigh,
    bandLow: band?.low,
    bandHigh: band?.high,
    spark,
  };
}

const gapsAsNull = (values: Float64Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? value : null));

/** Is the value still on the wrong side of the limit that tripped? */
const beyond = (value: number, trip: { value: number; limit: number }): boolean =>
  trip.value >= trip.limit ? value >= trip.limit : value <= trip.limit;

function headlineOf({
  latched,
  incidents,
  health,
}: {
  latched: TripView[];
  incidents: IncidentView[];
  health: HealthView;
}): string {
  const parts: string[] = [];
  if (latched.length > 0)
    parts.push(`${latched.map((trip) => `${trip.stage} ${trip.rule}`).join(", ")} latched`);
  const advisories = incidents.filter((incident) => incident.severity === "advisory").length;
  const others = incidents.length - advisories;
  if (others > 0) parts.push(`${others} open incident${others > 1 ? "s" : ""}`);
  if (advisories > 0) parts.push(`${advisories} advisor${advisories > 1 ? "ies" : "y"}`);
  if (parts.length === 0) parts.push("everything as learned");
  const edges =
    health.edges === 0
      ? "no edge has reported yet"
      : health.edgesOnline === health.edges
        ? "all edges online"
        : `${health.edges - health.edgesOnline} of ${health.edges} edges offline`;
  return `${parts.join("; ")}; ${edges}.`;
}
