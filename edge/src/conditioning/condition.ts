/** A tag's raw number to its value and quality. */

import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";
import type { TagSettings } from "../configuration/configuration.ts";
import { Quality, reason } from "./quality.ts";

/*
  NAMUR NE 43: measurement 3.8 to 20.5 mA; at most 3.6 or at least 21.0 mA is a failure; what lies
  between is neither.
*/
export const currentFailureLowMa = 3.6;
export const currentLowMa = 3.8;
export const currentHighMa = 20.5;
export const currentFailureHighMa = 21.0;

/**
 * A value may lie this share of the range outside it and be doubtful; further out it is impossible,
 * as a current beyond 21 mA is.
 */
export const overrangeShare = 0.1;

/** What devices write for a value they do not have, when it lies outside the range. */
const noValueCodes: Partial<Record<TagSettings["type"], number>> = {
  int16: -0x8000,
  uint16: 0xffff,
  int32: -0x80000000,
  uint32: 0xffffffff,
};

/** Outcome of the last call; one object for all tags, so the hot path makes no garbage. */
export interface Conditioned {
  value: number;
  quality: number;
  reason: number;
}

const { GOOD, UNCERTAIN, BAD } = {
  GOOD: Quality.GOOD as number,
  UNCERTAIN: Quality.UNCERTAIN as number,
  BAD: Quality.BAD as number,
};

/** Writes the conditioned reading of `raws[place]` into `result`. A bad reading has no value: NaN. */
export type ColumnConditioner = (raws: Float64Array, place: number, result: Conditioned) => void;

/** The same of a number by itself. */
export function conditionerOf(tag: TagSettings): (raw: number, result: Conditioned) => void {
  const condition = columnConditionerOf(tag);
  const one = new Float64Array(1);
  return (raw, result) => {
    one[0] = raw;
    condition(one, 0, result);
  };
}

export function columnConditionerOf(tag: TagSettings): ColumnConditioner {
  const { scale, offset, min, max } = tag;
  const shift = tag.mask === undefined ? 0 : lowestBit(tag.mask);
  const { resolution } = tag;
  const perUnit = stepsPerUnit(resolution);
  const isCurrent = tag.signal === "4-20mA";
  const noValue = tag.mask === undefined ? noValueCodes[tag.type] : undefined;
  const margin = overrangeShare * (max - min);
  return (raws, place, result) => {
    const raw = f64(raws, place);
    let x = raw;
    if (tag.mask !== undefined) x = (x & tag.mask) >>> shift;
    if (tag.map !== undefined) {
      const mapped = tag.map.get(x);
      if (mapped === undefined) return fail(result, reason.unknownCode);
      x = mapped;
    }
    if (!Number.isFinite(x)) return fail(result, reason.notANumber);
    x = x * scale + offset;
    result.quality = GOOD;
    result.reason = reason.good;
    if (isCurrent) {
      // A count times a scale is rarely exact: 3600 × 0.001 must still be 3.6.
      const currentMa = Math.round(x * 1e6) / 1e6;
      if (currentMa <= currentFailureLowMa) return fail(result, reason.currentLow);
      if (currentMa >= currentFailureHighMa) return fail(result, reason.currentHigh);
      if (currentMa < currentLowMa || currentMa > currentHighMa) {
        result.quality = UNCERTAIN;
        result.reason = reason.currentUncertain;
      }
      x = min + ((currentMa - 4) / 16) * (max - min);
    } else if (x < min || x > max) {
      if (raw === noValue) return fail(result, reason.none);
      if (x < min - margin || x > max + margin) return fail(result, reason.impossible);
      result.quality = UNCERTAIN;
      result.reason = reason.range;
    }
    if (perUnit > 0) x = Math.round(x * perUnit) / perUnit;
    else if (resolution > 0) x = Math.round(x / resolution) * resolution;
    result.value = x;
  };
}

function fail(result: Conditioned, why: number): void {
  result.value = Number.NaN;
  result.quality = BAD;
  result.reason = why;
}

function lowestBit(mask: number): number {
  assert(mask > 0);
  return 31 - Math.clz32(mask & -mask);
}

/** Whole steps to one unit where there are; a power of ten is divided by, so that 0.1 steps give 0.3 and not 0.30000000000000004. */
function stepsPerUnit(resolution: number): number {
  if (resolution === 0) return 0;
  const perUnit = 1 / resolution;
  const whole = Math.round(perUnit);
  return whole >= 1 && Math.abs(perUnit - whole) < 1e-9 * perUnit ? whole : 0;
}
