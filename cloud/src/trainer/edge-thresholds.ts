/** Learns rule parameters of one edge from the minutes of its tags, within fixed bounds. Pure. */
import type { TagMinutes } from "./training-task.ts";

/** Payload of a thresholds artifact, as the edge reads it. */
export interface EdgeThresholds {
  format: "weir-edge-thresholds-1";
  tags: Record<string, { deltaMax?: number; sigmaFloor?: number }>;
}

/**
 * What a rule of a pack is called at the edge, and what of a minute it bounds. A rule may only become
 * stricter than its pack allows; loosening needs a person on the site.
 */
const parameters = {
  jump: { parameter: "deltaMax", measure: "range" },
  floor: { parameter: "sigmaFloor", measure: "sd" },
} as const;

/** Fewest minutes from which a tag's parameter is learned: one day. */
const minuteCountMin = 1_440;
/** Share of quiet minutes that a threshold must lie above. */
const quietShare = 0.999;

/** Tags without a rule or with too little history keep what they have. */
export function learnEdgeThresholds(tags: readonly TagMinutes[]): EdgeThresholds {
  const learned: EdgeThresholds["tags"] = {};
  for (const tag of tags) {
    const { learns } = tag;
    if (!learns) continue;
    const { parameter, measure } = parameters[learns.parameter];
    if (tag[measure].length < minuteCountMin) continue;
    const unit = learns.in === "unit" ? 1 : tag.resolution;
    if (unit === 0) continue; // not announced yet, or a free value without steps
    const quiet = learns.factor * quantile(tag[measure], quietShare);
    const within = Math.min(learns.high * unit, Math.max(learns.low * unit, quiet));
    const value = learns.parameter === "floor" ? Math.max(within, tag.floor ?? 0) : within;
    learned[tag.id] = { [parameter]: round(value) };
  }
  return { format: "weir-edge-thresholds-1", tags: learned };
}

/** Value below which `share` of `values` lie. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;
