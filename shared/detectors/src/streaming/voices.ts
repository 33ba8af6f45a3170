/**
 * The residuals that make the detector. All speak with the same weight: weights fitted to labels were
 * worth nothing on files they had not seen.
 */
import type { AlarmMemoryOptions } from "./alarm-memory.ts";
import { meanToMean, outsideRange, toMean, toPrevious } from "./level-residuals.ts";
import { toNearestPattern } from "./pattern-residual.ts";
import { toPrediction } from "./prediction-residual.ts";
import type { ResidualKind } from "./residual.ts";
import { toHabit, toNearbyHabit } from "./season-residuals.ts";

/** By name, for those who want to know what each is worth. */
export const voices: Readonly<Record<string, ResidualKind>> = {
  range: outsideRange(1),
  "slow range": outsideRange(30),
  mean: toMean(500),
  drift: meanToMean(10, 100),
  jump: toPrevious,
  prediction: toPrediction(4),
  "hour of the day": toNearbyHabit({ days: 1, binCount: 48, length: 20 }),
  "hour of the week": toHabit({ days: 7, binCount: 168, length: 10 }, 10),
  pattern: toNearestPattern(40),
};

export const alarmMemory: AlarmMemoryOptions = {
  alarmSurprise: 0.35,
  step: 1,
  holdLength: 80,
  habitStep: 0.05,
  habitLength: 4_000,
};
