/**
 * Asks for one training after the other, whatever the sites have: each time from the newest evidence,
 * the sites in turn. It keeps nothing: what is learned is in the registry, what was tried in the
 * training book, so a restart goes on where the last one was.
 */

import type { SiteLearning } from "@weir/contracts/api/cloud.ts";
import { type LearnerView, type LearningView, learningText } from "@weir/contracts/api/learning.ts";
import type { SiteStage } from "@weir/contracts/site.ts";
import { defaultZone } from "@weir/contracts/site-time.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { FleetBook } from "../fleet/fleet-book.ts";
import type { Historian } from "../historian/historian.ts";
import { noCoverage, type TagCoverage } from "../historian/tag-coverage.ts";
import type { SiteTagInfo } from "../historian/tag-table.ts";
import { minuteMs } from "../limits.ts";
import type { ModelRegistry } from "../model-registry/model-registry.ts";
import { type ModelFacts, type PlannedTraining, planSite, type SitePlan } from "./learning-plan.ts";
import { stagePatterns } from "./stage-patterns.ts";
import type { TrainingBook, TrainingRequest } from "./training-book.ts";

export interface PlanSettings {
  automatic: boolean;
  /** Stages that are learned by themselves, as "stage" or "site/stage" with "*"; empty: all. */
  include: readonly string[];
  /** Those that are not. */
  exclude: readonly string[];
}

/** What the trainer is at, for a forecast. */
export interface TrainerProgress {
  learner: LearnerView;
  /** Real milliseconds until the running training ends; null while that is unknown. */
  leftMs: number | null;
}

export interface LearningPlanner {
  /** What should be trained now; undefined: nothing can be. */
  next(): Promise<TrainingRequest | undefined>;
  /** Of every site. */
  views(progress: TrainerProgress): Promise<SiteLearning[]>;
  /** Of one site as it was last planned, without its stages: cheap. Undefined before. */
  summary(site: string, progress: TrainerProgress): Omit<LearningView, "stages"> | undefined;
}

export interface LearningPlannerOptions {
  historian: Historian;
  fleet: FleetBook;
  registry: ModelRegistry;
  book: TrainingBook;
  plant: Clock;
  settings: PlanSettings;
}

/** How long what was counted in the history holds, plant time: it grows by the minute. */
const coverageMsMax = 10 * minuteMs;

