/**
 * Four machines at 1 kHz on three axes: what a second of their signal costs, on the thread that guards the
 * plant and on the one that does the mathematics. CPU time of the thread that is measured, so that the
 * share of one core is known whatever else the machine does.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { elementAt } from "@weir/contracts/elements.ts";
import { MachineAnalysis, type MachineModel } from "@weir/detectors/vibration/machine-analysis.ts";
import { severityLimits } from "@weir/detectors/vibration/severity.ts";
import { FrameDecoder } from "@weir/edge/acquisition/vibration/frame-decoder.ts";
import { MachineFeed } from "@weir/edge/acquisition/vibration/machine-feed.ts";
import type { VibrationAnalysis } from "@weir/edge/acquisition/vibration/vibration-analysis.ts";
import { spawnAnalysis } from "@weir/edge/acquisition/vibration/vibration-analysis.worker.ts";
import { VibrationMachine } from "@weir/firmware-sim/devices/vibration-machine.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import type { Bench } from "../bench.ts";

const machineCount = 4;
const framesPerSecond = 10;
const samplesPerFrame = 100;

const model: MachineModel = {
  signal: "velocity",
  scale: 0.01,
  rpm: 1_480,
  bearing: { balls: 9, ball: 7.94, pitch: 39.04, angle: 0 },
  limits: severityLimits({ kW: 30, mounting: "rigid", category: "general" }),
};

/** Frames by machine, in order. */
function recorded(seconds: number): Uint8Array[][] {
  return Array.from({ length: machineCount }, (_, machine) => {
    const sensor = new VibrationMachine({
      seed: 1,
      id: `bench-${machine}`,
      state: () => ({
        isRunning: true,
        level: 1,
        bearing: 0.1 * machine,
        unbalance: 0,
        misalignment: 0,
        looseness: 0,
        cavitation: 0,
      }),
    });
    return Array.from({ length: seconds * framesPerSecond }, (_, i) =>
      sensor.block(i * samplesPerFrame, samplesPerFrame),
    );
  });
}

/** Seconds of samples by machine, as the decoder finds them. */
function decoded(frames: readonly Uint8Array[][]): Int16Array<ArrayBuffer>[][] {
  return frames.map((line) => {
    const seconds: Int16Array<ArrayBuffer>[] = [];
    const analysis: VibrationAnalysis = {
      open: () => ({ second: (samples) => seconds.push(samples), close: () => {} }),
      close: () => {},
    };
    play([line], analysis);
    return seconds;
  });
}

/** Bytes as they come from the lines, frame by frame around the machines. */
function play(frames: readonly Uint8Array[][], analysis: VibrationAnalysis): void {
  const clock = systemClock();
  const decoders = frames.map(() => {
    const feed = new MachineFeed({
      model,
      rpm: () => model.rpm,
      analysis,
      clock,
      onFeatures: () => {},
      onGap: () => {},
    });
    return new FrameDecoder((frame) => feed.frame(frame));
  });
  for (let i = 0; i < elementAt(frames, 0).length; i++) {
    decoders.forEach((decoder, machine) => {
      decoder.push(elementAt(elementAt(frames, machine), i));
    });
  }
}

const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** CPU milliseconds of this thread in `task`. */
function spent(task: () => void): number {
  const startedMs = threadMs();
  task();
  return threadMs() - startedMs;
}

/** Framing, and handing each second to the analysis thread; the answers are taken as well. */
async function controlMs(frames: readonly Uint8Array[][], seconds: number): Promise<number> {
  const clock = systemClock();
  const analysis = spawnAnalysis({ ioClock: clock, logger: silentLogger });
  let answers = 0;
  let answered: () => void = () => {};
  const decoders = frames.map(() => {
    const feed = new MachineFeed({
      model,
      rpm: () => model.rpm,
      analysis,
      clock,
      onFeatures: () => {
        answers++;
        if (answers % machineCount === 0) answered();
      },
      onGap: () => {},
    });
    return new FrameDecoder((frame) => feed.frame(frame));
  });
  const startedMs = threadMs();
  for (let second = 0; second < seconds; second++) {
    const whole = new Promise<void>((resolve) => {
      answered = resolve;
    });
    for (let i = second * framesPerSecond; i < (second + 1) * framesPerSecond; i++) {
      decoders.forEach((decoder, machine) => {
        decoder.push(elementAt(elementAt(frames, machine), i));
      });
    }
    await whole;
  }
  const spentMs = threadMs() - startedMs;
  analysis.close();
  return spentMs / seconds;
}

function numpyMs(seconds: readonly Int16Array[][]): { version: string; ms: number } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const file = join(folder, "samples.i16");
  const parts = seconds.flat().map((s) => new Uint8Array(s.buffer, s.byteOffset, s.byteLength));
  writeFileSync(file, Buffer.concat(parts));
  const script = fileURLToPath(new URL("./python/vibration.py", import.meta.url));
  const python = process.env["PYTHON"] ?? "python3";
  const input = JSON.stringify({ file, machines: machineCount });
  const { status, stdout } = spawnSync(python, [script], { input, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  if (status !== 0) return undefined;
  const { version, ms_per_second: ms } = JSON.parse(stdout) as {
    version: string;
    ms_per_second: number;
  };
  return { version, ms };
}

const share = (ms: number): string => `${(ms / 10).toPrecision(2)} %`;

export const bench: Bench = {
  name: "vibration",
  about: "Four machines at 1 kHz × 3 axes: cost of a second of signal, beside numpy",
  async run({ smoke, report }) {
    const seconds = smoke ? 6 : 240;
    const frames = recorded(seconds);
    const samples = decoded(frames);
    const drop: VibrationAnalysis = {
      open: () => ({ second: () => {}, close: () => {} }),
      close: () => {},
    };
    play(frames, drop);
    const framing = spent(() => play(frames, drop)) / seconds;
    const control = await controlMs(frames, seconds);
    const work = () => {
      for (const line of samples) {
        const analysis = new MachineAnalysis(model);
        for (const second of line) analysis.second(second);
      }
    };
    work();
    const mathematics = spent(work) / seconds;
    const numpy = numpyMs(samples);
    report.table(
      `${machineCount} machines × 3 axes × 1 kHz, CPU time for each second of signal, mean of ${seconds} s`,
      ["", "ms", "of one core"],
      [
        ["control thread: framing, checksum, ring of 10 s", framing.toFixed(3), share(framing)],
        [
          "control thread: the same, seconds handed over, figures taken",
          control.toFixed(3),
          share(control),
        ],
        [
          "analysis thread: band-pass, shape, spectrum, lines, octaves (65 figures a machine)",
          mathematics.toFixed(2),
          share(mathematics),
        ],
        ...(numpy ? [[numpy.version, numpy.ms.toFixed(2), share(numpy.ms)]] : []),
      ],
    );
    if (!numpy) report.line("numpy is not here (pip install numpy): no yardstick this time");
  },
};
