/** A small made-up site: hourly and minutely history with a thickener that starts to fail. */
import { seeded } from "@weir/runtime/random.ts";
import { emptyTable, type HistoryTable, pushRow } from "../src/historian/history-table.ts";
import { dayMs, type hourMs, type minuteMs } from "../src/limits.ts";

export const syntheticNowMs = Date.UTC(2026, 5, 2, 5);

interface SyntheticTag {
  id: string;
  level: number;
  /** Amplitude of the daily wave. */
  wave: number;
  noise: number;
  /** Added a day of wear, from `wearStartMs` on. */
  wearPerDay?: number;
}

/** Thickeners S01 (healthy) and S02 (failing), aeration W13, chlorination D11. */
export const syntheticTags: readonly SyntheticTag[] = [
  ...["S01", "S02"].flatMap((stage): SyntheticTag[] => {
    const wear = stage === "S02" ? 1 : 0;
    return [
      { id: `edge-w/${stage}/PH01`, level: 6.8, wave: 0.05, noise: 0.02 },
      { id: `edge-w/${stage}/TU01`, level: 200, wave: 15, noise: 8 },
      { id: `edge-w/${stage}/FL01`, level: 6.9, wave: 0.7, noise: 0.15, wearPerDay: 0.12 * wear },
      { id: `edge-w/${stage}/LV01`, level: 1.17, wave: 0.04, noise: 0.03, wearPerDay: 0.09 * wear },
      { id: `edge-w/${stage}/MO01`, level: 24, wave: 0.8, noise: 0.5, wearPerDay: 0.6 * wear },
      { id: `edge-w/${stage}/SL01`, level: 55, wave: 1.2, noise: 0.8, wearPerDay: -3 * wear },
    ];
  }),
  { id: "edge-w/W13/DO01", level: 2, wave: 0.03, noise: 0.03 },
  { id: "edge-w/W13/DO02", level: 2, wave: 0.03, noise: 0.03 },
  { id: "edge-w/W13/FL01", level: 213, wave: 50, noise: 6 },
  { id: "edge-w/W13/PR01", level: 60, wave: 4, noise: 0.5 },
  { id: "edge-d/D11/CL01", level: 1, wave: 0.03, noise: 0.02 },
  { id: "edge-d/D11/PH01", level: 7.2, wave: 0.02, noise: 0.02 },
  { id: "edge-d/D11/TU01", level: 0.1, wave: 0.01, noise: 0.01 },
];

export interface SyntheticOptions {
  bucketMs: typeof minuteMs | typeof hourMs;
  days: number;
  /** Days of wear before now. */
  wearDays: number;
  nowMs?: number;
  seed?: number;
}

export function syntheticHistory(options: SyntheticOptions): HistoryTable {
  const { bucketMs, days, wearDays, nowMs = syntheticNowMs, seed = 1 } = options;
  const table = emptyTable();
  const random = seeded(seed);
  const count = Math.floor((days * dayMs) / bucketMs);
  for (const tag of [...syntheticTags].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    for (let i = 0; i < count; i++) {
      const atMs = nowMs - (count - i) * bucketMs;
      const mean =
        syntheticValue(tag, atMs, { nowMs, wearDays }) + tag.noise * 0.5 * random.gaussian();
      const spread = tag.noise * (1 + 0.2 * random.uniform());
      pushRow(table, {
        ...{ tag: tag.id, atMs, n: bucketMs / 5_000, mean },
        ...{ min: mean - 2 * spread, max: mean + 2 * spread, sd: spread, slopePerS: 0 },
      });
    }
  }
  return table;
}

export function syntheticValue(
  tag: SyntheticTag,
  atMs: number,
  { nowMs, wearDays }: { nowMs: number; wearDays: number },
): number {
  const wave = Math.sin((2 * Math.PI * (atMs % dayMs)) / dayMs);
  const worn = Math.max(0, (atMs - nowMs) / dayMs + wearDays) * (tag.wearPerDay ?? 0);
  return tag.level + tag.wave * wave + worn;
}
