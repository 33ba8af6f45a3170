/** What every unit of the process is given at each step. */
import type { Calendar } from "./calendar.ts";
import type { SignalBoard } from "./signal-board.ts";

export interface Step {
  dtS: number;
  /** Instant at the end of the step, UTC ms. */
  nowMs: number;
  calendar: Calendar;
}

/** Shared by all units of one plant. */
export interface Surroundings {
  seed: number;
  /** True quantities, which sensors see. */
  signals: SignalBoard;
  /** What events and degradations turn; each at rest at the value it was declared with. */
  knobs: SignalBoard;
  /** What a controller of the plant reads: the measured value of a sensor ("D11/CL01"). */
  measured: (sensorId: string) => () => number;
  /** Notes an ordinary operation (backwash, pump rotation …) in the ground truth. */
  operation: (note: OperationNote) => void;
  startMs: number;
}

export interface OperationNote {
  type: string;
  stage: string;
  sensors: readonly string[];
  onsetMs: number;
  endMs: number;
  params?: Record<string, number>;
}
