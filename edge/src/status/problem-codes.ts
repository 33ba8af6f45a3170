/** The codes of everything that an edge can say is not well: stable, for programs. */
import { QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { type IntegrityCode, integrityCodes } from "@weir/runtime/integrity-log.ts";

type KnownReason = (typeof QualityReason)[keyof typeof QualityReason];

/** Why a tag has no good reading; a reason of a later version is "tag-not-good" as well. */
export const tagProblemCodes = {
  [QualityReason.NONE]: "tag-not-good",
  [QualityReason.DEVICE_FAILURE]: "tag-device-failure",
  [QualityReason.FUNCTION_CHECK]: "tag-function-check",
  [QualityReason.OUT_OF_SPECIFICATION]: "tag-out-of-specification",
  [QualityReason.MAINTENANCE_REQUIRED]: "tag-maintenance-required",
  [QualityReason.CURRENT_LOW]: "tag-current-low",
  [QualityReason.CURRENT_HIGH]: "tag-current-high",
  [QualityReason.CURRENT_UNCERTAIN]: "tag-current-uncertain",
  [QualityReason.OUT_OF_RANGE]: "tag-out-of-range",
  [QualityReason.NOT_A_NUMBER]: "tag-not-a-number",
  [QualityReason.UNKNOWN_CODE]: "tag-unknown-code",
  [QualityReason.REFUSED]: "tag-refused",
  [QualityReason.STALE]: "tag-stale",
  [QualityReason.NO_VALUE]: "tag-no-value",
  [QualityReason.FAR_OUT_OF_RANGE]: "tag-far-out-of-range",
  [QualityReason.DAMAGED]: "tag-damaged",
  [QualityReason.OVERLOADED]: "tag-overloaded",
  [QualityReason.NO_NUMBER]: "tag-no-number",
  [QualityReason.NO_ANSWER]: "tag-no-answer",
  [QualityReason.NO_CONNECTION]: "tag-no-connection",
  [QualityReason.NOT_READ_YET]: "tag-not-read-yet",
} as const satisfies Record<KnownReason, string>;

const integrityProblemCode = <Code extends IntegrityCode>(code: Code): `integrity-${Code}` =>
  `integrity-${code}`;

export const problemCodes = [
  "output-not-written",
  "output-not-following",
  "control-silent",
  "control-starting",
  "trips-not-stored",
  "connection-down",
  "connection-silent",
  "device-silent",
  "watchdog-unarmed",
  "trip-latched",
  "rule-suppressed",
  "rule-bypassed",
  "rule-blind",
  "rules-not-approved",
  "proof-test-due",
  "outbox-refused",
  "disk-full",
  "readings-dropped",
  "events-refused",
  "outbox-filling",
  "uplink-down",
  "uplink-fell",
  "sparkplug-down",
  "configuration-not-file",
  "configuration-taken-back",
  "clock-jumped",
  "analysis-stopped",
  "learned-lost",
  "learned-not-stored",
  ...Object.values(tagProblemCodes),
  ...integrityCodes.map(integrityProblemCode),
] as const;

export type ProblemCode = (typeof problemCodes)[number];
