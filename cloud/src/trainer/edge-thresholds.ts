/** Learns rule parameters of one edge from the minutes of its tags, within fixed bounds. Pure. */
import type { TagMinutes } from "./training-task.ts";

/** Payload of a thresholds artifact, as the edge reads it. */
export interface EdgeThresholds {
  format: "weir-edge-thresholds-1";
  tags: Record<string, { deltaMax?: number; sigmaFloor?: number }>;
}

interface Rule {
  parameter: "deltaMax" | "sigmaFloor";
  /** What of a minute the parameter bounds. */
  measure: "range" | "sd";
  factor: number;
  /** Bounds, in the tag's unit or in steps of its resolution; learning never leaves them. */
  bounds: { of: "unit" | "steps"; low: number; high: number };
  /** Never below this, in the tag's unit. */
  least?: number;
}

/**
 * Which parameter is learned for which kind (plant.md §1.9). A rule may only become stricter than
 * the plant's default (chlorine: 0.3 mg/L in 30 s); loosening needs a person on the site. A spread's
 * floor is never below five steps, where rounding alone makes spread, nor below its class's floor:
 * 0.05 NTU for turbidity, which is also what edges are configured with.
 */
const sigmaFloor: Rule = {
  parameter: "sigmaFloor",
  measure: "sd",
  factor: 1.1,
  bounds: { of: "steps", low: 5, high: 60 },
};
const rules: Record<string, Rule> = {
  chlorine_free: {
    parameter: "deltaMax",
    measure: "range",
    factor: 1.5,
    bounds: { of: "unit", low: 0.15, high: 0.3 },
  },
  turbidity: { ...sigmaFloor, least: 0.05 },
  tss: sigmaFloor,
};

/** Fewest minutes from which a tag's parameter is learned: one day. */
const minuteCountMin = 1_440;
/** Share of quiet minutes that a threshold must lie above. */
const quietShare = 0.999;

/** Tags without a rule or with too little history keep what they have. */
export function learnEdgeThresholds(tags: readonly TagMinutes[]): EdgeThresholds {
  const learned: EdgeThresholds["tags"] = {};
  for (const tag of tags) {
    const rule = rules[tag.kind];
    if (!rule || tag[rule.measure].length < minuteCountMin) continue;
    const { of, low, high } = rule.bounds;
    const unit = of === "unit" ? 1 : tag.resolution;
    if (unit === 0) continue; // not announced yet, or a free value without steps
    const quiet = rule.factor * quantile(tag[rule.measure], quietShare);
    const within = Math.min(high * unit, Math.max(low * unit, quiet));
    const value = Math.max(within, rule.least ?? 0);
    learned[tag.id] = { [rule.parameter]: round(value) };
  }
  return { format: "weir-edge-thresholds-1", tags: learned };
}

/** Value below which `share` of `values` lie. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;
