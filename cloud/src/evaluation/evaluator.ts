/**
 * Scores every stage that has a champion autoencoder: each plant-hour that closes, and the past days
 * once when a champion is new, so that a slow rise is seen from its start.
 */
import type { Logger } from "@weir/runtime/logger.ts";
import type { Historian } from "../historian/historian.ts";
import { hourMs, windowHours } from "../limits.ts";
import type { ModelRecord, ModelRegistry } from "../model-registry/model-registry.ts";
import { hourMatrix, hourStartMs, wholeHours, windowStarts } from "../trainer/hour-matrix.ts";
import type { HealthBook, HealthPoint } from "./health-book.ts";
import type { LoadedScorer, LoadScorer } from "./stage-scorer.ts";

export interface Evaluator {
  /** Scores what is new up to the end of `hourStartMs`'s hour; returns at once. */
  hourClosed(site: string, hourStartMs: number): void;
  /** Scores the past days with a new champion; returns at once. */
  championChanged(model: ModelRecord): void;
  /** Looks at what is scored already as if it were new; returns at once. */
  judgeAgain(site: string): void;
  /** Resolves when nothing is being scored. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface EvaluatorOptions {
  historian: Historian;
  registry: ModelRegistry;
  health: HealthBook;
  loadScorer: LoadScorer;
  logger: Logger;
  /** After new points of a stage are stored; `isLive`: of an hour that has just closed. */
  onScored: (site: string, stage: string, isLive: boolean) => void | Promise<void>;
}

/** How many past days a new champion scores. */
const pastDays = 12;
/** Most by which a zone's clock is put back at once, rounded up. */
const clockChangeHours = 2;
/** Windows of one call into the scorer. */
const batchCount = 32;

export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { historian, registry, health, logger } = options;
  const loaded = new Map<string, { version: number; scorer: LoadedScorer }>();
  let chain: Promise<void> = Promise.resolve();
  let isStopped = false;

  const scorerOf = async (model: ModelRecord): Promise<LoadedScorer> => {
    const key = `${model.site}/${model.name}`;
    const known = loaded.get(key);
    if (known?.version === model.version) return known.scorer;
    await known?.scorer.close();
    const scorer = await options.loadScorer(registry.payload(model));
    loaded.set(key, { version: model.version, scorer });
    return scorer;
  };

  const scoreStage = async (
    model: ModelRecord,
    range: { firstEndMs: number; lastEndMs: number; isLive: boolean },
  ) => {
    if (isStopped || range.firstEndMs > range.lastEndMs) return;
    const scorer = await scorerOf(model);
    const points = await scoreRange({ historian, scorer, model }, range);
    if (points.length === 0) return;
    health.put(model.site, model.stage, points);
    await options.onScored(model.site, model.stage, range.isLive);
  };

  const enqueue = (what: string, work: () => Promise<void>) => {
    chain = chain.then(async () => {
      if (isStopped) return;
      await work().catch((error: unknown) =>
        logger.error("scoring failed", { what, error: String(error) }),
      );
    });
  };

  const pastStartMs = (endMs: number) => endMs - pastDays * 24 * hourMs;

  return {
    hourClosed(site, hourStartMs) {
      enqueue(site, async () => {
        const lastEndMs = hourStartMs + hourMs;
        for (const model of registry.champions(site, "autoencoder")) {
          const newest = health.newest(site, model.stage)?.atMs ?? pastStartMs(lastEndMs);
          await scoreStage(model, { firstEndMs: newest + hourMs, lastEndMs, isLive: true });
        }
      });
    },
    championChanged(model) {
      if (model.kind !== "autoencoder") return;
      enqueue(model.name, async () => {
        const newestMs = historian.newestMs(model.site);
        if (newestMs === undefined) return;
        const lastEndMs = Math.floor(newestMs / hourMs) * hourMs;
        await scoreStage(model, { firstEndMs: pastStartMs(lastEndMs), lastEndMs, isLive: false });
      });
    },
    judgeAgain(site) {
      enqueue(site, async () => {
        for (const stage of health.stages(site)) await options.onScored(site, stage, false);
      });
    },
    async idle() {
      for (let seen: unknown; seen !== chain; ) {
        seen = chain;
        await chain;
      }
    },
    async stop() {
      isStopped = true;
      await chain;
      for (const { scorer } of loaded.values()) await scorer.close();
    },
  };
}

/** Scores of all whole windows that end within the range, both ends included. */
async function scoreRange(
  { historian, scorer, model }: { historian: Historian; scorer: LoadedScorer; model: ModelRecord },
  { firstEndMs, lastEndMs }: { firstEndMs: number; lastEndMs: number },
): Promise<HealthPoint[]> {
  // A week whose clock was put back has an hour more than its rows.
  const fromMs = firstEndMs - (windowHours + clockChangeHours) * hourMs;
  const range = { fromMs, toMs: lastEndMs, zone: scorer.zone };
  const matrix = hourMatrix(await historian.hourly(model.site, scorer.channels, range), range);
  const ends = windowStarts(wholeHours(matrix)).flatMap((start) => {
    const atMs = hourStartMs(matrix, start + windowHours);
    return atMs !== undefined && atMs >= firstEndMs && atMs <= lastEndMs ? [{ start, atMs }] : [];
  });
  const width = scorer.channels.length;
  const size = windowHours * width;
  const points: HealthPoint[] = [];
  for (let from = 0; from < ends.length; from += batchCount) {
    const batch = ends.slice(from, from + batchCount);
    const windows = new Float32Array(batch.length * size);
    batch.forEach(({ start }, i) => {
      windows.set(matrix.values.subarray(start * width, start * width + size), i * size);
    });
    const { score, channelErrors } = await scorer.score(windows, batch.length);
    batch.forEach(({ atMs }, i) => {
      const errors = channelErrors.subarray(i * width, (i + 1) * width);
      const total = errors.reduce((sum, error) => sum + error, 0) || 1;
      points.push({
        atMs,
        version: model.version,
        threshold: scorer.threshold,
        score: score[i] ?? Number.NaN,
        shares: Object.fromEntries(
          scorer.channels.map((channel, c) => [channel, (errors[c] ?? 0) / total]),
        ),
      });
    });
  }
  return points.filter((point) => Number.isFinite(point.score));
}
