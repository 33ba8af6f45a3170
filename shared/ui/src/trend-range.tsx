/** How far back a trend looks, and the charts for it. */
import type { SeriesView } from "@weir/contracts/api/live.ts";
import { useLoad } from "./load.ts";
import { type Marker, Trend } from "./trend.tsx";

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
          onClick={() => onPick(range.ms)}
        >
          {range.label}
        </button>
      ))}
    </fieldset>
  );
}

export interface TrendsProps {
  /** Path that answers SeriesView[]; "tags", "from", "to" and "buckets" are added to it. */
  path: string;
  tags: readonly string[];
  fromMs: number;
  toMs: number;
  markers?: readonly Marker[];
  height?: number;
}

export function Trends({ path, tags, fromMs, toMs, markers = [], height = 150 }: TrendsProps) {
  const join = path.includes("?") ? "&" : "?";
  const width = bucketWidth(toMs - fromMs);
  const from = Math.floor(fromMs / width) * width;
  const to = Math.ceil(toMs / width) * width;
  const query = `${join}tags=${encodeURIComponent(tags.join(","))}&from=${from}&to=${to}&buckets=${Math.round((to - from) / width)}`;
  const [state] = useLoad<SeriesView[]>(tags.length > 0 ? path + query : null);
  if (tags.length === 0) return <p class="empty">Choose up to eight tags.</p>;
  if (state.at === "failed") return <p class="problem">{state.why}</p>;
  if (state.at === "loading") return <p class="empty">Loading…</p>;
  return (
    <div class="stack">
      {state.value.map((series) =>
        series.at.length === 0 ? (
          <p key={series.tag} class="empty">
            {series.name}: nothing stored in this time.
          </p>
        ) : (
          <Trend key={series.tag} series={series} height={height} markers={markers} />
        ),
      )}
    </div>
  );
}
