/**
 * Learns the site from its own past: every stage, the one with most usable data first, of equal ones the
 * one that has gone furthest from its past. It goes on for as long as the fog runs: what cannot be learned
 * yet is told with why and when, and learned then. A learner that dies is told and started again.
 */
import {
  type LearnerView,
  type LearningView,
  learningText,
  roughDuration,
  type StageLearning,
} from "@weir/contracts/api/learning.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { stageRowCountMin } from "@weir/detectors/stage-training.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { HistoryReader } from "../historian/history-reader.ts";
import type { SiteTagRow } from "../historian/site-tags.ts";
import type { Detection } from "./detection.ts";
import { gatherEvidence, type StageEvidence } from "./learning-evidence.ts";

export interface SiteLearningOptions {
  site: SiteModel;
  tags: { readonly current: readonly SiteTagRow[] };
  reader: HistoryReader;
  detection: Pick<Detection, "model" | "teach">;
  /** Stages with an open incident: they come sooner. */
  openIncidents: () => ReadonlySet<string>;
  /** Gives the learner's memory back while there is nothing to learn. */
  rest: () => Promise<void>;
  clock: Clock;
  ioClock: Clock;
  logger: Logger;
  /** When everything that can be learned now is; `stages`: learned since the last time. */
  onCaughtUp: (stages: number) => void;
}

/** Edges announce their tags one after the other; how often that is looked at, I/O clock. */
const lookEveryMs = 1_000;
/** What was counted in the past holds for so long, plant time: at first for a minute, of what has just begun to come. */
const evidenceMsMin = 60_000;
const evidenceMsMax = 20 * 60_000;
/** A stage that could not be learned is tried again after this long, plant time. */
const retryMs = 3_600_000;
/** One during which the learner died: after this long, I/O clock, and so often in a row. */
const restartMs = 5_000;
const deathsMax = 3;
/** No reading for longer than this: none is coming in, plant time. */
const currentMs = 15 * 60_000;
const minuteMs = 60_000;
const wantedMs = stageRowCountMin * minuteMs;
/** An open incident is as urgent as a drift of so many spreads. */
const incidentDrift = 5;
const durationsKept = 20;

interface Failure {
  reason: string;
  /** Plant time; I/O time after the learner died. */
  untilMs: number;
  deaths: number;
}

export class SiteLearning {
  readonly #options: SiteLearningOptions;
  readonly #failures = new Map<string, Failure>();
  /** In which state each stage is, and since when. */
  readonly #since = new Map<string, { state: StageLearning["state"]; atMs: number }>();
  readonly #durations: number[] = [];
  #evidence = new Map<string, StageEvidence>();
  #countedAtMs = Number.NEGATIVE_INFINITY;
  #countedTags = -1;
  #holdsMs = evidenceMsMin;
  #learnedCount = 0;
  #ownRows = new Map<string, SiteTagRow[]>();
  #current: { stage: string; atMs: number } | undefined;
  #learner: LearnerView;

  constructor(options: SiteLearningOptions) {
    this.#options = options;
    const sinceMs = options.clock.nowMs();
    this.#learner = { state: "idle", sinceMs, reason: "it has not begun yet" };
  }

  /** Until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { ioClock, rest, onCaughtUp } = this.#options;
    while (!signal.aborted) {
      this.#sortRows();
      await this.#count(signal);
      const next = signal.aborted ? undefined : this.#due()[0];
      if (next !== undefined) await this.#learn(next);
      else {
        if (this.#learner.state === "working") {
          this.#say("idle", "everything that can be learned now is learned");
          if (this.#learnedCount > 0) onCaughtUp(this.#learnedCount);
          this.#learnedCount = 0;
          await rest();
        }
        await ioClock.sleep(lookEveryMs, signal).catch(() => {});
      }
    }
  }

  get learner(): LearnerView {
    return this.#learner;
  }

  view(): LearningView {
    const { site } = this.#options;
    this.#sortRows();
    const stages = site.stages.map(({ id }) => this.#stage(id));
    const learned = stages.filter(({ state }) => state === "learned").length;
    const current = this.#current?.stage ?? null;
    const next = this.#due().find((stage) => stage !== current) ?? null;
    const facts = {
      ...{ learned, total: stages.length, current, next },
      nextInMs: next === null ? null : this.#leftMs(),
    };
    return {
      ...facts,
      text: learningText(facts),
      learner: this.#learner,
      ...{ atMs: this.#options.clock.nowMs(), tz: site.site.tz },
      stages: stages.toSorted(
        (a, b) => Number(a.state === "learned") - Number(b.state === "learned"),
      ),
    };
  }

  /** Undefined for a stage that the site does not have. */
  stage(id: string): StageLearning | undefined {
    this.#sortRows();
    return this.#options.site.stages.some((stage) => stage.id === id) ? this.#stage(id) : undefined;
  }

