/**
 * The door for learned thresholds. They come from outside the site, so nothing is believed: known
 * tags, known keys, values within the bounds of the site's own configuration. Hard limits have no
 * key here at all.
 */
import type { DetectSettings, TagSettings } from "../configuration/configuration.ts";
import type { EdgeThresholds } from "../hand-over.ts";

type Key = "deltaMax" | "sigmaFloor" | "zMax" | "stuckAfterMs";

/** The rule each threshold belongs to. */
const ruleOf = {
  deltaMax: "delta",
  sigmaFloor: "z",
  zMax: "z",
  stuckAfterMs: "stuck",
} as const satisfies Record<Key, keyof DetectSettings>;

const isKey = (key: string): key is Key => Object.hasOwn(ruleOf, key);

/** Why `thresholds` cannot be taken over, or undefined. */
export function thresholdFlaw(
  thresholds: EdgeThresholds,
  tags: readonly TagSettings[],
): string | undefined {
  if (thresholds?.format !== "weir-edge-thresholds-1") {
    return `unknown format ${JSON.stringify(thresholds?.format)}`;
  }
  if (typeof thresholds.tags !== "object" || thresholds.tags === null) return "no tags";
  for (const [id, set] of Object.entries(thresholds.tags)) {
    const tag = tags.find((t) => t.id === id);
    if (!tag) return `there is no tag ${id}`;
    for (const [key, value] of Object.entries(set)) {
      const flaw = valueFlaw(tag, key, value);
      if (flaw !== undefined) return flaw;
    }
  }
  return undefined;
}

function valueFlaw(tag: TagSettings, key: string, value: unknown): string | undefined {
  if (!isKey(key)) return `${tag.id}: ${key} is not a threshold that can be set from outside`;
  if (typeof value !== "number" || !Number.isFinite(value)) return `${tag.id}: ${key} is no number`;
  if (tag.detect[ruleOf[key]] === undefined) return `${tag.id} has no ${ruleOf[key]} rule`;
  const [low, high] = tag.detect.bounds[key];
  return value >= low && value <= high
    ? undefined
    : `${tag.id}: ${key} ${value} lies outside the site's bounds ${low} to ${high}`;
}
