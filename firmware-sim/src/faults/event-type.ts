/**
 * An event of a plant as data: which knobs of the process it turns, by how much, in what shape; which
 * sensors show it first; when it counts as detectable and as failed.
 */
import type { TruthKind } from "./truth-log.ts";

/** Until somebody clears it. */
export const forEver = Number.POSITIVE_INFINITY;

export interface Parameter {
  doc: string;
  default: number;
  min: number;
  max: number;
}

export interface KnobChange {
  /** May hold `{stage}`. */
  knob: string;
  /** `add` moves it by the amount, `scale` multiplies it, `set` replaces it, `grow` adds amount × days. */
  how: "add" | "scale" | "set" | "grow";
  /** A parameter's name and a factor on it, or the amount itself. */
  amount: string | number;
  factor?: number;
}

export interface EventType {
  kind: TruthKind;
  doc: string;
  stages: readonly string[];
  params: Record<string, Parameter>;
  knobs: readonly KnobChange[];
  /** Share of full size at onset grows over this time, and falls so at the end. */
  rampMs: number;
  durationMs: number;
  sensors: readonly string[];
  /** True quantity watched for `t_detectable` (3 × sigma from its value at onset) and for failure. */
  watch?: { signal: string; sigma: number; failAbove?: number; failBelow?: number };
}

export const parameter = (
  doc: string,
  fallback: number,
  bounds: readonly [min: number, max: number],
): Parameter => ({
  doc,
  default: fallback,
  min: bounds[0],
  max: bounds[1],
});
