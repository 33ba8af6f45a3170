/**
 * Watches every stage: one window a minute, scored by the stage's model, decided by N of M.
 * Models come from the site's own past (learned here) and from the cloud (activated by the downlink).
 */
import { ArtifactKind } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { Hysteresis } from "@weir/detectors/hysteresis.ts";
import type { Bucket } from "@weir/detectors/pane.ts";
import {
  historyOfBuckets,
  rowOfPanes,
  type StageHistory,
  type StageTag,
  stageWindowMs,
} from "@weir/detectors/stage-history.ts";
import type { StageScore } from "@weir/detectors/stage-model.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Activation, ModelHost, OfferedModel } from "../downlink/model-host.ts";
import type { HistoryReader, HistoryRow } from "../historian/history-reader.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import { type MinuteWindows, minuteMs } from "../windows/minute-windows.ts";
import type { ModelFacts, ScoredRow, Scorer } from "./scorer.ts";
import { stageTags } from "./stage-plan.ts";

/** How much of the past teaches a model made here. */
const teachingMs = 3 * 86_400_000;
const teachingHoursMs = 28 * 86_400_000;
/** A fog decision line may be moved by this factor at most, either way. */
const lineFactorMin = 0.5;
const lineFactorMax = 3;
const windowMinutes = stageWindowMs / minuteMs;
const hourMs = 3_600_000;

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

export interface RunningModel {
  name: string;
  /** 0 for one learned at the site. */
  version: number;
  facts: ModelFacts;
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
}

interface Watched {
  stage: string;
  model: RunningModel;
  tagIndices: number[];
  hysteresis: Hysteresis;
  lineFactor: number;
  ratio: number | null;
}

