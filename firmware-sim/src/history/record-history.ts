/** Lets a plant live its past, and keeps that past as hours (all of it) and minutes (the last days). */
import type { Plant } from "../create-plant.ts";
import { dayMs } from "../process/calendar.ts";
import { BucketStatistics } from "./bucket-statistics.ts";
import { type HistoryColumns, HistoryTable } from "./history-table.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** Length of a step before the fine days, s. */
const coarseStepS = 30;

export interface History {
  minutes: HistoryColumns;
  hours: HistoryColumns;
}

export interface HistoryOptions {
  /** Days at the end that are lived second by second and kept as minutes. */
  fineDays: number;
  /** 0…1, about once an hour of plant life; awaited, so that the process can breathe. */
  onProgress?: (done: number) => Promise<void> | void;
}

/** Advances `plant` to its start. It must have been created with `historyDays`. */
export async function recordHistory(plant: Plant, options: HistoryOptions): Promise<History> {
  const fromMs = plant.nowMs;
  const toMs = plant.startMs;
  const fineMs = Math.max(fromMs, toMs - options.fineDays * dayMs);
  const { sensors } = plant.definition;
  const sensorCount = sensors.length;
  const hours = new HistoryTable({ fromMs, toMs, bucketMs: hourMs, sensorCount });
  const minutes = new HistoryTable({ fromMs: fineMs, toMs, bucketMs: minuteMs, sensorCount });
  const statistics = new BucketStatistics({ sensorCount, minutes: undefined, hours });
  plant.onSample((sensor, value, atMs) => statistics.add(sensor, value, atMs));
  const cost = (ms: number) => Math.min(ms, fineMs) + 10 * Math.max(0, ms - fineMs);
  const whole = cost(toMs) - cost(fromMs);
  const live = async (untilMs: number, stepS: number) => {
    while (plant.nowMs + stepS * 1000 <= untilMs) {
      plant.advanceTo(Math.min(untilMs, plant.nowMs + 6 * hourMs), { stepS });
      await options.onProgress?.((cost(plant.nowMs) - cost(fromMs)) / whole);
    }
  };
  await live(fineMs, coarseStepS);
  plant.advanceTo(fineMs);
  statistics.minutes = minutes;
  await live(toMs, 1);
  statistics.finish(Math.ceil(toMs / hourMs) * hourMs);
  plant.onSample(undefined);
  const tags = sensors.map((sensor) => sensor.siteId);
  return { minutes: minutes.columns(tags), hours: hours.columns(tags) };
}
