/**
 * The door for learned thresholds. They come from outside the site, so nothing is believed: known
 * tags, known keys, values within the bounds of the site's own configuration. Hard limits have no
 * key here at all.
 */
import type { DetectSettings, Range, TagSettings } from "../configuration/configuration.ts";
import type { EdgeDetector, EdgeThresholds } from "../hand-over.ts";

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

/** Why `detector` cannot be taken over, or undefined. */
export function detectorFlaw(
  detector: EdgeDetector,
  tags: readonly TagSettings[],
): string | undefined {
  if (detector?.format !== "weir-edge-detector-1") {
    return `unknown format ${JSON.stringify(detector?.format)}`;
  }
  if (typeof detector.tags !== "object" || detector.tags === null) return "no tags";
  for (const [id, set] of Object.entries(detector.tags)) {
    const tag = tags.find((t) => t.id === id);
    if (!tag) return `there is no tag ${id}`;
    if (!tag.detect.stream) return `${id} has no stream rule`;
    for (const [key, value] of Object.entries(set ?? {})) {
      if (key !== "threshold") return `${id}: ${key} cannot be set from outside`;
      const flaw = rangeFlaw(id, { key, value, range: tag.detect.bounds.streamThreshold });
      if (flaw !== undefined) return flaw;
    }
  }
  return undefined;
}

function valueFlaw(tag: TagSettings, key: string, value: unknown): string | undefined {
  if (!isKey(key)) return `${tag.id}: ${key} is not a threshold that can be set from outside`;
  if (tag.detect[ruleOf[key]] === undefined && isNumber(value)) {
    return `${tag.id} has no ${ruleOf[key]} rule`;
  }
  return rangeFlaw(tag.id, { key, value, range: tag.detect.bounds[key] });
}

function rangeFlaw(
  id: string,
  { key, value, range }: { key: string; value: unknown; range: Range },
): string | undefined {
  if (!isNumber(value)) return `${id}: ${key} is no number`;
  const [low, high] = range;
  return value >= low && value <= high
    ? undefined
    : `${id}: ${key} ${value} lies outside the site's bounds ${low} to ${high}`;
}

const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);
