/** Where a tag usually lies: p5 and p95 of its minute means over the last days. Computed on first use, kept an hour. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { HistoryReader } from "../historian/history-reader.ts";

const lookBackMs = 3 * 86_400_000;
const keptMs = 3_600_000;
const minutesMin = 120;

export interface Band {
  low: number;
  high: number;
}

export class UsualBands {
  readonly #reader: HistoryReader;
  readonly #clock: Clock;
  readonly #bands = new Map<string, { band: Band | undefined; untilMs: number }>();

  constructor(options: { reader: HistoryReader; clock: Clock }) {
    this.#reader = options.reader;
    this.#clock = options.clock;
  }

  of(tags: readonly string[]): Map<string, Band | undefined> {
    const nowMs = this.#clock.nowMs();
    const missing = tags.filter((tag) => (this.#bands.get(tag)?.untilMs ?? 0) <= nowMs);
    if (missing.length > 0) this.#compute(missing, nowMs);
    return new Map(tags.map((tag) => [tag, this.#bands.get(tag)?.band]));
  }

  #compute(tags: readonly string[], nowMs: number): void {
    const columns = tags.map((): number[] => []);
    for (const row of this.#reader.minutes(tags, nowMs - lookBackMs, nowMs)) {
      for (const [index, column] of columns.entries()) {
        if ((row.n[index] as number) > 0) column.push(row.mean[index] as number);
      }
    }
    for (const [index, tag] of tags.entries()) {
      const sorted = Float64Array.from(columns[index] as number[]).sort();
      const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
      const band = sorted.length >= minutesMin ? { low: at(0.05), high: at(0.95) } : undefined;
      this.#bands.set(tag, { band, untilMs: nowMs + keptMs });
    }
  }
}
