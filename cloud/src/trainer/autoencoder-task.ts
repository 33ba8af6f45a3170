/** Trains an LSTM autoencoder with the kernel of cloud/src/training and judges it on its held-out windows. */

import { systemClock } from "@weir/runtime/clock.ts";
import { type Autoencoder, squaredErrors, standardise } from "../training/autoencoder.ts";
import { autoencoderToOnnx } from "../training/autoencoder-onnx.ts";
import { daySteps, takeOutPattern } from "../training/daily-pattern.ts";
import { jsBackend } from "../training/js/js-backend.ts";
import { autoencoderDefaults, trainAutoencoder } from "../training/train-autoencoder.ts";
import type { TrainingBackend } from "../training/training-backend.ts";
import { wasmBackend } from "../training/wasm/wasm-backend.ts";
import type { AutoencoderTask, Trained, TrainingProgress } from "./training-task.ts";

/** Windows of one call into the backend. */
const batchCount = 32;

export async function trainAutoencoderTask(
  task: AutoencoderTask,
  onProgress: (progress: TrainingProgress) => void,
): Promise<Trained> {
  const loss: number[] = [];
  const validationLoss: number[] = [];
  const chosen = await firstAvailable([wasmBackend(), jsBackend]);
  const { model, backend, samplesPerSecond } = await trainAutoencoder(task, {
    stage: task.stage,
    backend: chosen,
    clock: systemClock(),
    seed: task.seed,
    epochCount: task.epochCount,
    onProgress: (epoch) => {
      loss.push(epoch.loss);
      validationLoss.push(epoch.validationLoss);
      onProgress({
        share: epoch.epoch / epoch.epochCount,
        loss: [...loss],
        validationLoss: [...validationLoss],
        samplesPerSecond: epoch.samplesPerSecond,
        backend: chosen.name,
      });
    },
  });
  const { threshold } = model.metadata;
  const errors = await heldOutErrors(task, model, chosen);
  const alarms = errors.filter((error) => error > threshold).length;
  return {
    payload: autoencoderToOnnx(model),
    mediaType: "application/onnx",
    threshold,
    sampleCount: task.trainStarts.length,
    backend,
    samplesPerSecond,
    loss,
    validationLoss,
    metrics: {
      threshold,
      heldOutError: errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length),
      heldOutAlarmShare: alarms / Math.max(1, errors.length),
      heldOutWindows: errors.length,
      trainWindows: task.trainStarts.length,
      epochs: loss.length,
      channels: task.channels.length,
    },
    words: `seed ${task.seed}, ${loss.length} of at most ${task.epochCount || autoencoderDefaults.epochCount} epochs`,
  };
}

/** The fastest that runs here; plain TypeScript runs everywhere. */
async function firstAvailable(backends: readonly TrainingBackend[]): Promise<TrainingBackend> {
  for (const backend of backends) if (await backend.available()) return backend;
  return jsBackend;
}

/** Mean squared error of each held-out window, standardised, its own daily pattern taken out as in the graph. */
async function heldOutErrors(
  task: AutoencoderTask,
  { def, scaler, params, metadata }: Autoencoder,
  backend: TrainingBackend,
): Promise<number[]> {
  const size = def.window * def.channels;
  const rows = standardise(task.hours, scaler);
  const options = { learningRate: 0, gradientNormMax: 1, batchMax: batchCount };
  const trainer = await backend.create(def, params, options);
  const errors: number[] = [];
  for (let first = 0; first < task.heldOutStarts.length; first += batchCount) {
    const starts = task.heldOutStarts.subarray(first, first + batchCount);
    const batch = new Float32Array(starts.length * size);
    starts.forEach((start, n) => {
      const at = start * def.channels;
      batch.set(rows.subarray(at, at + size), n * size);
    });
    takeOutPattern(def, batch, daySteps(def, metadata.stepMs));
    errors.push(...squaredErrors(def, batch, trainer.reconstruct(batch, starts.length)).mse);
  }
  trainer.dispose();
  return errors;
}
