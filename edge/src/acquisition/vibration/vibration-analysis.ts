/**
 * Where the mathematics of vibration runs: on a thread of its own beside the control thread, or within
 * the call in a simulation that lives on one thread.
 */
import type { MachineModel } from "@weir/detectors/vibration/machine-analysis.ts";

export interface VibrationAnalysis {
  /** A machine more. `onFeatures` gets each second's figures in the order of the seconds. */
  open(model: MachineModel, onFeatures: OnFeatures): AnalysisStream;
  /** Ends the thread where there is one. */
  close(): void;
  /** Why nothing is worked out; undefined while all is well, or nothing was asked. */
  trouble?(): string | undefined;
}

/** `values` by `featureNames`, valid during the call; undefined where a second could not be worked on. */
export type OnFeatures = (values: Float64Array | undefined) => void;

export interface SecondState {
  /** There is a gap before it. */
  isFresh: boolean;
  /** Speed of the shaft; not a number where it is unknown. */
  rpm: number;
}

export interface AnalysisStream {
  /**
   * The next 1000 instants. `samples` changes hands. Never waits.
   */
  second(samples: Int16Array<ArrayBuffer>, at: SecondState): void;
  /** No features any more. */
  close(): void;
}
