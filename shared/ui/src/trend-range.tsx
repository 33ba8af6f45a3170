/** How far back a trend looks, and the charts for it. They end now, or where the page says. */
import type { SeriesView } from "@weir/contracts/api/live.ts";
import { useLoading } from "./load.ts";
import { Show } from "./show.tsx";
import { siteNow, siteRate } from "./site-clock.ts";
import { Trend, type Zoom } from "./trend.tsx";
import type { Marker } from "./trend-drawing.ts";

export const ranges = [
  { label: "1 h", ms: 3_600_000 },
  { label: "6 h", ms: 6 * 3_600_000 },
  { label: "24 h", ms: 24 * 3_600_000 },
  { label: "3 d", ms: 3 * 86_400_000 },
  { label: "28 d", ms: 28 * 86_400_000 },
] as const;

/** Widths of a bucket, milliseconds: what is stored has one value a minute and one an hour. */
const bucketWidths = [10_000, 60_000, 240_000, 600_000, 3_600_000, 21_600_000] as const;
const bucketCountMax = 700;

/** The narrowest width that keeps a chart within `bucketCountMax`. */
export const bucketWidth = (spanMs: number): number =>
  bucketWidths.find((width) => spanMs / width <= bucketCountMax) ?? spanMs / bucketCountMax;

/** The whole buckets that hold a span, and how many they are. */
export function bucketsOf(fromMs: number, toMs: number) {
  const width = bucketWidth(toMs - fromMs);
  const from = Math.floor(fromMs / width) * width;
  const to = Math.ceil(toMs / width) * width;
  return { fromMs: from, toMs: to, count: Math.round((to - from) / width) };
}

export function RangePicker({
  rangeMs,
  onPick,
}: {
  rangeMs: number;
  onPick: (ms: number) => void;
}) {
  return (
    <fieldset class="row plain" aria-label="How far back">
      {ranges.map((range) => (
        <button
          key={range.ms}
          type="button"
          class={range.ms === rangeMs ? "chosen" : ""}
          aria-pressed={range.ms === rangeMs}
          onClick={() => onPick(range.ms)}
        >
          {range.label}
        </button>
      ))}
    </fieldset>
  );
}

/** A picture of now is asked for at most this often, real milliseconds: a new address is a new question. */
const stepMs = 5_000;

/** End of a chart that ends now, in steps that grow with the range; null before the server's clock is known. */
export function chartEnd(rangeMs: number): number | null {
  const now = siteNow.value;
  if (now === null) return null;
  const step = Math.max(bucketWidth(rangeMs), stepMs * siteRate.value);
  return Math.ceil(now / step) * step;
}

export interface TrendsProps {
  /** Path that answers SeriesView[]; "tags", "from", "to" and "buckets" are added to it. */
  path: string;
  tags: readonly string[];
  fromMs: number;
  toMs: number;
  markers?: readonly Marker[];
  height?: number;
  tz?: string;
  /** Somebody has chosen a part of that time, or all of it again. */
  onZoom?: (zoom: Zoom | undefined) => void;
  /** So much later than it is read a value may arrive at the server, milliseconds. */
  lateMs?: number;
}

export function Trends(props: TrendsProps) {
  const { path, tags, fromMs, toMs, markers = [], height = 150 } = props;
  const { tz, lateMs, onZoom } = props;
  const join = path.includes("?") ? "&" : "?";
  const span = bucketsOf(fromMs, toMs);
  const query = `${join}tags=${encodeURIComponent(tags.join(","))}&from=${span.fromMs}&to=${span.toMs}&buckets=${span.count}`;
  const loading = useLoading<SeriesView[]>(tags.length > 0 ? path + query : null);
  const nowMs = siteNow.value ?? toMs;
  if (tags.length === 0) return <p class="empty">Choose up to eight tags to see their trends.</p>;
  return (
    <Show loading={loading} what="the trends">
      {(list) => (
        <div class="stack">
          {list.length === 0 && <p class="empty">Of these tags nothing is known here.</p>}
          {list.map((series) => (
            <Trend
              key={series.tag}
              series={series}
              {...{ fromMs, toMs, nowMs, height, markers, tz, lateMs, onZoom }}
            />
          ))}
        </div>
      )}
    </Show>
  );
}
