import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { MachineModel } from "@weir/detectors/vibration/machine-analysis.ts";
import { severityLimits } from "@weir/detectors/vibration/severity.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { afterEach, expect, test } from "vitest";
import { inThreadAnalysis } from "./vibration-analysis.in-thread.ts";
import type { AnalysisStream, VibrationAnalysis } from "./vibration-analysis.ts";
import { spawnAnalysis, waitingMax } from "./vibration-analysis.worker.ts";

const model: MachineModel = {
  signal: "velocity",
  scale: 0.01,
  rpm: 1_480,
  bearing: { balls: 9, ball: 7.94, pitch: 39.04, angle: 0 },
  limits: severityLimits({ kW: 30, mounting: "rigid", category: "general" }),
};

const second = (seed: number): Int16Array<ArrayBuffer> =>
  Int16Array.from({ length: 3_000 }, (_, i) => Math.round(300 * Math.sin(i * (0.1 + seed / 50))));

const open: VibrationAnalysis[] = [];
afterEach(() => {
  for (const analysis of open.splice(0)) analysis.close();
});

function spawn(program?: URL) {
  const ioClock = new SimulatedClock(0);
  const analysis = spawnAnalysis({ ioClock, logger: silentLogger, ...(program && { program }) });
  open.push(analysis);
  return { analysis, ioClock };
}

/** Figures of six seconds with a gap, of two machines. */
async function figures(analysis: VibrationAnalysis): Promise<number[][][]> {
  const machines = [model, { ...model, rpm: 2_950, scale: 0.02 }];
  return Promise.all(
    machines.map(
      (machine) =>
        new Promise<number[][]>((resolve) => {
          const all: number[][] = [];
          const stream = analysis.open(machine, (values) => {
            all.push([...(values ?? [])]);
            if (all.length === 6) resolve(all);
            else stream.second(second(all.length), { isFresh: all.length === 5, rpm: machine.rpm });
          });
          stream.second(second(0), { isFresh: true, rpm: machine.rpm });
        }),
    ),
  );
}

test("the thread finds the same figures as the call", async () => {
  const expected = await figures(inThreadAnalysis());
  expect(await figures(spawn().analysis)).toEqual(expected);
});

test("a thread that is behind: what it cannot take is said at once and never waits", async () => {
  const { analysis } = spawn();
  const given: (number | undefined)[] = [];
  await new Promise<void>((resolve) => {
    const stream = analysis.open(model, (values) => {
      given.push(values?.length);
      if (given.length === waitingMax + 2) resolve();
    });
    for (let i = 0; i < waitingMax + 2; i++)
      stream.second(second(i), { isFresh: i === 0, rpm: 1_480 });
    expect(given).toEqual([undefined, undefined]);
  });
  expect(given.slice(2)).toEqual(Array.from({ length: waitingMax }, () => 65));
});

test("a thread that falls is started again, not at once and not for ever", async () => {
  const file = join(tempDir(), "falling.js");
  writeFileSync(
    file,
    'require("node:worker_threads").parentPort.on("message", ({kind}) => { if (kind === "second") process.exit(1); });',
  );
  const { analysis, ioClock } = spawn(pathToFileURL(file));
  const outcome = (stream: AnalysisStream) =>
    new Promise<string>((resolve) => {
      onValues = () => resolve("given back");
      stream.second(second(0), { isFresh: true, rpm: 1_480 });
    });
  let onValues: () => void = () => {};
  const stream = analysis.open(model, () => onValues());
  expect(await outcome(stream)).toBe("given back");
  // Too early: answered within the call, without a thread.
  expect(await outcome(stream)).toBe("given back");
  await ioClock.advance(5_000);
  expect(await outcome(stream)).toBe("given back");
});

test("a thread that turns in a circle is ended, and its seconds are given back", async () => {
  const file = join(tempDir(), "circle.js");
  writeFileSync(
    file,
    'require("node:worker_threads").parentPort.on("message", () => { for (;;); });',
  );
  const { analysis, ioClock } = spawn(pathToFileURL(file));
  let given = 0;
  let all: () => void = () => {};
  const stream = analysis.open(model, () => {
    given++;
    if (given === waitingMax + 2) all();
  });
  for (let i = 0; i <= waitingMax; i++) stream.second(second(i), { isFresh: false, rpm: 1_480 });
  expect(given).toBe(1);
  await ioClock.advance(10_000);
  const back = new Promise<void>((resolve) => {
    all = resolve;
  });
  stream.second(second(9), { isFresh: false, rpm: 1_480 });
  await back;
  expect(given).toBe(waitingMax + 2);
});
