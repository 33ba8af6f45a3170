/** A tag of a vibration sensor: which feature it is, and what follows from that. */
import {
  featureNames,
  featureScale,
  needsBearing,
} from "@weir/detectors/vibration/machine-features.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import type { GivenTag } from "./document-tag.ts";
import type { MachineSettings } from "./machine-settings.ts";
import { highestHz, lineHz } from "./resolve-machine.ts";
import type { TagContext } from "./resolve-tag.ts";
import { fault } from "./resolving.ts";

const keyword = /^feature\s+(\S+)$/;
const registerKeys = ["type", "byteOrder", "bit", "mask", "map", "signal"] as const;
const resolution = 0.001;
/** Lines and octaves need some seconds after a start or a gap: they are stale later than other tags. */
const gatheredStaleAfterMs = 10_000;
const isGathered = (name: string): boolean =>
  !/\.(rms|peak|crest|kurtosis)$|^(rms|zone)$/.test(name);

export interface FeatureTag {
  /** One of `featureNames`. */
  field: string;
  /** With range, unit and kind where the tag names none. */
  raw: GivenTag;
}

/** undefined when nothing can be made of it; the faults are noted. */
export function resolveFeature(
  raw: GivenTag,
  machine: MachineSettings | undefined,
  { at, path }: Pick<TagContext, "at" | "path">,
): FeatureTag | undefined {
  const field = keyword.exec(raw.read ?? "")?.[1];
  if (field === undefined) {
    return fault(
      at,
      raw.read === undefined ? path : [...path, "read"],
      `${raw.read === undefined ? '"read" is missing' : `"${raw.read}" is no feature`}: a vibration sensor's tags are read as "feature x.rms", "feature zone", …`,
    );
  }
  if (!featureNames.includes(field)) {
    const guess = nearestName(field, featureNames);
    const known =
      "known: x, y, z with .rms, .peak, .crest, .kurtosis, .1x, .2x, .3x-10x, .bpfo, .bpfi, .bsf, .ftf (each also as .bpfo-ratio), .wavelet1 to .wavelet6; rms; zone";
    return fault(
      at,
      [...path, "read"],
      `there is no feature "${field}"; ${guess ? `did you mean ${guess}?` : known}`,
    );
  }
  const own = { ...raw };
  for (const key of registerKeys) {
    if (own[key] === undefined) continue;
    fault(at, [...path, key], `a feature has no ${key}; leave it out`);
    delete own[key];
  }
  // What is wrong with the machine was noted there.
  if (!machine) return undefined;
  checkLine(field, machine, { at, path });
  const { min, max, unit, kind } = featureScale(field, machine.fullScaleMmS);
  const staleAfter = isGathered(field)
    ? { staleAfter: Math.max(gatheredStaleAfterMs, 3 * (own.every ?? 0)) }
    : {};
  return {
    field,
    raw: {
      ...staleAfter,
      min,
      max,
      unit,
      kind,
      resolution,
      ...own,
      ...(field === "rms" && { limits: limitsOf(own, machine) }),
      type: "float64",
    },
  };
}

/** Where nothing is said, the level at which the machine must be stopped. */
const limitsOf = (
  { limits }: GivenTag,
  machine: MachineSettings,
): NonNullable<GivenTag["limits"]> => ({
  hardLow: limits?.hardLow,
  hardHigh: limits?.hardHigh ?? machine.limits.trip,
  onDelay: limits?.onDelay ?? 0,
  deadband: limits?.deadband ?? 0,
});

function checkLine(
  field: string,
  machine: MachineSettings,
  { at, path }: Pick<TagContext, "at" | "path">,
): void {
  if (needsBearing(field) && !machine.bearing) {
    fault(
      at,
      [...path, "read"],
      `${field} needs the bearing's geometry: add machine.bearing: {balls, ball, pitch, angle}`,
    );
    return;
  }
  const hz = lineHz(field, machine);
  if (hz === undefined || hz <= highestHz) return;
  fault(
    at,
    [...path, "read"],
    `${field} lies at ${hz.toFixed(0)} Hz at ${machine.rpm} turns a minute, above ${highestHz} Hz, the highest a sensor of 1 kHz shows; leave the tag out`,
  );
}
