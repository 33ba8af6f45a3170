/** Key figures with their last hour, one point a plant-minute: the mean of that minute's good readings. */
import type { KpiView } from "@weir/contracts/api/fog.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { SiteKpi } from "@weir/contracts/site.ts";
import type { NewestValues } from "../historian/newest-values.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import type { MinuteWindows } from "../windows/minute-windows.ts";

const sparkPoints = 60;

export class KpiBoard {
  readonly #kpis: readonly SiteKpi[];
  readonly #tags: SiteTags;
  readonly #newest: NewestValues;
  readonly #sparks = new Map<string, (number | null)[]>();

  constructor(options: { kpis: readonly SiteKpi[]; tags: SiteTags; newest: NewestValues }) {
    this.#kpis = options.kpis;
    this.#tags = options.tags;
    this.#newest = options.newest;
  }

  /** Called once a plant-minute with its end. */
  onMinute(windows: MinuteWindows, endMs: number): void {
    for (const kpi of this.#kpis) {
      const spark = this.#sparks.get(kpi.id) ?? [];
      const means = kpi.tags.flatMap((id) => {
        const row = this.#tags.find(id);
        const pane = row && windows.window(row.index, endMs, 1);
        return pane ? [pane.mean] : [];
      });
      const mean = means.length === 0 ? null : means.reduce((a, b) => a + b) / means.length;
      this.#sparks.set(kpi.id, [...spark, mean].slice(-sparkPoints));
    }
  }

  views(): KpiView[] {
    return this.#kpis.map((kpi) => ({
      id: kpi.id,
      name: kpi.name,
      unit: kpi.unit,
      value: this.#value(kpi),
      low: kpi.low,
      high: kpi.high,
      spark: this.#sparks.get(kpi.id) ?? [],
    }));
  }

  /** Mean of the newest good values of its tags. */
  #value(kpi: SiteKpi): number | null {
    let sum = 0;
    let count = 0;
    for (const id of kpi.tags) {
      const row = this.#tags.find(id);
      const newest = row && this.#newest.of(row.index);
      if (!newest || newest.quality !== Quality.GOOD || !Number.isFinite(newest.value)) continue;
      sum += newest.value;
      count += 1;
    }
    return count === 0 ? null : sum / count;
  }
}