export function createLearningPlanner(options: LearningPlannerOptions): LearningPlanner {
  const { historian, fleet, registry, book, plant, settings } = options;
  const isWanted = stagePatterns(settings);
  const counted = new Map<
    string,
    { atMs: number; newestMs: number; tagCount: number; of: Coverage }
  >();
  const plans = new Map<string, SitePlan>();
  let lastSite = "";

  const sites = () => [...new Set([...historian.tags.sites(), ...fleet.sites()])].sort();
  const coverageOf = async (site: string): Promise<Coverage> => {
    const known = counted.get(site);
    const atMs = plant.nowMs();
    const tagCount = historian.tags.count(site);
    const newestMs = historian.newestMs(site) ?? 0;
    const isFresh =
      known?.tagCount === tagCount &&
      atMs - known.atMs < coverageMsMax &&
      newestMs - known.newestMs < coverageMsMax;
    if (isFresh) return known.of;
    const of = await historian.coverage(site);
    counted.set(site, { atMs, newestMs, tagCount, of });
    return of;
  };
  const modelOf = (site: string, stage: string, kind: TrainingRequest["kind"]): ModelFacts => {
    const champion = registry.champion(site, `${kind}/${stage}`);
    return { champion, last: book.lastTry({ site, stage, kind }) };
  };
  const planOf = async (site: string): Promise<SitePlan> => {
    const coverage = await coverageOf(site);
    const tags = historian.tags.tags(site);
    const incidents = fleet.openIncidents(site);
    const nowMs = plant.nowMs();
    const plan = planSite({
      newestMs: historian.newestMs(site) ?? nowMs,
      nowMs,
      zone: fleet.model(site)?.site.tz ?? defaultZone,
      stages: stagesOf(fleet.model(site)?.stages ?? [], tags).map(({ id, name }) => ({
        stage: id,
        name,
        isWanted: isWanted(site, id),
        tags: tags.filter((tag) => tag.stage === id).map((tag) => tagFacts(tag, coverage)),
        openIncidents: incidents.filter(({ stage }) => stage === id).length,
        models: {
          autoencoder: modelOf(site, id, "autoencoder"),
          forest: modelOf(site, id, "forest"),
        },
      })),
      edges: bornEdges(tags).map((edge) => ({
        edge,
        minutes: minutesOf(edge, tags, coverage),
        model: modelOf(site, edge, "thresholds"),
      })),
    });
    plans.set(site, plan);
    return plan;
  };
  const viewOf = (
    site: string,
    plan: SitePlan,
    { learner, leftMs }: TrainerProgress,
  ): SiteLearning => {
    const learned = plan.stages.filter(({ state }) => state === "learned").length;
    const running = book.running();
    const current = running?.site === site ? running.stage : null;
    const next = nextStage(plan.due, current);
    const facts = {
      ...{ learned, total: plan.stages.length, current, next },
      nextInMs: next === null ? null : running === undefined ? 0 : leftMs,
    };
    const stages = plan.stages.toSorted(
      (a, b) => Number(a.state === "learned") - Number(b.state === "learned"),
    );
    const tz = fleet.model(site)?.site.tz ?? defaultZone;
    const text = learningText(facts);
    return { site, ...facts, text, learner, atMs: plant.nowMs(), tz, stages };
  };

  return {
    async next() {
      if (!settings.automatic) return undefined;
      const all = sites();
      // The site after the one that was served last, and so on round.
      const at = all.findIndex((site) => site > lastSite);
      const inTurn = at === -1 ? all : [...all.slice(at), ...all.slice(0, at)];
      for (const site of inTurn) {
        const [first] = (await planOf(site)).due;
        if (!first) continue;
        lastSite = site;
        return { site, ...first };
      }
      return undefined;
    },
    async views(progress) {
      const views: SiteLearning[] = [];
      for (const site of sites()) views.push(viewOf(site, await planOf(site), progress));
      return views;
    },
    summary(site, progress) {
      const plan = plans.get(site);
      if (!plan) return undefined;
      const { stages: _, site: _site, ...summary } = viewOf(site, plan, progress);
      return summary;
    },
  };
}

type Coverage = ReadonlyMap<string, TagCoverage>;

const tagFacts = (tag: SiteTagInfo, coverage: Coverage) => ({
  name: tag.name,
  isAnnounced: tag.announced === 1,
  coverage: coverage.get(tag.id) ?? noCoverage,
});

/** The stages of the site's description in its order, then those that only its tags name. */
function stagesOf(
  described: readonly SiteStage[],
  tags: readonly SiteTagInfo[],
): { id: string; name: string }[] {
  const known = new Set(described.map(({ id }) => id));
  const others = new Set(
    tags.map(({ stage }) => stage).filter((id) => id !== "" && !known.has(id)),
  );
  return [...described, ...[...others].map((id) => ({ id, name: id }))];
}

/** Edges that have been born: a period comes with the edge's own birth, not with imported history. */
const bornEdges = (tags: readonly SiteTagInfo[]): string[] => [
  ...new Set(tags.filter((tag) => tag.periodMs > 0).map((tag) => tag.edge)),
];

const minutesOf = (edge: string, tags: readonly SiteTagInfo[], coverage: Coverage): number =>
  Math.max(
    0,
    ...tags.filter((tag) => tag.edge === edge).map((tag) => coverage.get(tag.id)?.minutes ?? 0),
  );

/** The first of the due ones that is not being learned already; an edge's thresholds count by the edge's name. */
const nextStage = (due: readonly PlannedTraining[], current: string | null): string | null =>
  due.find(({ stage }) => stage !== current)?.stage ?? null;