export class Detection implements ModelHost {
  readonly #options: DetectionOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #lineFactors = new Map<string, number>();
  #windows: MinuteWindows | undefined;
  #scoring: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: DetectionOptions) {
    this.#options = options;
  }

  /** The windows call `onMinute` of this; they are made with it and given back here. */
  attach(windows: MinuteWindows): void {
    this.#windows = windows;
  }

  model(stage: string): RunningModel | undefined {
    return this.#watched.get(stage)?.model;
  }

  /** Newest decision ratio; null before a model or a full window exists. */
  ratio(stage: string): number | null {
    return this.#watched.get(stage)?.ratio ?? null;
  }

  /** Scores the window of every stage that ended at `endMs`. Verdicts come in order of time. */
  onMinute(endMs: number): void {
    const windows = this.#windows;
    if (!windows || this.#closed) return;
    const rows = [...this.#watched.values()].map(({ stage, tagIndices }) => ({
      stage,
      row: rowOfPanes(
        endMs,
        tagIndices.map((index) => windows.window(index, endMs, windowMinutes)),
      ),
    }));
    if (rows.length === 0) return;
    this.#scoring = this.#scoring
      .then(() => this.#options.scorer.score(rows))
      .then((scored) => {
        for (const one of scored) this.#decide(one);
      })
      .catch((error: Error) =>
        this.#options.logger.error("windows were not scored", { why: error.message }),
      );
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

  /**
   * Stages that have no model yet. `ready`: every tag that their model would look at has been announced
   * by its edge; an imported tag without a kind gives nothing to reason with.
   */
  missing(): { ready: string[]; waiting: string[] } {
    const { site, tags } = this.#options;
    const ready: string[] = [];
    const waiting: string[] = [];
    for (const { id } of site.stages) {
      if (this.#watched.has(id)) continue;
      const columns = stageTags(site, tags.rows, id);
      const announced = columns.length > 0 && columns.every((column) => column.kind !== "");
      (announced ? ready : waiting).push(id);
    }
    return { ready, waiting };
  }

  /** Learns a model of `stage` from the historian; false when it has one already or too little is known. */
  async learn(stage: string): Promise<boolean> {
    if (this.#closed || this.#watched.has(stage)) return false;
    return this.#learn(stage);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#options.scorer.close();
    if (this.#options.trainer !== this.#options.scorer) await this.#options.trainer.close();
  }

  async #learn(stage: string): Promise<boolean> {
    const { site, tags, trainer, logger, clock } = this.#options;
    const columns = stageTags(site, tags.rows, stage);
    if (columns.length === 0) return false;
    const nowMs = clock.nowMs();
    const history = this.#history(columns, {
      fromMs: nowMs - teachingMs,
      toMs: nowMs,
      width: "minute",
    });
    const hours = this.#history(columns, {
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
      return false;
    }
    if (this.#closed || this.#watched.has(stage)) return false; // the cloud's came meanwhile
    const activation = await this.#run(stage, trained.onnx, {
      name: `forest/${stage}`,
      version: 0,
    });
    return activation.ok;
  }

  #history(
    columns: readonly StageTag[],
    span: { fromMs: number; toMs: number; width: "minute" | "hour" },
  ): StageHistory {
    const { reader } = this.#options;
    const ids = columns.map((column) => column.id);
    const lengthMs = span.width === "minute" ? minuteMs : hourMs;
    const rows =
      span.width === "minute"
        ? reader.minutes(ids, span.fromMs, span.toMs)
        : reader.hours(ids, span.fromMs, span.toMs);
    const buckets: Bucket[][] = columns.map(() => []);
    for (const row of rows) addBuckets(buckets, row, lengthMs);
    return historyOfBuckets(columns, buckets, {
      bucketMs: lengthMs,
      windowMs: span.width === "minute" ? stageWindowMs : hourMs,
    });
  }

  async #run(
    stage: string,
    onnx: Uint8Array,
    named: { name: string; version: number },
  ): Promise<Activation> {
    const { scorer, tags, clock } = this.#options;
    const loaded = await scorer.load(stage, onnx);
    if (!loaded.ok) return { ok: false, reason: loaded.reason };
    const tagIndices = loaded.facts.tags.map((id) => tags.find(id)?.index ?? -1);
    if (tagIndices.every((index) => index < 0)) {
      return { ok: false, reason: `none of its ${tagIndices.length} tags is known at this site` };
    }
    const model = { ...named, facts: loaded.facts, sinceMs: clock.nowMs() };
    this.#watched.set(stage, {
      stage,
      model,
      tagIndices,
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

  #decide({ stage, atMs, score }: ScoredRow): void {
    const watched = this.#watched.get(stage);
    if (!watched) return;
    watched.ratio = score.ratio / watched.lineFactor;
    const decided = watched.hysteresis.step(watched.ratio >= 1);
    this.#options.onVerdict({ stage, atMs, ratio: watched.ratio, decided, score });
  }
}

function addBuckets(buckets: Bucket[][], row: HistoryRow, lengthMs: number): void {
  for (const [index, column] of buckets.entries()) {
    const count = row.n[index] as number;
    if (count === 0) continue;
    column.push({
      atMs: row.atMs,
      lengthMs,
      count,
      mean: row.mean[index] as number,
      sd: row.sd[index] as number,
      slope: row.slope[index] as number,
      min: row.min[index] as number,
      max: row.max[index] as number,
    });
  }
}

/** Payload of fog thresholds: {"format":"weir-fog-thresholds-1","stage":"W13","threshold":1.2}, in decision lines. */
function readLineFactor(payload: Uint8Array, stage: string): number | string {
  try {
    const value = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    if (value["format"] !== "weir-fog-thresholds-1")
      return `format ${JSON.stringify(value["format"])} is not "weir-fog-thresholds-1"`;
    if (value["stage"] !== stage)
      return `made for stage ${JSON.stringify(value["stage"])}, not ${stage}`;
    const threshold = value["threshold"];
    if (
      typeof threshold !== "number" ||
      !(threshold >= lineFactorMin && threshold <= lineFactorMax)
    ) {
      return `threshold ${JSON.stringify(threshold)} is outside ${lineFactorMin} to ${lineFactorMax} decision lines`;
    }
    return threshold;
  } catch {
    return "the payload is not JSON";
  }
}