  async #learn(stage: string): Promise<void> {
    const { detection, clock, ioClock, logger } = this.#options;
    this.#say("working", `learning ${stage}`);
    this.#current = { stage, atMs: ioClock.monotonicMs() };
    try {
      const learned = await detection.teach(stage);
      if (learned.ok) {
        this.#failures.delete(stage);
        this.#durations.push(ioClock.monotonicMs() - this.#current.atMs);
        this.#durations.splice(0, this.#durations.length - durationsKept);
        this.#learnedCount += 1;
      } else {
        const untilMs = clock.nowMs() + retryMs;
        this.#failures.set(stage, { reason: learned.reason, untilMs, deaths: 0 });
      }
    } catch (error) {
      const reason = (error as Error).message;
      const deaths = (this.#failures.get(stage)?.deaths ?? 0) + 1;
      logger.error("the learner ended; it is started again", { stage, why: reason });
      this.#say("stopped", `${stage}: ${reason}`);
      const isGivenUp = deaths >= deathsMax;
      const untilMs = isGivenUp ? clock.nowMs() + retryMs : ioClock.monotonicMs() + restartMs;
      this.#failures.set(stage, { reason, untilMs, deaths: isGivenUp ? 0 : deaths });
    } finally {
      this.#current = undefined;
    }
  }

