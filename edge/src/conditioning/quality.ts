/** Quality of a reading, as one byte; the numbers are those of tag.proto. */
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";

export { Quality };

/** Why a reading is not good, most serious first where several apply. Index = code = QualityReason of tag.proto. */
export const reasons = [
  "",
  "failure: the device reports a failure",
  "function check: the device is in test or calibration",
  "out of specification: the device says so",
  "maintenance required",
  "failure: signal below 3.6 mA (NAMUR NE 43)",
  "failure: signal above 21 mA (NAMUR NE 43)",
  "out of specification: signal between failure and range (NAMUR NE 43)",
  "out of specification: outside the measuring range",
  "failure: not a number",
  "failure: a code that the map does not know",
  "failure: the device refused the request",
  "failure: no reading in time",
  "failure: the device marks the value as none",
  "failure: far outside the measuring range",
  "failure: data was damaged or lost on the line",
  "failure: the edge could not work it out in time",
  "failure: the device shows no number",
  "failure: the device does not answer",
  "failure: no connection",
  "not read yet",
] as const;

export const reason = {
  good: 0,
  deviceFailure: 1,
  functionCheck: 2,
  outOfSpecification: 3,
  maintenance: 4,
  currentLow: 5,
  currentHigh: 6,
  currentUncertain: 7,
  range: 8,
  notANumber: 9,
  unknownCode: 10,
  refused: 11,
  stale: 12,
  none: 13,
  impossible: 14,
  damaged: 15,
  overloaded: 16,
  noNumber: 17,
  noAnswer: 18,
  noConnection: 19,
  notReadYet: 20,
} as const;

/** "failure: the device refused the request: exception 2: illegal data address" */
export const reasonText = (code: number, detail: string): string =>
  `${reasons[code] ?? ""}${detail === "" ? "" : `: ${detail}`}`;
