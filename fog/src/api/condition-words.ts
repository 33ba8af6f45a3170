/** Why a tag has no good reading, in the words that operators know. */
import { labelOr } from "@weir/contracts/enum-labels.ts";
import type { TagCondition } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";

const words: Record<QualityReason, string> = {
  [QualityReason.NONE]: "not good",
  [QualityReason.DEVICE_FAILURE]: "the device reports a failure",
  [QualityReason.FUNCTION_CHECK]: "in test or calibration",
  [QualityReason.OUT_OF_SPECIFICATION]: "the device is out of its specification",
  [QualityReason.MAINTENANCE_REQUIRED]: "the device asks for maintenance",
  [QualityReason.CURRENT_LOW]: "the current is too low: broken wire or failed sensor",
  [QualityReason.CURRENT_HIGH]: "the current is too high: short circuit or failed sensor",
  [QualityReason.CURRENT_UNCERTAIN]: "the current is outside its range",
  [QualityReason.OUT_OF_RANGE]: "outside the measuring range",
  [QualityReason.NOT_A_NUMBER]: "not a number",
  [QualityReason.UNKNOWN_CODE]: "a code that its map does not know",
  [QualityReason.REFUSED]: "the device refuses to answer",
  [QualityReason.STALE]: "no reading in time",
  [QualityReason.NO_VALUE]: "the device marks it as having no value",
  [QualityReason.FAR_OUT_OF_RANGE]: "so far outside the measuring range that it cannot be",
  [QualityReason.DAMAGED]: "damaged or lost on the line",
  [QualityReason.OVERLOADED]: "the edge could not work it out in time",
  [QualityReason.NO_NUMBER]: "the device shows something that is no number",
  [QualityReason.NO_ANSWER]: "the device does not answer",
  [QualityReason.NO_CONNECTION]: "there is no connection to the device",
  [QualityReason.NOT_READ_YET]: "not read yet since the edge began",
};

export function conditionWords({ reason, detail }: TagCondition): string {
  const known = labelOr(words, reason, words[QualityReason.NONE]);
  return detail ? `${known}: ${detail}` : known;
}
