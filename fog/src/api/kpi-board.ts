/** Key figures with their last hour, one point a plant-minute: the mean of that minute's good readings. */
import type { KpiView } from "@weir/contracts/api/fog.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { SiteKpi } from "@weir/contracts/site.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { SiteFreshness } from "../freshness/site-freshness.ts";
import type { NewestValues } from "../historian/newest-values.ts";
import type { SiteTagRow, SiteTags } from "../historian/site-tags.ts";
import { type MinuteWindows, minuteMs } from "../windows/minute-windows.ts";

const sparkPoints = 60;

export interface KpiBoardOptions {
  kpis: readonly SiteKpi[];
  tags: SiteTags;
  newest: NewestValues;
  freshness: SiteFreshness;
  clock: Clock;
}

export class KpiBoard {
  readonly #options: KpiBoardOptions;
  /** By figure: mean by the number of its minute since 1970. */
  readonly #minutes = new Map<string, Map<number, number>>();

  constructor(options: KpiBoardOptions) {
    this.#options = options;
  }

  /** Called once a plant-minute with its end. */
  onMinute(windows: MinuteWindows, endMs: number): void {
    const minute = Math.round(endMs / minuteMs) - 1;
    for (const kpi of this.#options.kpis) {
      const means = this.#rows(kpi).flatMap((row) => {
        const pane = windows.window(row.index, endMs, 1);
        return pane ? [pane.mean] : [];
      });
      if (means.length === 0) continue;
      const kept = this.#minutes.get(kpi.id) ?? new Map<number, number>();
      kept.set(minute, means.reduce((a, b) => a + b) / means.length);
      for (const old of kept.keys()) if (old <= minute - 2 * sparkPoints) kept.delete(old);
      this.#minutes.set(kpi.id, kept);
    }
  }

  views(): KpiView[] {
    return this.#options.kpis.map((kpi) => this.#view(kpi));
  }

  #view(kpi: SiteKpi): KpiView {
    const { freshness, newest } = this.#options;
    const rows = this.#rows(kpi);
    const good = rows.filter((row) => {
      const value = newest.of(row.index);
      return value?.quality === Quality.GOOD && Number.isFinite(value.value);
    });
    const live = good.filter((row) => freshness.tag(row).state === "live");
    const used = live.length > 0 ? live : good;
    const all = kpi.tags.length;
    return {
      ...{ id: kpi.id, name: kpi.name, unit: kpi.unit, low: kpi.low, high: kpi.high },
      value: this.#mean(used),
      quality: live.length === 0 ? "bad" : live.length < all ? "uncertain" : "good",
      freshness: freshness.ofTags(live.length > 0 ? live : rows),
      ...{ tagsUsed: live.length, tagsAll: all, tags: kpi.tags },
      spark: this.#spark(kpi.id),
    };
  }

  /** Ends with the newest minute that is over, heard or not. */
  #spark(kpi: string): (number | null)[] {
    const last = Math.floor(this.#options.clock.nowMs() / minuteMs) - 1;
    const kept = this.#minutes.get(kpi);
    // The newest minute closes some seconds after its end: until then the one before is the newest.
    const end = kept?.has(last) || !kept?.has(last - 1) ? last : last - 1;
    return Array.from(
      { length: sparkPoints },
      (_, i) => kept?.get(end - sparkPoints + 1 + i) ?? null,
    );
  }

  #mean(rows: readonly SiteTagRow[]): number | null {
    if (rows.length === 0) return null;
    const values = rows.map((row) => this.#options.newest.of(row.index)?.value ?? Number.NaN);
    return values.reduce((a, b) => a + b) / values.length;
  }

  #rows(kpi: SiteKpi): SiteTagRow[] {
    return kpi.tags.flatMap((id) => this.#options.tags.find(id) ?? []);
  }
}
