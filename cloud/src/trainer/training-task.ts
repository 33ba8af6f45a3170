/**
 * What a trainer is asked and what it answers: plain data that crosses to a worker thread.
 * `TrainingRunner` is the port; runners: inline (tests, `weir-cloud train`), a worker thread (default).
 */
import type { LearnedRule } from "@weir/contracts/plant-pack.ts";
import type { StageHistory } from "@weir/detectors/stage-history.ts";

export interface AutoencoderTask {
  kind: "autoencoder";
  site: string;
  stage: string;
  /** Site-wide tag ids, in the order of the columns. */
  channels: string[];
  /** IANA zone by whose clock the rows are hours. */
  zone: string;
  /** Row-major [hour][channel], in each tag's unit, without gaps. */
  hours: Float32Array;
  hourCount: number;
  /** First row of each window of `windowHours` rows. */
  trainStarts: Int32Array;
  /** Windows that no training has seen: they set the threshold. */
  heldOutStarts: Int32Array;
  seed: number;
  epochCount: number;
}

export interface ForestTask {
  kind: "forest";
  site: string;
  stage: string;
  /** IANA zone of the site. */
  zone: string;
  minutes: StageHistory;
  hours: StageHistory | undefined;
  seed: number;
}

/** One tag of an edge, its history by minutes. */
export interface TagMinutes {
  /** As the edge calls it: "<device>/<name>". */
  id: string;
  /** What may be learned of its kind; undefined: nothing. */
  learns: LearnedRule | undefined;
  /** Smallest standard deviation that an alert rule trusts, in the tag's unit. */
  floor: number | undefined;
  resolution: number;
  /** Highest minus lowest reading of each minute. */
  range: Float64Array;
  sd: Float64Array;
}

export interface ThresholdsTask {
  kind: "thresholds";
  site: string;
  edge: string;
  tags: TagMinutes[];
}

export type TrainingTask = AutoencoderTask | ForestTask | ThresholdsTask;

export interface TrainingProgress {
  /** 0…1 */
  share: number;
  loss: number[];
  validationLoss: number[];
  samplesPerSecond: number | null;
  backend: string;
}

export interface Trained {
  payload: Uint8Array;
  mediaType: "application/onnx" | "application/json";
  /** null: the artifact has no single one. */
  threshold: number | null;
  /** Windows, rows or tags that taught. */
  sampleCount: number;
  backend: string;
  samplesPerSecond: number | null;
  loss: number[];
  validationLoss: number[];
  metrics: Record<string, number>;
  /** What else is worth saying of the split; ends up in the manifest. */
  words: string;
}

export interface TrainingRunner {
  /** @throws Fault CLOUD_TRAINING_STOPPED when it crashes or `signal` aborts */
  run(
    task: TrainingTask,
    options: { onProgress: (progress: TrainingProgress) => void; signal: AbortSignal },
  ): Promise<Trained>;
}
