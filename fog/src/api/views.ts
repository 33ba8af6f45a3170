/** Pages' worth of data, put together from the parts of the fog. */

import type {
  EdgeView,
  EventView,
  FreshnessView,
  HealthView,
  IncidentView,
  PlantView,
  StageLine,
  StageView,
  SuppressedView,
  TagView,
  TripView,
} from "@weir/contracts/api/fog.ts";
import type { LearningView } from "@weir/contracts/api/learning.ts";
import type { ArtifactView, SeriesView } from "@weir/contracts/api/live.ts";
import { qualityLabel, severityLabel } from "@weir/contracts/enum-labels.ts";
import type { TagCondition } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { Incident, Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { SiteStage } from "@weir/contracts/site.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";

import { catalogueOf } from "@weir/plants/catalogue.ts";
import { tagName } from "../correlation/tag-words.ts";

import { resetBlockedBy } from "../correlation/trip-cause.ts";
import { outcomeOf } from "../correlation/trip-outcome.ts";
import type { FogCore } from "../fog.ts";
import { heardWithinMs } from "../freshness/freshness.ts";
import { judgedWithinMs } from "../freshness/stage-sight.ts";
import { kindNoteOf } from "../health/kind-problems.ts";
import type { SiteTagRow } from "../historian/site-tags.ts";
import type { SiteWatch } from "../site-watch.ts";
import { artifactView } from "./artifact-view.ts";
import { conditionWords } from "./condition-words.ts";
import { edgeView } from "./edge-view.ts";
import { casesOf, eventView } from "./event-words.ts";
import { incidentView } from "./incident-view.ts";
import {
  evidenceOf,
  headlineOf,
  plantState,
  stageState,
  stateSince,
  undecidedWords,
} from "./plant-state.ts";
import { suppressedRules } from "./suppressed-rules.ts";

const dayMs = 86_400_000;
const sparkMs = 3_600_000;
const sparkPoints = 60;
const incidentsShown = 12;

/** The picture of the plant goes out every second: what is learned is said by its number. */
const unlearned = (view: LearningView): LearningView => ({
  ...view,
  stages: view.stages.filter(({ state }) => state !== "learned"),
});

export class Views {
  readonly #core: FogCore;
  readonly #watch: SiteWatch;

  constructor(core: FogCore, watch: SiteWatch) {
    this.#core = core;
    this.#watch = watch;
  }

  plant(): PlantView {
    const { site, clock } = this.#core;
    const nowMs = clock.nowMs();
    const rows = Map.groupBy(this.#core.tags.current, (row) => row.tag.stage);
    const all = Map.groupBy(this.#watch.incidents.incidents.all(), (incident) => incident.stage);
    const stages = site.stages.map((stage) =>
      this.#stageLine(stage, { rows: rows.get(stage.id) ?? [], open: all.get(stage.id) ?? [] }),
    );
    const trips = this.trips();
    const open = this.#watch.incidents.open();
    const incidents = open.slice(0, incidentsShown).map((incident) => this.#incident(incident));
    const health = this.health();
    const latched = trips.filter((trip) => trip.latched);
    const edges = this.#core.ingest.links().map(({ edge }) => this.#watch.freshness.edge(edge));
    const evidence = evidenceOf(stages, {
      ...{ edges: health.edges, edgesHeard: health.edgesHeard },
      judgedWithinMs: judgedWithinMs + this.#core.limits.latenessMs,
      heardWithinMs: heardWithinMs(this.#core.limits.latenessMs),
    });
    const state = plantState(evidence, { latched: latched.length, incidents: open.length });
    return {
      ...{ site: site.site, lines: site.lines, atMs: nowMs, state },
      stateSinceMs: stateSince(state, {
        ...{ latched, incidents: open },
        notedMs: this.#watch.since.note("plant", state, nowMs),
      }),
      headline: headlineOf({
        ...{ state, evidence },
        latched: latched.map((trip) => `${trip.stage} ${trip.rule}`),
        incidents: open.map(({ severity }) => ({ severity: severityLabel(severity) })),
        lastDataAgeMs: health.lastDataAgeMs,
        silentEdges: edges.filter((edge) => edge.state !== "live"),
      }),
      ...{ evidence, stages, trips, incidents, health },
      operations: Object.entries(catalogueOf(site).pack.operations).map(([key, name]) => ({
        id: key,
        name,
      })),
      kpis: this.#watch.kpis.views(),
      incidentCount: open.length,
      suppressed: this.suppressed(),
      learning: unlearned(this.#watch.learning.view()),
      story: [...this.#watch.story.lines],
    };
  }

  /** @throws Fault FOG_HISTORY_BUSY, FOG_HISTORY_SILENT */
  async stage(id: string, signal?: AbortSignal): Promise<StageView | undefined> {
    const stage = this.#core.site.stages.find((one) => one.id === id);
    if (!stage) return undefined;
    const running = this.#watch.detection.model(id);
    const week = this.#watch.week.verdict(id) ?? null;
    return {
      ...this.#stageLine(stage, { open: this.#watch.incidents.allOfStage(id) }),
      equipment: stage.equipment,
      kindNote: kindNoteOf(this.#core.tags.current, id),
      learning: this.#watch.learning.stage(id),
      upstream: stage.upstream,
      tags: await this.#tags(id, signal),
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

  /** @throws Fault FOG_HISTORY_BUSY, FOG_HISTORY_SILENT */
  async trends(
    tags: readonly string[],
    span: { fromMs: number; toMs: number; buckets: number },
    signal?: AbortSignal,
  ): Promise<SeriesView[]> {
    const { tags: siteTags } = this.#core;
    const { history, bands: usual } = this.#watch;
    const [all, bands] = await Promise.all([
      history.ask({ kind: "series", tags, ...span }, signal),
      usual.of(tags, signal),
    ]);
    return all.map((series, index) => {
      const row = siteTags.find(series.tag);
      const band = bands[index];
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
    const { freshness } = this.#watch;
    const { tags, historian } = this.#core;
    return this.#watch.trips.list().map((trip) => {
      const { outcome, text } = outcomeOf(trip);
      const blockedBy = resetBlockedBy(trip, { freshness, tags, newest: historian.newest });
      return {
        ...trip,
        ...{ outcome, outcomeText: text, resetBlockedBy: blockedBy, resettable: blockedBy === "" },
        freshness: freshness.edge(trip.edge),
      };
    });
  }

  /** What is open and not shown as an alarm of its own: incidents here, rules at the edges. */
  suppressed(): SuppressedView[] {
    const incidents = this.#watch.incidents.suppressed().map(
      ({ incident, by, reason }): SuppressedView => ({
        ...{ kind: "incident", id: incident.id, what: incident.headline },
        ...{ by: by.id, byText: by.headline, sinceMs: incident.openedAtMs, reason },
      }),
    );
    return [...incidents, ...suppressedRules(this.#core.ingest.links(), this.#watch.freshness)];
  }

  edges(): EdgeView[] {
    const { freshness, notices } = this.#watch;
    const states = this.#core.downlink.shelf.states();
    const facts = { states, notices, freshness, nowMs: this.#core.clock.nowMs() };
    return this.#core.ingest.links().map((link) => edgeView(link, facts));
  }

  /** Newest first; of all kinds unless some are named. */
  events(limit: number, kinds?: readonly string[]): EventView[] {
    const { events } = this.#core.ingest;
    const found = kinds ? events.newestOf(casesOf(kinds), limit) : events.newest(limit);
    const time = siteTimeOf(this.#core.site.site.tz);
    // They are kept in the order of their arrival; what an edge held back comes later than it happened.
    return found
      .map(({ edge, event, ...how }) => eventView(edge, event, { ...how, time }))
      .toSorted((a, b) => b.atMs - a.atMs);
  }

  health(): HealthView {
    const { freshness, detection, incidentStore } = this.#watch;
    const health = this.#core.health();
    const nowMs = this.#core.clock.nowMs();
    const ages = health.edges.flatMap(({ edge }) => freshness.readingsAgeMs(edge) ?? []);
    return {
      ...this.#core.problems.look(),
      edgesHeard: health.edges.filter(({ edge }) => freshness.edge(edge).state === "live").length,
      edgesOnline: health.edges.filter((edge) => edge.online).length,
      edges: health.edges.length,
      lastDataAgeMs: ages.length > 0 ? Math.min(...ages) : null,
      ingestQueue: health.ingestQueue,
      cloud: health.cloud,
      cloudSinceMs: health.cloudSinceMs ?? null,
      detector: { ...detection.service },
      cloudBacklog: health.cloudBacklog,
      historianBytes: health.historianBytes,
      skewMsWorst: health.skewMsWorst,
      models: this.#models(),
      alertsLast24h: incidentStore.openedSince(nowMs - dayMs),
    };
  }

  #models(): ArtifactView[] {
    return this.#core.downlink.shelf
      .states()
      .filter((state) => state.where === "fog")
      .map(artifactView);
  }

  #incident(incident: Incident): IncidentView {
    const { site, tags } = this.#core;
    const { freshness, incidents } = this.#watch;
    return incidentView(incident, { site, tags, freshness, open: incidents.incidents.all() });
  }

  #stageLine(
    stage: SiteStage,
    { rows, open }: { rows?: readonly SiteTagRow[]; open: readonly Incident[] },
  ): StageLine {
    const { trips, detection, since, sight } = this.#watch;
    const latched = trips.list().filter((trip) => trip.latched && trip.stage === stage.id);
    const worst = open.reduce(
      (most, { severity }) => Math.max(most, severity),
      Number.NEGATIVE_INFINITY,
    );
    const seen = sight(stage.id, rows);
    const undecided = detection.undecided(stage.id);
    const state = stageState({
      ...{ tripped: latched.length > 0, sight: seen.sight, isUnusual: undecided !== undefined },
      worst: open.length > 0 ? severityLabel(worst as Severity) : undefined,
    });
    const judged = detection.judged(stage.id);
    return {
      ...{ id: stage.id, name: stage.name, line: stage.line, state, ...seen },
      evidence: undecided ? `${seen.evidence}; ${undecidedWords(undecided)}` : seen.evidence,
      stateSinceMs: stateSince(state, {
        ...{ latched, incidents: open.filter(({ severity }) => severity === worst) },
        notedMs: since.note(`stage/${stage.id}`, state, this.#core.clock.nowMs()),
      }),
      score: seen.sight === "judged" ? detection.ratio(stage.id) : null,
      scoreAtMs: judged?.windowEndMs ?? null,
      openIncidents: open.length,
    };
  }

  #condition(row: SiteTagRow): TagCondition | undefined {
    const link = this.#core.ingest.links().find(({ edge }) => edge === row.edge);
    return link?.status?.conditions.find(({ tag }) => tag === row.tag.id);
  }

  async #tags(stage: string, signal: AbortSignal | undefined): Promise<TagView[]> {
    const { tags, historian } = this.#core;
    const rows = tags.current.filter((row) => row.tag.stage === stage);
    const ids = rows.map((row) => row.id);
    const nowMs = this.#core.clock.nowMs();
    const span = { fromMs: nowMs - sparkMs, toMs: nowMs, buckets: sparkPoints };
    const [bands, sparks] = await Promise.all([
      this.#watch.bands.of(ids, signal),
      this.#watch.history.ask({ kind: "series", tags: ids, ...span }, signal),
    ]);
    return rows.map((row, index) =>
      tagView(row, {
        all: tags.rows,
        newest: historian.newest.of(row.index),
        freshness: this.#watch.freshness.tag(row),
        condition: this.#condition(row),
        band: bands[index],
        spark: gapsAsNull(sparks[index]?.mean ?? new Float64Array(0)),
      }),
    );
  }
}

interface TagFacts {
  all: readonly SiteTagRow[];
  freshness: FreshnessView;
  /** Why it is not good, as its edge last said. */
  condition: TagCondition | undefined;
  newest: { value: number; quality: Quality; atMs: number } | undefined;
  band: { low: number; high: number } | undefined;
  spark: (number | null)[];
}

function tagView(row: SiteTagRow, facts: TagFacts): TagView {
  const { all, newest, freshness, condition, band, spark } = facts;
  return {
    id: row.id,
    name: tagName(row, all),
    kind: row.measures.kind,
    kindName: row.measures.name,
    kindInferred: row.measures.inferred,
    unit: row.tag.unit,
    value: newest && Number.isFinite(newest.value) ? newest.value : null,
    quality: newest ? qualityLabel(newest.quality) : "stale",
    reason: newest ? (condition ? conditionWords(condition) : "") : "nothing received yet",
    freshness,
    periodMs: row.tag.periodMs,
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
