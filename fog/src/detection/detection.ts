/**
 * Watches every stage: one window a minute, scored by the stage's model, decided by N of M.
 * Models come from the site's own past (learned here) and from the cloud (activated by the downlink).
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { ArtifactKind } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { Hysteresis, type Undecided } from "@weir/detectors/hysteresis.ts";
import { rowOfPanes, type StageRow, stageWindowMs } from "@weir/detectors/stage-history.ts";
import { coverageMin, type StageScore } from "@weir/detectors/stage-model.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Activation, ModelHost, OfferedModel } from "../downlink/model-host.ts";
import type { HistoryReader } from "../historian/history-reader.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import { type MinuteWindows, minuteMs } from "../windows/minute-windows.ts";
import type { LearnedModel } from "./learned-models.ts";
import { readLineFactor } from "./line-factor.ts";
import type { ModelFacts, ScoredRow, Scorer } from "./scorer.ts";
import { stageTags } from "./stage-plan.ts";
import { teachingHistory } from "./teaching-history.ts";

/** How much of the past teaches a model made here. */
const teachingMs = 3 * 86_400_000;
const teachingHoursMs = 28 * 86_400_000;
const windowMinutes = stageWindowMs / minuteMs;
/** Own tags must have been heard in the newest minutes of the window, slow ones within three periods. */
const recentMinutes = 2;
const stalePeriods = 3;

export interface Verdict {
  stage: string;
  /** End of the window. */
  atMs: number;
  /** Of the decision line: 1 is on it. */
  ratio: number;
  /** N of M windows were over the line. */
  decided: boolean;
  score: StageScore;
}

/** When a stage's model last judged: a window with too few good readings is no judgement. */
export interface Judged {
  /** Monotonic plant time of the newest judgement; undefined: none yet. */
  atMs: number | undefined;
  /** End of its window, UTC milliseconds. */
  windowEndMs: number | undefined;
  /** Monotonic plant time. */
  modelSinceMs: number;
  /** Why the newest window was not judged; empty when it was. */
  why: string;
}

export interface RunningModel {
  name: string;
  /** 0 for one learned at the site. */
  version: number;
  facts: ModelFacts;
  sinceMs: number;
}

/** How the scoring of windows goes. */
export interface ScorerService {
  /** idle: no model, or no window yet. stopped: the newest windows could not be scored. */
  state: "running" | "idle" | "stopped";
  reason: string;
  /** When windows were last scored, plant calendar. */
  lastAtMs: number | null;
  sinceMs: number;
}

export interface DetectionOptions {
  site: SiteModel;
  tags: SiteTags;
  reader: HistoryReader;
  /** Stages first learned are first served. */
  scorer: Scorer;
  trainer: Scorer;
  clock: Clock;
  logger: Logger;
  onVerdict: (verdict: Verdict) => void;
  /** A model was learned here and judges now. */
  onLearned?: (learned: LearnedModel) => void;
}

interface Watched {
  stage: string;
  model: RunningModel;
  /** The model's bytes, to be loaded again into a scorer that has been started anew. Deflated: a quarter of them. */
  packed: Uint8Array;
  judged: Judged;
  tagIndices: number[];
  hysteresis: Hysteresis;
  lineFactor: number;
  ratio: number | null;
}

const ownModel = (stage: string) => ({ name: `forest/${stage}`, version: 0 });

export class Detection implements ModelHost {
  readonly #options: DetectionOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #lineFactors = new Map<string, number>();
  #windows: MinuteWindows | undefined;
  #scoring: Promise<void> = Promise.resolve();
  #service: ScorerService;
  /** When each window that is not judged yet was handed in, monotonic plant time. */
  readonly #waiting: number[] = [];
  #closed = false;

  constructor(options: DetectionOptions) {
    this.#options = options;
    this.#service = { state: "idle", reason: "", lastAtMs: null, sinceMs: options.clock.nowMs() };
  }

  /** The windows call `onMinute` of this; they are made with it and given back here. */
  attach(windows: MinuteWindows): void {
    this.#windows = windows;
  }

  model(stage: string): RunningModel | undefined {
    return this.#watched.get(stage)?.model;
  }

  /** While the newest window is over the decision line and too few are to decide. */
  undecided(stage: string): Undecided | undefined {
    const { ratio = null, hysteresis } = this.#watched.get(stage) ?? {};
    return ratio !== null && ratio >= 1 ? hysteresis?.undecided : undefined;
  }

  /** Newest decision ratio; null before a model or a full window exists. */
  ratio(stage: string): number | null {
    return this.#watched.get(stage)?.ratio ?? null;
  }

  /** When the model of `stage` last judged; undefined without one. */
  judged(stage: string): Judged | undefined {
    return this.#watched.get(stage)?.judged;
  }

  /** How the scorer is. */
  get service(): ScorerService {
    return this.#service;
  }

