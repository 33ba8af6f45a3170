/** Entry of the analysis thread: seconds of samples in, figures out. */
import { parentPort } from "node:worker_threads";
import { MachineAnalysis, type MachineModel } from "@weir/detectors/vibration/machine-analysis.ts";
import { takePriority } from "../../thread-priority.ts";
import type { SecondState } from "./vibration-analysis.ts";

/** To the thread. */
export type AnalysisOrder =
  | { kind: "open"; machine: number; model: MachineModel }
  | ({ kind: "second"; machine: number; samples: Int16Array<ArrayBuffer> } & SecondState)
  | { kind: "close"; machine: number };

/** From the thread, one for each second, in their order. */
export interface AnalysisAnswer {
  machine: number;
  values: Float64Array;
}

if (parentPort) main(parentPort);

function main(port: NonNullable<typeof parentPort>): void {
  // The thread that starts this one goes before others; this one need not.
  takePriority("background");
  const machines = new Map<number, MachineAnalysis>();
  port.on("message", (order: AnalysisOrder) => {
    const { machine } = order;
    if (order.kind === "open") {
      machines.set(machine, new MachineAnalysis(order.model));
      return;
    }
    if (order.kind === "close") {
      machines.delete(machine);
      return;
    }
    const analysis = machines.get(machine);
    if (!analysis) return;
    if (order.isFresh) analysis.reset();
    const answer: AnalysisAnswer = { machine, values: analysis.second(order.samples, order.rpm) };
    port.postMessage(answer);
  });
}
