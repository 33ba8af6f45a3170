/** How a planner calls what a tag measures, and by how much it has changed. */
import type { TagMeasure } from "@weir/plants/tag-measure.ts";

/** "sludge blanket LV01"; the bare name where nobody knows what it measures. */
export const tagWords = (tag: { measures: Pick<TagMeasure, "name">; name: string }): string =>
  `${tag.measures.name} ${tag.name}`.trim();

/** "1.17 → 1.52 m (+30 %)": what a tag usually read and reads now. */
export function changeWords(usual: number, now: number, measured: string): string {
  const unit = measured === "pH" ? "" : measured; // the name says it already
  const digits = Math.abs(now) >= 100 ? 0 : Math.abs(now) >= 10 ? 1 : 2;
  const share = usual !== 0 ? (now - usual) / Math.abs(usual) : Number.NaN;
  const percent =
    Number.isFinite(share) && Math.abs(share) < 10
      ? ` (${share >= 0 ? "+" : "−"}${Math.abs(100 * share).toFixed(0)} %)`
      : "";
  return `${usual.toFixed(digits)} → ${now.toFixed(digits)} ${unit}`.trim() + percent;
}

/** "3 days", "5 hours" */
export function durationWords(ms: number): string {
  const hours = Math.max(1, Math.round(ms / 3_600_000));
  if (hours < 48) return hours === 1 ? "1 hour" : `${hours} hours`;
  return `${Math.round(hours / 24)} days`;
}
