/** Trains the LSTM autoencoder of one stage on its hourly history, on any backend. */

import { strict as assert } from "node:assert";
import { f32, f64, i32, numberAt } from "@weir/contracts/elements.ts";
import { autoencoderFormat } from "@weir/detectors/autoencoder-metadata.ts";
import { addReading, emptyPane, paneSd, paneSlope } from "@weir/detectors/pane.ts";
import { quantileSorted, sortedFinite } from "@weir/detectors/quantile.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";
import { type Autoencoder, type Scaler, squaredErrors, standardise } from "./autoencoder.ts";
import { daySteps, takeOutPattern } from "./daily-pattern.ts";
import { initialParams, type ModelDef, modelDef } from "./model-def.ts";
import type { Trainer, TrainingBackend } from "./training-backend.ts";

export interface TrainingData {
  /** Site-wide tag ids, in the order of the columns. */
  channels: readonly string[];
  /** Row-major [hour][channel], in each tag's unit; finite wherever a window lies. */
  hours: Float32Array;
  hourCount: number;
  /** IANA zone by whose clock the rows are hours. */
  zone: string;
  /** First row of each window that teaches. */
  trainStarts: ArrayLike<number>;
  /** Windows kept apart: they end the training and have a say in the threshold. */
  heldOutStarts: ArrayLike<number>;
}

export interface TrainAutoencoderOptions {
  stage: string;
  backend: TrainingBackend;
  /** Measures samples a second; the I/O clock. */
  clock: Pick<Clock, "monotonicMs">;
  seed: number;
  /** Steps, hours by default. */
  window?: number;
  stepMs?: number;
  hidden?: number;
  bottleneck?: number;
  epochCount?: number;
  batchSize?: number;
  learningRate?: number;
  /** Epochs without a better held-out loss after which training ends. */
  patience?: number;
  onProgress?: (progress: EpochProgress) => void;
}

export interface EpochProgress {
  /** From 1. */
  epoch: number;
  epochCount: number;
  loss: number;
  validationLoss: number;
  samplesPerSecond: number;
}

export interface TrainedAutoencoder {
  model: Autoencoder;
  backend: string;
  /** Mean squared error of each epoch, standardised: of the training batches and of the held-out windows. */
  lossHistory: number[];
  validationLossHistory: number[];
  /** Of the epoch that was kept. */
  validationLoss: number;
  samplesPerSecond: number;
}

/** Sizes at which one stage trains in seconds and 28 days of hours are enough. */
export const autoencoderDefaults = {
  window: 168,
  stepMs: 3_600_000,
  hidden: 32,
  bottleneck: 16,
  epochCount: 40,
  batchSize: 16,
  learningRate: 4e-3,
  patience: 8,
} as const;

/** Windows shown in one epoch at most: a long history is sampled anew each epoch. */
const epochSampleMax = 1_024;
/** Standardised values beyond this do not teach at full length. */
const standardisedMax = 6;
const gradientNormMax = 1;
/** Of the error on healthy data: what lies above is out of the ordinary. */
const thresholdQuantile = 0.99;

/** Same data, seed and backend: same model. Network: model-def.ts; arithmetic: training-backend.ts. */
export async function trainAutoencoder(
  data: TrainingData,
  options: TrainAutoencoderOptions,
): Promise<TrainedAutoencoder> {
  const settings: Settings = { ...autoencoderDefaults, ...options };
  const { window, hidden, bottleneck, batchSize, learningRate, seed, stage } = settings;
  const def = modelDef({ channels: data.channels.length, window, hidden, bottleneck });
  assert(data.hours.length === data.hourCount * def.channels);
  assert(data.trainStarts.length > 0, "no window teaches");
  const scaler = scalerOf(def, data);
  const rows = standardise(data.hours, scaler);
  const taught = rows.map((x) => Math.min(standardisedMax, Math.max(-standardisedMax, x)));
  const steps = daySteps(def, settings.stepMs);
  const trainer = await settings.backend.create(
    def,
    initialParams(def, seeded(seed, `weights/${stage}`)),
    {
      learningRate,
      gradientNormMax,
      batchMax: Math.max(batchSize, scoringBatch),
    },
  );
  const run = {
    def,
    trainer,
    settings,
    taught,
    random: seeded(seed, `order/${stage}`),
    daySteps: steps,
  };
  const history = runEpochs(run, data);
  trainer.dispose();
  const best = await settings.backend.create(def, history.params, {
    learningRate,
    gradientNormMax,
    batchMax: scoringBatch,
  });
  const training = errorsOf({ def, trainer: best, rows, daySteps: steps }, data.trainStarts);
  const heldOut = errorsOf({ def, trainer: best, rows, daySteps: steps }, data.heldOutStarts);
  best.dispose();
  const { stepMs } = settings;
  return {
    model: {
      metadata: {
        format: autoencoderFormat,
        stage,
        channels: data.channels,
        window,
        stepMs,
        zone: data.zone,
        // Held-out windows may raise the line, never lower it: an overfitted model would alarm for ever.
        threshold: Math.max(upper(training.mse), upper(heldOut.mse)),
        channelSigma: channelSigmas(def, training.channelMse),
      },
      def,
      scaler,
      params: history.params,
    },
    backend: settings.backend.name,
    lossHistory: history.loss,
    validationLossHistory: history.validationLoss,
    validationLoss: history.best,
    samplesPerSecond: history.samplesPerSecond,
  };
}

type Settings = Required<Omit<TrainAutoencoderOptions, "onProgress">> &
  Pick<TrainAutoencoderOptions, "onProgress">;

