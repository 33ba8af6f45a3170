/**
 * Isolation Forest, 100 trees of 256 rows: our typed arrays beside scikit-learn and onnxruntime, same
 * rows, one thread each, one after the other in the same run.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { numberAt } from "@weir/contracts/elements.ts";
import {
  type IsolationForest,
  scoreForest,
  scoreForestBatch,
  trainForest,
} from "@weir/detectors/isolation-forest.ts";
import { forestGraph } from "@weir/detectors/onnx/forest-onnx.ts";
import { onnxMlOpset, onnxOpset } from "@weir/detectors/onnx/onnx-model.ts";
import { writeOnnx } from "@weir/detectors/onnx/onnx-writer.ts";
import { seeded } from "@weir/runtime/random.ts";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Bench } from "../bench.ts";
import { cpuMs } from "./cpu-time.ts";

const width = 20;

/** Median CPU milliseconds of `rounds` runs. */
function medianMs(rounds: number, task: () => unknown): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedMs = cpuMs();
    task();
    times.push(cpuMs() - startedMs);
  }
  return numberAt(
    times.sort((a, b) => a - b),
    rounds >> 1,
  );
}

async function medianMsAsync(rounds: number, task: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedMs = cpuMs();
    await task();
    times.push(cpuMs() - startedMs);
  }
  return numberAt(
    times.sort((a, b) => a - b),
    rounds >> 1,
  );
}

async function repeated(count: number, task: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await task();
}

interface Times {
  version: string;
  train: number | undefined;
  one: number;
  hundred: number;
  all: number;
}

function ownTimes(rows: Float32Array, rounds: number): { times: Times; forest: IsolationForest } {
  const rowCount = rows.length / width;
  const wide = Float64Array.from(rows);
  const grow = () => trainForest(wide, rowCount, width, {}, seeded(1));
  const forest = grow();
  // A single row again and again would be predicted by the processor: walk through many.
  const singles = Math.min(rowCount, 1_000);
  let next = 0;
  const oneRow = () => {
    const at = width * (next++ % rowCount);
    return scoreForest(forest, rows.subarray(at, at + width));
  };
  return {
    forest,
    times: {
      version: `weir, Node ${process.versions.node}`,
      train: medianMs(rounds, grow),
      one: medianMs(rounds, () => Array.from({ length: singles }, oneRow)) / singles,
      hundred:
        medianMs(rounds, () =>
          Array.from({ length: 20 }, () => scoreForestBatch(forest, rows, 100)),
        ) / 20,
      all: medianMs(rounds, () => scoreForestBatch(forest, rows, rowCount)),
    },
  };
}

async function onnxruntimeTimes(
  forest: IsolationForest,
  rows: Float32Array,
  rounds: number,
): Promise<Times> {
  const bytes = writeOnnx({
    producer: "weir",
    graphName: "forest",
    opsets: [
      { domain: "", version: onnxOpset },
      { domain: "ai.onnx.ml", version: onnxMlOpset },
    ],
    inputs: [{ name: "features", elementType: "float32", dims: ["N", width] }],
    outputs: [{ name: "score", elementType: "float32", dims: ["N", 1] }],
    metadata: {},
    ...forestGraph(forest),
  });
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const score = (count: number) => {
    const features = new Tensor("float32", rows.subarray(0, count * width), [count, width]);
    return session.run({ features });
  };
  await score(100);
  const times = {
    version: "onnxruntime, same trees",
    train: undefined,
    one: (await medianMsAsync(rounds, () => repeated(200, () => score(1)))) / 200,
    hundred: (await medianMsAsync(rounds, () => repeated(20, () => score(100)))) / 20,
    all: await medianMsAsync(rounds, () => score(rows.length / width)),
  };
  await session.release();
  return times;
}

function sklearnTimes(rows: Float32Array, rounds: number): Times | undefined {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const file = join(folder, "rows.f32");
  writeFileSync(file, new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
  const script = fileURLToPath(new URL("./python/forest.py", import.meta.url));
  const python = process.env["PYTHON"] ?? "python3";
  const input = JSON.stringify({ file, width, rounds });
  const { status, stdout } = spawnSync(python, [script], { input, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return status === 0 ? (JSON.parse(stdout) as Times) : undefined;
}

const ms = (value: number | undefined): string =>
  value === undefined ? "–" : value.toPrecision(3);

export const bench: Bench = {
  name: "forest",
  about: "Isolation Forest, train and score, beside scikit-learn and onnxruntime on one thread",
  async run({ smoke, report }) {
    const rowCount = smoke ? 500 : 10_000;
    const rounds = smoke ? 1 : 9;
    const random = seeded(1, "bench/forest");
    const rows = Float32Array.from({ length: rowCount * width }, () => random.gaussian());
    ownTimes(rows, 2);
    const own = ownTimes(rows, rounds);
    const runtime = await onnxruntimeTimes(own.forest, rows, rounds);
    const sklearn = sklearnTimes(rows, rounds);
    const all = [own.times, runtime, ...(sklearn ? [sklearn] : [])];
    report.table(
      `100 trees × 256 rows, ${rowCount} rows × ${width} features, ms of CPU time, medians of ${rounds}`,
      ["", "train", "score 1 row", "score 100 rows", `score ${rowCount} rows`],
      all.map((t) => [t.version, ms(t.train), ms(t.one), ms(t.hundred), ms(t.all)]),
    );
    if (sklearn === undefined) {
      report.line("scikit-learn is not here (pip install scikit-learn): no yardstick this time");
      return;
    }
    const times = (theirs: number | undefined, ours: number | undefined) =>
      `${((theirs ?? 0) / (ours ?? 1)).toFixed(1)}×`;
    report.line(
      `beside scikit-learn: train ${times(sklearn.train, own.times.train)}, 1 row ${times(sklearn.one, own.times.one)}, ` +
        `100 rows ${times(sklearn.hundred, own.times.hundred)}, ${rowCount} rows ${times(sklearn.all, own.times.all)} (goal: at least 5× for train and score)`,
    );
  },
};
