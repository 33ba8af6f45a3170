/** A device's status word, and what it means for the readings that come with it. */
import type { Ne107, StatusSettings } from "../configuration/configuration.ts";
import type { Conditioned } from "./condition.ts";
import { Quality, reason } from "./quality.ts";

const reasonOf: Record<Ne107, number> = {
  failure: reason.deviceFailure,
  function_check: reason.functionCheck,
  out_of_specification: reason.outOfSpecification,
  maintenance_required: reason.maintenance,
};

/** Most serious first. */
const order: readonly Ne107[] = [
  "failure",
  "function_check",
  "out_of_specification",
  "maintenance_required",
];

/** Code of `reasons` for a status word: the most serious state whose bit is set. */
export function statusReason(settings: Pick<StatusSettings, "bits">, word: number): number {
  for (const state of order) {
    for (const [bit, meaning] of settings.bits) {
      if (meaning === state && ((word >> bit) & 1) === 1) return reasonOf[state];
    }
  }
  return reason.good;
}

/** Lowers the quality of a reading to what its device says of itself. */
export function applyStatus(status: number, result: Conditioned): void {
  switch (status) {
    case reason.deviceFailure:
    case reason.functionCheck:
      result.value = Number.NaN;
      result.quality = Quality.BAD;
      result.reason = status;
      return;
    case reason.outOfSpecification:
      if (result.quality === Quality.GOOD) {
        result.quality = Quality.UNCERTAIN;
        result.reason = status;
      }
      return;
    case reason.maintenance:
      if (result.reason === reason.good) result.reason = status;
      return;
    default:
  }
}
