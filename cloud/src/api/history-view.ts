/** History as the console's charts take it: an envelope a bucket, gaps as null. */
import type { SeriesView } from "@weir/contracts/api/live.ts";
import { HttpFault } from "@weir/runtime/web/server.ts";
import type { Historian } from "../historian/historian.ts";
import { minuteMs, seriesTagCountMax } from "../limits.ts";

export interface HistoryRequest {
  site: string;
  tags: readonly string[];
  fromMs: number;
  toMs: number;
  bucketCount: number;
}

/** @throws HttpFault 400 for too many tags */
export async function historyView(
  historian: Historian,
  { site, tags, fromMs, toMs, bucketCount }: HistoryRequest,
): Promise<SeriesView[]> {
  if (tags.length > seriesTagCountMax) {
    throw new HttpFault(400, "QUERY", `${tags.length} tags, at most ${seriesTagCountMax} at once.`);
  }
  // Buckets start on whole minutes, below which the cloud keeps nothing.
  const bucketMs = Math.max(
    minuteMs,
    Math.ceil((toMs - fromMs) / bucketCount / minuteMs) * minuteMs,
  );
  const startMs = Math.floor(fromMs / bucketMs) * bucketMs;
  const summaries = await historian.bucketed(site, tags, { fromMs: startMs, toMs, bucketMs });
  const count = Math.ceil((toMs - startMs) / bucketMs);
  return historian.tags.byId(site, tags).map((tag): SeriesView => {
    const blank = () => new Array<number | null>(count).fill(null);
    const series: SeriesView = {
      tag: tag.id,
      name: `${tag.stage} ${tag.name} ${tag.measures.name}`.trim(),
      unit: tag.unit,
      at: Array.from({ length: count }, (_, i) => (startMs + i * bucketMs) / 1_000),
      mean: blank(),
      min: blank(),
      max: blank(),
      hardLow: tag.hardLow ?? undefined,
      hardHigh: tag.hardHigh ?? undefined,
    };
    for (const summary of summaries.get(tag.id) ?? []) {
      const i = Math.round((summary.atMs - startMs) / bucketMs);
      if (i < 0 || i >= count) continue;
      series.mean[i] = summary.mean;
      series.min[i] = summary.min;
      series.max[i] = summary.max;
    }
    return series;
  });
}
