/**
 * Analysis on a thread of its own, which starts with the first machine: an edge without one never pays for
 * it. Samples change hands without being copied. When the thread falls it is started again, and each
 * machine goes on with its next second as after a gap.
 */
import { Worker } from "node:worker_threads";
import type { MachineModel } from "@weir/detectors/vibration/machine-analysis.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { AnalysisAnswer, AnalysisOrder } from "./analysis-thread.ts";
import type {
  AnalysisStream,
  OnFeatures,
  SecondState,
  VibrationAnalysis,
} from "./vibration-analysis.ts";

/**
 * Seconds of one machine that may wait: what a device server brings at once after a stall of the network.
 * More of them are dropped, for they would only become older.
 */
export const waitingMax = 10;
/** A thread that falls again and again is started so often, I/O clock. */
const restartEveryMs = 5_000;
/** A second takes half a millisecond: a thread that works on one for so long never ends it, I/O clock. */
const stuckAfterMs = 10_000;
/** Its heap holds the figures of a hundred machines. */
const heapMiB = 48;
const youngMiB = 4;

export interface SpawnAnalysisOptions {
  ioClock: Clock;
  logger: Logger;
  /** Entry of the thread; tests bring one that fails. */
  program?: URL;
}

export const spawnAnalysis = (options: SpawnAnalysisOptions): VibrationAnalysis =>
  new SpawnedAnalysis(options);

interface Machine {
  model: MachineModel;
  onFeatures: OnFeatures;
  waiting: number;
  /** Something was dropped: the next second does not follow. */
  hasGap: boolean;
}

class SpawnedAnalysis implements VibrationAnalysis {
  readonly #options: SpawnAnalysisOptions;
  readonly #machines = new Map<number, Machine>();
  #worker: Worker | undefined;
  #startedMs = Number.NEGATIVE_INFINITY;
  #nextMachine = 0;
  /** When the thread answered last, or was given something after a rest. */
  #movedMs = 0;
  #trouble: string | undefined;

  constructor(options: SpawnAnalysisOptions) {
    this.#options = options;
  }

  open(model: MachineModel, onFeatures: OnFeatures): AnalysisStream {
    const id = this.#nextMachine++;
    const machine: Machine = { model, onFeatures, waiting: 0, hasGap: true };
    this.#machines.set(id, machine);
    this.#worker?.postMessage({ kind: "open", machine: id, model } satisfies AnalysisOrder);
    return {
      second: (samples, at) => this.#second(id, samples, at),
      close: () => {
        this.#machines.delete(id);
        this.#worker?.postMessage({ kind: "close", machine: id } satisfies AnalysisOrder);
      },
    };
  }

  close(): void {
    this.#machines.clear();
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  trouble(): string | undefined {
    return this.#trouble;
  }

  #second(id: number, samples: Int16Array<ArrayBuffer>, { isFresh, rpm }: SecondState): void {
    const machine = this.#machines.get(id);
    if (!machine) return;
    const worker = this.#running();
    if (!worker || machine.waiting >= waitingMax) {
      machine.hasGap = true;
      this.#endWhenStuck();
      machine.onFeatures(undefined);
      return;
    }
    if (!this.#isBusy()) this.#movedMs = this.#options.ioClock.monotonicMs();
    machine.waiting++;
    const order: AnalysisOrder = {
      kind: "second",
      machine: id,
      samples,
      rpm,
      isFresh: isFresh || machine.hasGap,
    };
    machine.hasGap = false;
    worker.postMessage(order, [samples.buffer]);
  }

  #running(): Worker | undefined {
    const { ioClock, program } = this.#options;
    if (this.#worker) return this.#worker;
    if (ioClock.monotonicMs() - this.#startedMs < restartEveryMs) return undefined;
    this.#startedMs = ioClock.monotonicMs();
    const worker = new Worker(program ?? new URL("./analysis-thread.ts", import.meta.url), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMiB, maxYoungGenerationSizeMb: youngMiB },
    });
    this.#worker = worker;
    let why = "";
    worker.on("message", (answer: AnalysisAnswer) => this.#answered(worker, answer));
    worker.on("error", (error) => {
      why = (error as Error).message;
    });
    worker.on("exit", (code) => this.#ended(worker, why || `exit code ${code}`));
    for (const [machine, { model }] of this.#machines) {
      worker.postMessage({ kind: "open", machine, model } satisfies AnalysisOrder);
    }
    return worker;
  }

  #answered(worker: Worker, { machine: id, values }: AnalysisAnswer): void {
    const machine = this.#machines.get(id);
    if (!machine || worker !== this.#worker) return;
    this.#movedMs = this.#options.ioClock.monotonicMs();
    this.#trouble = undefined;
    machine.waiting--;
    machine.onFeatures(values);
  }

  #isBusy(): boolean {
    return [...this.#machines.values()].some(({ waiting }) => waiting > 0);
  }

  #endWhenStuck(): void {
    if (this.#options.ioClock.monotonicMs() - this.#movedMs < stuckAfterMs) return;
    void this.#worker?.terminate();
  }

  /** What it was working on is lost, and every machine's signal has a gap. */
  #ended(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#trouble = why;
    this.#options.logger.error(`the vibration thread ended: ${why}; it is started again`);
    for (const machine of this.#machines.values()) {
      machine.hasGap = true;
      for (; machine.waiting > 0; machine.waiting--) machine.onFeatures(undefined);
    }
  }
}
