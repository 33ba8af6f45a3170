/**
 * What is trained without being asked: where a site has history but a stage has no model yet, so that
 * models travel down within the first minutes after an import. Only what the site has announced: a
 * fog refuses a model of tags it has not met, and that version is then spent.
 */
import type { Historian } from "../historian/historian.ts";
import { dayMs } from "../limits.ts";
import { recentDaysExcluded } from "./hour-matrix.ts";
import type { TrainingBook, TrainingRequest } from "./training-book.ts";

/** Shortest history from which the first autoencoders are tried. */
const historyMin = (recentDaysExcluded + 14) * dayMs;

export interface FirstTrainingSettings {
  /** Stages that get an autoencoder, most important first. */
  autoencoders: readonly string[];
  /** Stages that get a forest for the fog. */
  forests: readonly string[];
}

/** Jobs to queue for `site` now, in the order in which they should run. */
export function firstTrainings(
  site: string,
  settings: FirstTrainingSettings,
  { historian, book }: { historian: Historian; book: TrainingBook },
): TrainingRequest[] {
  const oldest = historian.oldestMs(site);
  const newest = historian.newestMs(site);
  if (oldest === undefined || newest === undefined || newest - oldest < historyMin) return [];
  const tags = historian.tags.tags(site);
  // A period comes with the edge's own birth; a fog may announce before that what it has imported.
  const edges = [...new Set(tags.filter((tag) => tag.periodMs > 0).map((tag) => tag.edge))];
  const isReady = ({ kind, stage }: TrainingRequest) => {
    if (kind === "thresholds") return true;
    const own = tags.filter((tag) => tag.stage === stage);
    return own.length > 0 && own.every((tag) => tag.announced === 1);
  };
  const of = (kind: TrainingRequest["kind"], names: readonly string[]) =>
    names.map((stage): TrainingRequest => ({ site, stage, kind }));
  const [first = [], rest = []] = split(settings.autoencoders);
  return [
    ...of("thresholds", edges),
    ...of("autoencoder", first),
    ...of("forest", settings.forests),
    ...of("autoencoder", rest),
  ]
    .map((request, index): TrainingRequest => ({ ...request, rank: index + 1 }))
    .filter((request) => isReady(request) && !book.has(request));
}

/** The first autoencoder before the forests: it takes longest to matter and is waited for most. */
const split = (names: readonly string[]) => [names.slice(0, 1), names.slice(1)];
