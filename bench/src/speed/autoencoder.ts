/**
 * Training steps of the LSTM autoencoder, samples a second of CPU time, on one thread: our kernel in plain and in
 * relaxed SIMD, the plain TypeScript reference, and PyTorch where it is installed.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { jsBackend } from "@weir/cloud/training/js/js-backend.ts";
import { initialParams, type ModelDef, modelDef } from "@weir/cloud/training/model-def.ts";
import type { TrainingBackend } from "@weir/cloud/training/training-backend.ts";
import { wasmBackend } from "@weir/cloud/training/wasm/wasm-backend.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { Bench } from "../bench.ts";
import { cpuMs } from "./cpu-time.ts";

const batch = 32;

async function samplesPerSecond(
  backend: TrainingBackend,
  def: ModelDef,
  steps: number,
): Promise<number> {
  const random = seeded(1, "bench/autoencoder");
  const trainer = await backend.create(def, initialParams(def, random), {
    learningRate: 1e-3,
    gradientNormMax: Number.POSITIVE_INFINITY,
    batchMax: batch,
  });
  const windows = Float32Array.from({ length: batch * def.window * def.channels }, () =>
    random.gaussian(),
  );
  trainer.step(windows, batch);
  const startedMs = cpuMs();
  for (let step = 0; step < steps; step++) trainer.step(windows, batch);
  const elapsedMs = cpuMs() - startedMs;
  trainer.dispose();
  return (1_000 * steps * batch) / elapsedMs;
}

interface TorchAnswer {
  version: string;
  samplesPerSecond: number;
}

function torchAnswer(def: ModelDef, steps: number): TorchAnswer | undefined {
  const script = fileURLToPath(new URL("./python/autoencoder.py", import.meta.url));
  const python = process.env["PYTHON"] ?? "python3";
  const input = JSON.stringify({ ...def, batch, steps, threads: 1 });
  const { status, stdout } = spawnSync(python, [script], { input, encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as TorchAnswer) : undefined;
}

export const bench: Bench = {
  name: "autoencoder",
  about: "LSTM autoencoder, training steps on one thread, beside PyTorch where it is installed",
  async run({ smoke, report }) {
    const window = smoke ? 12 : 168;
    const rows: string[][] = [];
    let torchMissing = false;
    for (const hidden of smoke ? [8] : [32, 64]) {
      const def = modelDef({ channels: 8, window, hidden, bottleneck: smoke ? 8 : 16 });
      const torch = torchAnswer(def, smoke ? 1 : 30);
      torchMissing ||= torch === undefined;
      const figures: [string, number][] = [];
      for (const variant of ["simd", "relaxed"] as const) {
        const backend = wasmBackend(variant);
        if (!(await backend.available())) continue;
        figures.push([backend.name, await samplesPerSecond(backend, def, smoke ? 1 : 60)]);
      }
      figures.push([
        "plain TypeScript, float64",
        await samplesPerSecond(jsBackend, def, smoke ? 1 : 4),
      ]);
      if (torch) figures.push([`${torch.version}, denormals flushed`, torch.samplesPerSecond]);
      for (const [name, rate] of figures) {
        const ratio = torch ? `${(rate / torch.samplesPerSecond).toFixed(2)}×` : "–";
        rows.push([String(hidden), name, rate.toFixed(0), ratio]);
      }
    }
    report.table(
      `x[${window}, 8] → LSTM → dense → LSTM → x, Adam, batch ${batch}, one thread, CPU time`,
      ["hidden", "engine", "samples/s", "of PyTorch"],
      rows,
    );
    if (torchMissing)
      report.line("PyTorch is not here (pip install torch): no yardstick this time");
  },
};