  /** Scores the window of every stage that ended at `endMs`. Verdicts come in order of time. */
  onMinute(endMs: number): void {
    if (!this.#windows || this.#closed || this.#watched.size === 0) return;
    const waiting = [...this.#watched.values()].map((watched) => ({
      watched,
      row: this.#row(watched, endMs),
    }));
    this.#waiting.push(this.#options.clock.monotonicMs());
    this.#scoring = this.#scoring
      .then(() => this.#score(waiting, endMs))
      .then(() => {
        this.#waiting.shift();
      });
  }

  /** How long the oldest window that is not judged yet has waited, plant milliseconds. */
  waitingMs(monotonicMs: number): number {
    const [oldest] = this.#waiting;
    return oldest === undefined ? 0 : monotonicMs - oldest;
  }

  #row({ tagIndices }: Watched, endMs: number): StageRow {
    const panes = tagIndices.map((index) => this.#windows?.window(index, endMs, windowMinutes));
    return rowOfPanes(endMs, panes);
  }

  /** Windows that waited while a stage got another model are made anew for the columns of that one. */
  async #score(waiting: readonly { watched: Watched; row: StageRow }[], endMs: number) {
    const rows = waiting.flatMap(({ watched: { stage, model }, row }) => {
      const watched = this.#watched.get(stage);
      if (!watched) return [];
      return [{ stage, row: watched.model === model ? row : this.#row(watched, endMs) }];
    });
    try {
      for (const one of await this.#scored(rows)) this.#decide(one);
      this.#serve("running", "");
    } catch (error) {
      if (this.#closed) return;
      const why = (error as Error).message;
      for (const { stage } of rows) this.#notJudged(stage, why);
      this.#serve("stopped", why);
      this.#options.logger.error("windows were not scored", { why });
    }
  }

  /** A scorer that has died is started again by its next call, without models: they are loaded first. */
  async #scored(rows: readonly { stage: string; row: StageRow }[]): Promise<ScoredRow[]> {
    const { scorer, logger } = this.#options;
    if (this.#service.state !== "stopped") {
      try {
        return await scorer.score(rows);
      } catch (error) {
        if (this.#closed) throw error;
        logger.warn("the scorer is started again", { why: (error as Error).message });
      }
    }
    for (const { stage, packed } of this.#watched.values()) {
      const loaded = await scorer.load(stage, inflateRawSync(packed));
      if (!loaded.ok) this.#notJudged(stage, loaded.reason);
    }
    return scorer.score(rows);
  }

  #serve(state: ScorerService["state"], reason: string): void {
    const nowMs = this.#options.clock.nowMs();
    const same = this.#service.state === state;
    const lastAtMs = state === "running" ? nowMs : this.#service.lastAtMs;
    this.#service = { state, reason, lastAtMs, sinceMs: same ? this.#service.sinceMs : nowMs };
  }

  #notJudged(stage: string, why: string): void {
    const watched = this.#watched.get(stage);
    if (!watched) return;
    watched.judged = { ...watched.judged, why };
    watched.ratio = null;
  }

  /** Resolves when everything handed in so far is judged: for simulations. */
  settled(): Promise<void> {
    return this.#scoring;
  }

  async activate(offered: OfferedModel): Promise<Activation> {
    if (offered.kind === ArtifactKind.FOG_THRESHOLDS) return this.#activateLine(offered);
    if (offered.kind !== ArtifactKind.FOREST)
      return { ok: false, reason: `kind ${offered.kind} is not a forest or its decision line` };
    return this.#run(offered.stage, offered.payload, {
      name: offered.name,
      version: offered.version,
    });
  }

  /** Learns a model of `stage` from the historian; false when it has one already or too little is known. */
  async learn(stage: string): Promise<boolean> {
    return (await this.teach(stage)).ok;
  }

  /** The same, with the reason. @throws Fault FOG_SCORER_ENDED when the trainer dies over it */
  async teach(stage: string): Promise<Activation> {
    if (this.#closed) return { ok: false, reason: "the fog is stopping" };
    if (this.#watched.has(stage)) return { ok: false, reason: "it has a model already" };
    return this.#learn(stage);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#options.scorer.close();
    if (this.#options.trainer !== this.#options.scorer) await this.#options.trainer.close();
  }

  async #learn(stage: string): Promise<Activation> {
    const { site, tags, reader, trainer, logger, clock } = this.#options;
    const columns = stageTags(site, tags.current, stage);
    if (columns.length === 0) return { ok: false, reason: "no tag belongs to it" };
    const nowMs = clock.nowMs();
    const history = teachingHistory(reader, columns, {
      fromMs: nowMs - teachingMs,
      toMs: nowMs,
      width: "minute",
    });
    const hours = teachingHistory(reader, columns, {
      fromMs: nowMs - teachingHoursMs,
      toMs: nowMs - teachingMs,
      width: "hour",
    });
    const trained = await trainer.train({
      stage,
      zone: site.site.tz,
      history,
      hours: hours.rowCount > 0 ? hours : undefined,
    });
    if (!trained.ok) {
      logger.debug("no model yet", { stage, why: trained.reason });
      return trained;
    }
    // The cloud's came meanwhile.
    if (this.#closed || this.#watched.has(stage))
      return { ok: false, reason: "it has a model already" };
    const activation = await this.#run(stage, trained.onnx, ownModel(stage));
    if (activation.ok) {
      this.#options.onLearned?.({ stage, onnx: trained.onnx, learnedAtMs: nowMs });
    }
    return activation;
  }

  /** Goes on with a model that an earlier run learned here; not where another judges already. */
  async resume({ stage, onnx }: LearnedModel): Promise<Activation> {
    if (this.#closed || this.#watched.has(stage))
      return { ok: false, reason: "it has a model already" };
    return this.#run(stage, onnx, ownModel(stage));
  }

  /** In turn with the scoring: windows that are waiting are scored by the model before, or made anew. */
  async #run(
    stage: string,
    onnx: Uint8Array,
    named: { name: string; version: number },
  ): Promise<Activation> {
    const activation = this.#scoring.then(() => this.#load(stage, onnx, named));
    this.#scoring = activation.then(
      () => {},
      () => {},
    );
    return activation;
  }

  async #load(
    stage: string,
    onnx: Uint8Array,
    named: { name: string; version: number },
  ): Promise<Activation> {
    const { scorer, tags, clock } = this.#options;
    const before = this.#watched.get(stage);
    const loaded = await scorer.load(stage, onnx);
    if (!loaded.ok) return { ok: false, reason: loaded.reason };
    const tagIndices = loaded.facts.tags.map((id) => tags.find(id)?.index ?? -1);
    if (tagIndices.every((index) => index < 0)) {
      // The scorer has it already: the one that judged so far goes on.
      if (before) await scorer.load(stage, inflateRawSync(before.packed));
      return { ok: false, reason: `none of its ${tagIndices.length} tags is known at this site` };
    }
    const model = { ...named, facts: loaded.facts, sinceMs: clock.nowMs() };
    const modelSinceMs = clock.monotonicMs();
    this.#watched.set(stage, {
      ...{ stage, model, packed: deflateRawSync(onnx, { level: 1 }), tagIndices },
      judged: before
        ? { ...before.judged, modelSinceMs }
        : { atMs: undefined, windowEndMs: undefined, modelSinceMs, why: "" },
      hysteresis: new Hysteresis(loaded.facts.hysteresis),
      lineFactor: this.#lineFactors.get(stage) ?? 1,
      ratio: null,
    });
    return { ok: true };
  }

  #activateLine(offered: OfferedModel): Activation {
    const factor = readLineFactor(offered.payload, offered.stage);
    if (typeof factor === "string") return { ok: false, reason: factor };
    this.#lineFactors.set(offered.stage, factor);
    const watched = this.#watched.get(offered.stage);
    if (watched) watched.lineFactor = factor;
    return { ok: true };
  }

  #decide({ stage, atMs, score, fault }: ScoredRow): void {
    const watched = this.#watched.get(stage);
    if (!watched) return;
    if (!score) {
      this.#notJudged(stage, fault);
      return;
    }
    // A window without readings says nothing: it neither decides nor ends a decision.
    if (score.coverage < coverageMin || !this.#isHeard(watched, atMs)) {
      this.#notJudged(stage, "too few of its sensors have good readings");
      return;
    }
    const ratio = score.ratio / watched.lineFactor;
    if (!Number.isFinite(ratio)) {
      this.#notJudged(stage, "its model gives no number for these readings");
      return;
    }
    watched.ratio = ratio;
    watched.judged = {
      atMs: this.#options.clock.monotonicMs(),
      windowEndMs: atMs,
      modelSinceMs: watched.judged.modelSinceMs,
      why: "",
    };
    const decided = watched.hysteresis.step(ratio >= 1);
    this.#options.onVerdict({ stage, atMs, ratio, decided, score });
  }

  /** The newest minute of the window has good readings of the stage itself, not only the minutes before. */
  #isHeard({ stage, tagIndices, model }: Watched, endMs: number): boolean {
    const { tags } = this.#options;
    let own = 0;
    let heard = 0;
    for (const [i, index] of tagIndices.entries()) {
      const row = tags.find(model.facts.tags[i] ?? "");
      if (row?.tag.stage !== stage) continue;
      own += 1;
      const minutes = Math.ceil((stalePeriods * row.tag.periodMs) / minuteMs);
      const recent = Math.min(windowMinutes, Math.max(recentMinutes, minutes));
      if (this.#windows?.window(index, endMs, recent)) heard += 1;
    }
    return own > 0 && heard / own >= coverageMin;
  }
}
