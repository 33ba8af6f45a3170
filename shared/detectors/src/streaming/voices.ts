/**
 * The residuals that make the detector. Each is measured by its own records, so that the weights, all
 * near one, only say how much a record of its kind means.
 */
import { meanToMean, outsideRange, spreadToSpread, toEarlier, toMean } from "./level-residuals.ts";
import type { ResidualKind } from "./residual.ts";
import { dayMs, toHabit, weekMs } from "./season-residuals.ts";

export interface Voice {
  kind: ResidualKind;
  weight: number;
  /** k: a reading is compared with the k-th largest residual so far. */
  recordCount: number;
  /** What a record keeps of itself each reading. */
  decay: number;
}

const voice = (kind: ResidualKind, weight = 1): Voice => ({
  kind,
  weight,
  recordCount: 8,
  decay: 0.9998,
});

export const voices: readonly Voice[] = [
  voice(toMean(500)),
  voice(toEarlier(1)),
  voice(toEarlier(20)),
  voice(meanToMean(10, 100)),
  voice(spreadToSpread(20, 500)),
  voice(toHabit({ periodMs: dayMs, binCount: 24, length: 50, smoothing: 1 })),
  voice(toHabit({ periodMs: weekMs, binCount: 168, length: 10, smoothing: 10 })),
  voice(outsideRange(1)),
];
