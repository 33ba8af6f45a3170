/** A tag's alert rules: defaults, bounds of what may be set from outside, and what cannot be. */

import { builtinKinds } from "@weir/plants/builtin-kinds.ts";
import type { SettingPath } from "@weir/runtime/problem.ts";
import type { DetectSettings, Range } from "./configuration.ts";
import type { DetectDraft } from "./document-detect.ts";
import { fault, type Resolving, warn } from "./resolving.ts";

/** Learned thresholds may be set within this factor of the configured ones. */
const boundFactor = 4;
const zBounds: Range = [3, 10];
const streamBounds: Range = [0.55, 0.99];
/** Samples that a delta window must hold, and may. */
export const deltaSamplesMin = 10;
export const deltaSamplesMax = 4_096;

export interface DetectContext {
  at: Resolving;
  path: SettingPath;
  /** `kind`: given or inferred. */
  tag: { resolution: number; periodMs: number; kind: string; unit: string };
}

export function resolveDetect(raw: DetectDraft, { at, path, tag }: DetectContext): DetectSettings {
  const delta = raw.delta && { max: raw.delta.max ?? 0, windowMs: raw.delta.window };
  if (delta) checkWindow(delta.windowMs, { at, path, tag });
  const floor = builtinKinds().unit(tag.kind, tag.unit)?.floor;
  const z = raw.z && {
    max: raw.z.max,
    sigmaMin: raw.z.sigmaMin ?? floor ?? 0,
    learnMs: raw.z.learn,
  };
  const stuck = raw.stuck && { afterMs: raw.stuck.after, unlessZero: undefined };
  const sigmaMin = Math.max(z?.sigmaMin ?? 0, 5 * tag.resolution);
  const { bounds } = raw;
  const stuckBounds = bounds.stuckAfter;
  return {
    delta,
    z,
    stuck,
    noise: raw.noise,
    spike: raw.spike,
    stream: raw.stream && {
      threshold: raw.stream.threshold,
      everyMs: raw.stream.every,
    },
    boost: raw.boost && {
      factor: raw.boost.factor,
      forMs: raw.boost.for,
    },
    bounds: {
      deltaMax: given(bounds.deltaMax, around(delta?.max)),
      sigmaFloor: given(bounds.sigmaFloor, [sigmaMin / boundFactor, sigmaMin * 4 * boundFactor]),
      zMax: given(bounds.zMax, zBounds),
      stuckAfterMs: stuckBounds
        ? [(stuckBounds.min ?? 0) * 1_000, (stuckBounds.max ?? 0) * 1_000]
        : around(stuck?.afterMs),
      streamThreshold: given(bounds.streamThreshold, streamBounds),
    },
  };
}

const around = (value: number | undefined): Range =>
  value === undefined ? [0, 0] : [value / boundFactor, value * boundFactor];

const given = (
  bound: { min: number | undefined; max: number | undefined } | undefined,
  other: Range,
): Range => (bound ? [bound.min ?? other[0], bound.max ?? other[1]] : other);

function checkWindow(windowMs: number, { at, path, tag }: DetectContext): void {
  const count = windowMs / tag.periodMs;
  const window = [...path, "detect", "delta"];
  if (count > deltaSamplesMax) {
    fault(
      at,
      window,
      `a window of ${windowMs} ms holds ${Math.floor(count)} readings, at most ${deltaSamplesMax} are kept; shorten it`,
    );
  } else if (count < deltaSamplesMin) {
    warn(
      at,
      window,
      `a window of ${windowMs} ms holds ${Math.floor(count)} readings; the rule needs ${deltaSamplesMin} and will stay silent`,
    );
  }
}
