/**
 * The eleven ways a sensor goes wrong. A fault is a value; what it does to a reading is
 * a function of that value and of how long it has lasted.
 */

export type SensorFaultKind =
  | "drift"
  | "bias"
  | "gain"
  | "stuck"
  | "spike"
  | "dropout"
  | "noise"
  | "ne43"
  | "slow"
  | "sample-flow-loss"
  | "scale";

/** What `value` means for each kind, and what is ordinary; read by the scenario reader and the help. */
export const sensorFaultKinds: Record<
  SensorFaultKind,
  { doc: string; value: string; default: number; min: number; max: number }
> = {
  drift: { doc: "grows steadily", value: "units per day", default: 0.1, min: -1e4, max: 1e4 },
  bias: { doc: "shifted by a constant", value: "units", default: 0.5, min: -1e4, max: 1e4 },
  gain: { doc: "multiplied", value: "factor", default: 0.8, min: 0.05, max: 5 },
  stuck: { doc: "frozen, or flickering by one step", value: "steps", default: 0, min: 0, max: 1 },
  spike: { doc: "spikes of 1–3 samples", value: "spikes a day", default: 30, min: 1, max: 5000 },
  dropout: { doc: "no new samples", value: "(none)", default: 0, min: 0, max: 0 },
  noise: { doc: "noisier", value: "times the noise", default: 6, min: 1, max: 50 },
  ne43: { doc: "4–20 mA loop at 3.5 or 21.6 mA", value: "mA", default: 3.5, min: 0, max: 24 },
  slow: { doc: "answers slower", value: "times T90", default: 5, min: 1, max: 20 },
  "sample-flow-loss": {
    doc: "the cell gets no fresh water",
    value: "(none)",
    default: 0,
    min: 0,
    max: 0,
  },
  scale: { doc: "wired or scaled wrongly", value: "factor", default: 10, min: -100, max: 100 },
};

export interface SensorFault {
  kind: SensorFaultKind;
  value: number;
  onsetMs: number;
  /** The effect of `bias`, `gain` and `slow` grows to its full size in this time; 0 = at once. */
  rampMs: number;
  /** Infinity: until cleared. */
  endMs: number;
}

/** 0…1: how far a ramped fault has come. */
export const grown = (fault: SensorFault, nowMs: number): number =>
  fault.rampMs <= 0 ? 1 : Math.min(1, Math.max(0, (nowMs - fault.onsetMs) / fault.rampMs));

/** ms until the effect of a fault exceeds `limit`; kinds without a size count from the onset. */
export function detectableAfterMs(fault: SensorFault, limit: number): number {
  const size = Math.abs(fault.value);
  if (fault.kind === "drift" && size > 0) return (limit / size) * 86_400_000;
  if (fault.kind === "bias" && size > limit) return fault.rampMs * (limit / size);
  return 0;
}