  /** Stages that can be learned now, what comes first first. */
  #due(): string[] {
    const incidents = this.#options.openIncidents();
    const best = Math.max(1, ...[...this.#evidence.values()].map(({ minutes }) => minutes));
    const rank = (stage: string): [missingTenths: number, calm: number] => {
      const { minutes = 0, drift = 0 } = this.#evidence.get(stage) ?? {};
      const urgency = drift + (incidents.has(stage) ? incidentDrift : 0);
      return [10 - Math.floor((10 * minutes) / best), -urgency];
    };
    return this.#options.site.stages
      .map(({ id }) => id)
      .filter((id) => this.#obstacle(id) === undefined && !this.#isRunning(id))
      .sort((a, b) => {
        const [missingA, calmA] = rank(a);
        const [missingB, calmB] = rank(b);
        return missingA - missingB || calmA - calmB;
      });
  }

  /** Why a stage without a model cannot be learned now. */
  #obstacle(id: string): Omit<StageLearning, "stage" | "name" | "sinceMs" | "models"> | undefined {
    const { clock, ioClock } = this.#options;
    const own = this.#rows(id);
    if (own.length === 0) {
      return { state: "cannot", reason: "no tag belongs to it", whenMs: null };
    }
    if (!own.some(isAnnounced)) {
      const edges = [...new Set(own.map(({ edge }) => edge))].join(", ");
      return { state: "waiting", reason: `${edges} has not told of its tags yet`, whenMs: null };
    }
    const evidence = this.#evidence.get(id);
    if (!evidence) return { state: "waiting", reason: "its past is being counted", whenMs: null };
    const haveMs = evidence.minutes * minuteMs;
    if (haveMs < wantedMs) return this.#tooLittle(own, evidence);
    const failure = this.#failures.get(id);
    if (!failure) return undefined;
    const isDeath = failure.deaths > 0;
    const nowMs = isDeath ? ioClock.monotonicMs() : clock.nowMs();
    if (failure.untilMs <= nowMs) return undefined;
    const whenMs = isDeath ? null : failure.untilMs;
    return { state: "waiting", reason: `the last try failed: ${failure.reason}`, whenMs };
  }

  #tooLittle(own: readonly SiteTagRow[], { minutes, newestMs }: StageEvidence) {
    const nowMs = this.#options.clock.nowMs();
    if (newestMs === undefined) {
      const names = own.map(({ tag, id }) => tag.name || id);
      const rest = names.length > 3 ? ` and ${names.length - 3} more` : "";
      const reason = `no minute of ${names.slice(0, 3).join(", ")}${rest} is in the history yet`;
      return { state: "waiting" as const, reason, whenMs: null };
    }
    const haveMs = minutes * minuteMs;
    const reason = `${roughDuration(haveMs)} of history, ${roughDuration(wantedMs)} wanted`;
    if (newestMs < nowMs - currentMs) {
      const since = siteTimeOf(this.#options.site.site.tz).stamp(newestMs);
      const text = `${reason}; no reading of it since ${since}`;
      return { state: "waiting" as const, reason: text, whenMs: null };
    }
    return { state: "waiting" as const, reason, whenMs: nowMs + wantedMs - haveMs };
  }

  #stage(id: string): StageLearning {
    const { site, detection } = this.#options;
    const name = site.stages.find((stage) => stage.id === id)?.name ?? id;
    const model = detection.model(id);
    const is = (state: StageLearning["state"], reason: string, whenMs: number | null = null) => ({
      ...{ stage: id, name, state, reason, whenMs },
      sinceMs: model?.sinceMs ?? this.#noted(id, state),
      models: [],
    });
    if (model) {
      const source = model.version === 0 ? "learned here" : `version ${model.version} of the cloud`;
      return is("learned", `${source}: ${model.facts.trainedOn}`);
    }
    if (this.#current?.stage === id) return is("learning", "being learned");
    const obstacle = this.#obstacle(id);
    if (obstacle) return is(obstacle.state, obstacle.reason, obstacle.whenMs);
    return is("waiting", "in its turn", this.#options.clock.nowMs());
  }

  #noted(id: string, state: StageLearning["state"]): number {
    const known = this.#since.get(id);
    if (known?.state === state) return known.atMs;
    const atMs = this.#options.clock.nowMs();
    this.#since.set(id, { state, atMs });
    return atMs;
  }

  /** Looks at the past again when it is old, or tags have come. */
  async #count(signal: AbortSignal): Promise<void> {
    const { site, tags, reader, clock, ioClock } = this.#options;
    const nowMs = clock.nowMs();
    const open = site.stages.map(({ id }) => id).filter((id) => !this.#isRunning(id));
    const told = tags.current.filter(isAnnounced).length;
    const isSame = told === this.#countedTags;
    const isFresh = nowMs - this.#countedAtMs < this.#holdsMs && isSame;
    if (isFresh || open.length === 0) return;
    const stages = new Map(
      open.map((id) => [
        id,
        this.#rows(id)
          .filter(isAnnounced)
          .map((row) => row.id),
      ]),
    );
    this.#countedAtMs = nowMs;
    this.#countedTags = told;
    this.#holdsMs = isSame ? Math.min(2 * this.#holdsMs, evidenceMsMax) : evidenceMsMin;
    this.#evidence = await gatherEvidence(reader, stages, {
      nowMs,
      breathe: () => ioClock.sleep(0, signal).catch(() => {}),
    });
  }

  #rows(stage: string): readonly SiteTagRow[] {
    return this.#ownRows.get(stage) ?? [];
  }

  /** Asked for every stage at every look, so once for all of them. */
  #sortRows(): void {
    this.#ownRows = Map.groupBy(this.#options.tags.current, ({ tag }) => tag.stage);
  }

  #isRunning(stage: string): boolean {
    return this.#options.detection.model(stage) !== undefined;
  }

  /** Until the next one begins, real time. */
  #leftMs(): number | null {
    if (!this.#current) return 0;
    const usualMs = this.#durations.toSorted((a, b) => a - b)[this.#durations.length >> 1];
    if (usualMs === undefined) return null;
    return Math.max(0, usualMs - (this.#options.ioClock.monotonicMs() - this.#current.atMs));
  }

  #say(state: LearnerView["state"], reason: string): void {
    const sinceMs =
      this.#learner.state === state ? this.#learner.sinceMs : this.#options.clock.nowMs();
    this.#learner = { state, sinceMs, reason };
  }
}

/** Told by its edge's birth; one that is known from imported history alone has no period yet. */
const isAnnounced = ({ tag }: SiteTagRow): boolean => tag.periodMs > 0;