interface Run {
  def: ModelDef;
  trainer: Trainer;
  settings: Settings;
  /** Standardised and clipped rows. */
  taught: Float32Array;
  random: Random;
  /** Steps of a day whose pattern is taken out of each window; 0 = none. */
  daySteps: number;
}

function runEpochs(run: Run, data: TrainingData) {
  const { def, trainer, settings, taught, random } = run;
  const { epochCount, batchSize, patience, clock } = settings;
  const size = def.window * def.channels;
  const order = Int32Array.from(data.trainStarts);
  const batch = new Float32Array(batchSize * size);
  const loss: number[] = [];
  const validationLoss: number[] = [];
  let best = Number.POSITIVE_INFINITY;
  let bestEpoch = 0;
  let params = trainer.exportParams();
  let samples = 0;
  let trainedMs = 0;
  for (let epoch = 1; epoch <= epochCount && epoch - bestEpoch <= patience; epoch++) {
    shuffle(order, random);
    const shown = Math.min(order.length, epochSampleMax);
    const startedMs = clock.monotonicMs();
    let sum = 0;
    for (let first = 0; first < shown; first += batchSize) {
      const count = Math.min(batchSize, shown - first);
      for (let n = 0; n < count; n++) {
        const at = i32(order, first + n) * def.channels;
        batch.set(taught.subarray(at, at + size), n * size);
      }
      const shownNow = batch.subarray(0, count * size);
      takeOutPattern(def, shownNow, run.daySteps);
      sum += count * trainer.step(shownNow, count);
    }
    trainedMs += clock.monotonicMs() - startedMs;
    samples += shown;
    const starts = data.heldOutStarts.length > 0 ? data.heldOutStarts : data.trainStarts;
    const { mse } = errorsOf({ def, trainer, rows: taught, daySteps: run.daySteps }, starts);
    const validation = mse.reduce((total, value) => total + value, 0) / mse.length;
    loss.push(sum / shown);
    validationLoss.push(validation);
    if (validation < best) {
      best = validation;
      bestEpoch = epoch;
      params = trainer.exportParams();
    }
    const samplesPerSecond = rate(samples, trainedMs);
    settings.onProgress?.({
      epoch,
      epochCount,
      loss: sum / shown,
      validationLoss: validation,
      samplesPerSecond,
    });
  }
  return { params, loss, validationLoss, best, samplesPerSecond: rate(samples, trainedMs) };
}

const rate = (samples: number, ms: number): number => (ms > 0 ? (1_000 * samples) / ms : 0);

function shuffle(order: Int32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = i32(order, i);
    order[i] = i32(order, j);
    order[j] = kept;
  }
}

/** Windows scored in one call. */
const scoringBatch = 32;

function errorsOf(
  {
    def,
    trainer,
    rows,
    daySteps: steps,
  }: Pick<Run, "def" | "trainer" | "daySteps"> & { rows: Float32Array },
  starts: ArrayLike<number>,
): { mse: Float64Array; channelMse: Float64Array } {
  const size = def.window * def.channels;
  const mse = new Float64Array(starts.length);
  const channelMse = new Float64Array(starts.length * def.channels);
  for (let first = 0; first < starts.length; first += scoringBatch) {
    const count = Math.min(scoringBatch, starts.length - first);
    const batch = new Float32Array(count * size);
    for (let n = 0; n < count; n++) {
      const at = numberAt(starts, first + n) * def.channels;
      batch.set(rows.subarray(at, at + size), n * size);
    }
    takeOutPattern(def, batch, steps);
    const errors = squaredErrors(def, batch, trainer.reconstruct(batch, count));
    mse.set(errors.mse, first);
    channelMse.set(errors.channelMse, first * def.channels);
  }
  return { mse, channelMse };
}

/**
 * Mean and spread over the rows that training windows cover. A channel that moved steadily through
 * its history, as temperatures do, will go on: its travel counts as spread. A constant channel
 * keeps scale 1.
 */
function scalerOf(def: ModelDef, { hours, trainStarts }: TrainingData): Scaler {
  const covered = new Set<number>();
  for (let i = 0; i < trainStarts.length; i++) {
    for (let step = 0; step < def.window; step++) covered.add(numberAt(trainStarts, i) + step);
  }
  const rows = Float64Array.from(covered).sort();
  const centre = new Float32Array(def.channels);
  const scale = new Float32Array(def.channels);
  for (let c = 0; c < def.channels; c++) {
    const pane = emptyPane();
    for (const row of rows) addReading(pane, row, f32(hours, row * def.channels + c));
    const travel = (paneSlope(pane) / 1_000) * (f64(rows, rows.length - 1) - f64(rows, 0));
    const spread = Math.hypot(paneSd(pane), travel);
    centre[c] = pane.mean;
    scale[c] = spread > 1e-6 * Math.max(1, Math.abs(pane.mean)) ? spread : 1;
  }
  return { centre, scale };
}

const upper = (errors: Float64Array): number =>
  errors.length === 0 ? 0 : quantileSorted(sortedFinite(errors), thresholdQuantile);

/** Smallest usual error of a channel, so that a constant one does not own every window. */
const sigmaMin = 0.02;

function channelSigmas(def: ModelDef, channelMse: Float64Array): number[] {
  return Array.from({ length: def.channels }, (_, c) => {
    let sum = 0;
    for (let at = c; at < channelMse.length; at += def.channels) sum += f64(channelMse, at);
    return Math.max(sigmaMin, Math.sqrt(sum / (channelMse.length / def.channels)));
  });
}
