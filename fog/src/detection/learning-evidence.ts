/** How much of the past each stage can be learned from, and how far it has gone from it. */
import { elementAt, f32, u32 } from "@weir/contracts/elements.ts";
import type { HistoryReader } from "../historian/history-reader.ts";

export interface StageEvidence {
  /** Minutes with a reading among the newest days. */
  minutes: number;
  /** End of the newest minute with a reading; undefined: none in the last weeks. */
  newestMs: number | undefined;
  /** The newest day's mean against that of the weeks before, in spreads of those: of the tag that moved most. */
  drift: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Days that teach by minutes, and those that are looked at by hours. */
const recentDays = 3;
const pastDays = 28;
/** What is older than this is usual; the newest day is now. */
const usualAfterDays = 8;
/** Below so many hours the minutes are counted one by one: it is soon decided whether they are enough. */
const closeHours = 16;

class TagCourse {
  recentHours = 0;
  newestMs: number | undefined;
  #usualCount = 0;
  #usualMean = 0;
  #usualSquares = 0;
  #nowCount = 0;
  #nowSum = 0;

  add(ageMs: number, atMs: number, mean: number): void {
    this.newestMs = atMs + hourMs;
    if (ageMs < recentDays * dayMs) this.recentHours += 1;
    if (ageMs < dayMs) {
      this.#nowCount += 1;
      this.#nowSum += mean;
    } else if (ageMs > usualAfterDays * dayMs) {
      this.#usualCount += 1;
      const change = mean - this.#usualMean;
      this.#usualMean += change / this.#usualCount;
      this.#usualSquares += change * (mean - this.#usualMean);
    }
  }

  get drift(): number {
    const spread = Math.sqrt(this.#usualSquares / Math.max(1, this.#usualCount));
    if (this.#nowCount === 0 || !(spread > 0)) return 0;
    return Math.abs(this.#nowSum / this.#nowCount - this.#usualMean) / spread;
  }
}

/**
 * Reads four weeks of hours once for all stages, a day at a time; `breathe` is awaited between, so that
 * what comes in is not kept waiting.
 */
export async function gatherEvidence(
  reader: HistoryReader,
  stages: ReadonlyMap<string, readonly string[]>,
  { nowMs, breathe }: { nowMs: number; breathe: () => Promise<void> },
): Promise<Map<string, StageEvidence>> {
  const ids = [...stages.values()].flat();
  const courses = ids.map(() => new TagCourse());
  for (let day = pastDays; day > 0; day--) {
    const fromMs = nowMs - day * dayMs;
    for (const row of reader.hours(ids, fromMs, fromMs + dayMs)) {
      for (const [i, course] of courses.entries()) {
        if (u32(row.n, i) > 0) {
          course.add(nowMs - row.atMs, row.atMs, f32(row.mean, i));
        }
      }
    }
    await breathe();
  }
  const byId = new Map(ids.map((id, i) => [id, elementAt(courses, i)]));
  const evidence = new Map<string, StageEvidence>();
  for (const [stage, own] of stages) {
    evidence.set(stage, ofStage(reader, { own, byId, nowMs }));
    await breathe();
  }
  return evidence;
}

function ofStage(
  reader: HistoryReader,
  of: { own: readonly string[]; byId: ReadonlyMap<string, TagCourse>; nowMs: number },
): StageEvidence {
  const { own, byId, nowMs } = of;
  const courses = own.flatMap((id) => byId.get(id) ?? []);
  const hours = Math.max(0, ...courses.map(({ recentHours }) => recentHours));
  const newest = courses.flatMap(({ newestMs }) => newestMs ?? []);
  const drift = Math.max(0, ...courses.map((course) => course.drift));
  const newestHourMs = newest.length > 0 ? Math.max(...newest) : undefined;
  if (hours > closeHours && newestHourMs !== undefined) {
    const last = minutesWith(reader, own, { fromMs: newestHourMs - hourMs, toMs: nowMs });
    return { minutes: 60 * hours, newestMs: last.newestMs ?? newestHourMs, drift };
  }
  const recent = minutesWith(reader, own, { fromMs: nowMs - recentDays * dayMs, toMs: nowMs });
  return { minutes: recent.minutes, newestMs: recent.newestMs ?? newestHourMs, drift };
}

/** Minutes with a reading of any of these tags, and the end of the newest. */
function minutesWith(
  reader: HistoryReader,
  own: readonly string[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Pick<StageEvidence, "minutes" | "newestMs"> {
  let minutes = 0;
  let newestMs: number | undefined;
  for (const row of reader.minutes(own, fromMs, toMs)) {
    if (!row.n.some((count) => count > 0)) continue;
    minutes += 1;
    newestMs = Math.max(newestMs ?? 0, row.atMs + minuteMs);
  }
  return { minutes, newestMs };
}
