/** One row for each problem that an edge can have: what brings it about, and what no surface may leave out. */
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { Quality, QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { ControlStatus, OutputState, Problem, TagCondition } from "../src/hand-over.ts";
import { controlSilenceMaxMs } from "../src/status/agent-findings.ts";
import type { ProblemCode } from "../src/status/problem-codes.ts";
import type { SnapshotFacts } from "../src/uplink/uplink-snapshot.ts";
import { startMs } from "./edge-rig.ts";
import { idleControl } from "./idle-control.ts";

export const sinceMs = startMs - 90_000;

const pump: OutputState = {
  output: "SPEED",
  outcome: OutputOutcome.FAILED,
  state: "0",
  rule: "P-HIGH",
  held: true,
  detail: "not written: exception 1: illegal function (functions 6 and 16)",
  remedy: "the device cannot be written there: check the table in `write`",
  isWritten: false,
  writtenAtMs: 0,
  attempts: 73,
  secondary: "",
  sinceMs,
};

export const tag = (name: string, reason: QualityReason, more: Partial<TagCondition> = {}) => ({
  tag: `DEV/${name}`,
  device: "DEV",
  connection: "m",
  quality: Quality.BAD,
  reason,
  detail: "",
  remedy: "",
  sinceMs,
  lastGoodMs: 0,
  ...more,
});

export const link = {
  id: "m",
  connection: "m",
  place: "10.0.8.11:502",
  isOpen: false,
  text: "ECONNREFUSED",
  sinceMs,
};
export const withControl = (more: Partial<ControlStatus>) => ({
  control: { ...idleControl, ...more },
});
const withSafety = (more: Partial<ControlStatus["safety"]>) =>
  withControl({ safety: { ...idleControl.safety, ...more } });
const outboxOf = (well: SnapshotFacts, more: Partial<SnapshotFacts["outbox"]>) => ({
  outbox: { ...well.outbox, ...more },
});
const own = (code: ProblemCode, severity: Problem["severity"], subject: string): Problem => ({
  ...{ code, severity, subject, sinceMs },
  text: `${subject} <is> not well`,
});

export interface Row {
  facts: (well: SnapshotFacts) => Partial<SnapshotFacts>;
  severity: Problem["severity"];
  subject: string;
  /** Words that no surface may leave out. */
  says: readonly string[];
  /** As its severity has it, when left out. */
  logLevel?: "info";
}

/** A trouble that is found elsewhere and told as it is. */
const told = (
  code: ProblemCode,
  { severity, subject, by }: Pick<Problem, "severity" | "subject"> & { by: "agent" | "control" },
): Row => {
  const troubles = [own(code, severity, subject)];
  return {
    facts: () => (by === "agent" ? { troubles } : withControl({ troubles })),
    ...{ severity, subject, says: [subject] },
  };
};

/** One tag that cannot be used for that reason. */
const badTag = (
  reason: QualityReason,
  says: readonly string[],
  more: Partial<TagCondition> & { severity?: Problem["severity"] } = {},
): Row => {
  const { severity = "problem", ...condition } = more;
  return {
    facts: () => withControl({ conditions: [tag("A", reason, condition)] }),
    ...{ severity, subject: "DEV/A", says },
  };
};

const late = { severity: "warning", by: "agent" } as const;
const uncertain = { quality: Quality.UNCERTAIN, severity: "warning" } as const;

/** One for each code that there is. */
export const rows: Record<ProblemCode, Row> = {
  "output-not-written": {
    facts: () => withControl({ outputs: [pump] }),
    severity: "critical",
    subject: "SPEED",
    says: ["CANNOT BE WRITTEN", "P-HIGH", "exception 1", "73 attempts", "`write`", "by hand"],
  },
  "output-not-following": {
    facts: () =>
      withControl({ outputs: [{ ...pump, isWritten: true, detail: "feedback shows 1" }] }),
    severity: "critical",
    subject: "SPEED",
    says: ["DOES NOT FOLLOW", "feedback shows 1"],
  },
  "control-silent": {
    facts: () => ({ controlSilentMs: controlSilenceMaxMs + 1 }),
    severity: "critical",
    subject: "control",
    says: ["does not report"],
  },
  "control-starting": {
    facts: () => ({ control: undefined }),
    severity: "problem",
    subject: "control",
    says: ["starting", "has not reported yet"],
    logLevel: "info",
  },
  "trips-not-stored": told("trips-not-stored", {
    severity: "critical",
    subject: "latched-trips",
    by: "control",
  }),
  "connection-down": {
    facts: () => withControl({ silentConnections: [link] }),
    severity: "problem",
    subject: "m",
    says: ["m is not connected: ECONNREFUSED (10.0.8.11:502)", "nothing listens there"],
  },
  "connection-silent": {
    facts: () => withControl({ silentConnections: [{ ...link, isOpen: true, text: "no answer" }] }),
    severity: "problem",
    subject: "m",
    says: ["nothing answers", "no answer"],
  },
  "device-silent": {
    facts: () => withControl({ silentDevices: [{ ...link, id: "DEV", text: "no answer" }] }),
    severity: "problem",
    subject: "DEV",
    says: ["m: no answer from DEV"],
  },
  "tag-refused": {
    facts: () =>
      withControl({
        conditions: ["A", "B", "C", "D", "E", "F", "G"].map((name) =>
          tag(name, QualityReason.REFUSED, {
            detail: "exception 3: illegal data value (36 registers from holding:0)",
            remedy: "set `maxRegisters` of the device below 36",
          }),
        ),
      }),
    severity: "problem",
    subject: "DEV",
    says: ["DEV/A", "and 2 more", "refused", "exception 3", "36 registers", "`maxRegisters`"],
  },
  "tag-not-a-number": {
    facts: () => withControl({ conditions: [tag("A", QualityReason.NOT_A_NUMBER)] }),
    severity: "problem",
    subject: "DEV/A",
    says: ["not a number"],
  },
  "tag-far-out-of-range": {
    facts: () =>
      withControl({
        conditions: [tag("A", QualityReason.FAR_OUT_OF_RANGE, { detail: "90, range 0 to 14" })],
      }),
    severity: "problem",
    subject: "DEV/A",
    says: ["far outside", "90, range 0 to 14"],
  },
  "tag-unknown-code": {
    facts: () =>
      withControl({ conditions: [tag("A", QualityReason.UNKNOWN_CODE, { detail: "code 7" })] }),
    severity: "problem",
    subject: "DEV/A",
    says: ["code 7"],
  },
  "tag-stale": {
    facts: () =>
      withControl({ conditions: [tag("A", QualityReason.STALE, { quality: Quality.STALE })] }),
    severity: "problem",
    subject: "DEV/A",
    says: ["no reading in time"],
  },
  "tag-no-answer": {
    facts: () =>
      withControl({
        conditions: [tag("A", QualityReason.NO_ANSWER, { detail: "no answer within 500 ms" })],
      }),
    severity: "problem",
    subject: "DEV/A",
    says: ["does not answer", "500 ms"],
  },
  "tag-current-low": {
    facts: () =>
      withControl({ conditions: [tag("A", QualityReason.CURRENT_LOW, { detail: "3.2 mA" })] }),
    severity: "problem",
    subject: "DEV/A",
    says: ["3.2 mA"],
  },
  "tag-not-good": badTag(QualityReason.NONE, ["DEV/A", "a reason that it does not name"]),
  "tag-device-failure": badTag(QualityReason.DEVICE_FAILURE, ["reports a failure"]),
  "tag-function-check": badTag(QualityReason.FUNCTION_CHECK, ["in test or calibration"], {
    severity: "warning",
  }),
  "tag-out-of-specification": badTag(
    QualityReason.OUT_OF_SPECIFICATION,
    ["uncertain", "the device says so"],
    uncertain,
  ),
  "tag-maintenance-required": badTag(
    QualityReason.MAINTENANCE_REQUIRED,
    ["uncertain", "maintenance required"],
    uncertain,
  ),
  "tag-current-high": badTag(QualityReason.CURRENT_HIGH, ["21.4 mA"], { detail: "21.4 mA" }),
  "tag-current-uncertain": badTag(
    QualityReason.CURRENT_UNCERTAIN,
    ["between failure and range", "3.7 mA"],
    { ...uncertain, detail: "3.7 mA" },
  ),
  "tag-no-value": badTag(QualityReason.NO_VALUE, ["marks the value as none"]),
  "tag-damaged": badTag(QualityReason.DAMAGED, ["damaged or lost on the line"]),
  "tag-overloaded": badTag(QualityReason.OVERLOADED, ["could not work it out in time"]),
  "tag-no-number": badTag(QualityReason.NO_NUMBER, ["shows no number"]),
  "tag-no-connection": badTag(QualityReason.NO_CONNECTION, ["no connection"]),
  "tag-out-of-range": {
    facts: () =>
      withControl({
        conditions: [tag("A", QualityReason.OUT_OF_RANGE, { quality: Quality.UNCERTAIN })],
      }),
    severity: "warning",
    subject: "DEV/A",
    says: ["outside the measuring range"],
  },
  "tag-not-read-yet": {
    facts: () =>
      withControl({
        conditions: [tag("A", QualityReason.NOT_READ_YET, { quality: Quality.STALE })],
      }),
    severity: "warning",
    subject: "DEV/A",
    says: ["not read yet"],
  },
  "watchdog-unarmed": {
    facts: () => withControl({ unarmedConnections: ["m"] }),
    severity: "problem",
    subject: "m",
    says: ["watchdog of m is not armed"],
  },
  "trip-latched": {
    facts: () =>
      withControl({
        latchedTrips: ["P-HIGH"],
        trips: [{ rule: "P-HIGH", cause: "pressure above 9", atMs: sinceMs, isSimulated: false }],
      }),
    severity: "warning",
    subject: "P-HIGH",
    says: ["pressure above 9"],
  },
  "rule-suppressed": {
    facts: () =>
      withControl({ suppressedRules: [{ rule: "LOW", by: ["HIGH"], sinceMs, isBeyond: true }] }),
    severity: "warning",
    subject: "LOW",
    says: ["kept quiet by HIGH", "its own cause is there"],
  },
  "rule-bypassed": {
    facts: () => withControl({ bypassedRules: ["LOW"] }),
    severity: "warning",
    subject: "LOW",
    says: ["LOW is bypassed"],
  },
  "rule-blind": {
    facts: () => withSafety({ blindRules: ["LOW"] }),
    severity: "warning",
    subject: "LOW",
    says: ["cannot see its cause"],
  },
  "rules-not-approved": {
    facts: () => withSafety({ ruleCount: 1 }),
    severity: "warning",
    subject: "rules",
    says: ["nobody stands for"],
  },
  "proof-test-due": {
    facts: () =>
      withSafety({ proofTests: [{ rule: "LOW", lastAtMs: 0, lastPassed: false, dueAtMs: 0 }] }),
    severity: "warning",
    subject: "LOW",
    says: ["LOW was never tested"],
  },
  "outbox-refused": {
    facts: (well) => outboxOf(well, { trouble: "database or disk is full" }),
    severity: "problem",
    subject: "outbox",
    says: ["database or disk is full"],
  },
  "disk-full": {
    facts: (well) => outboxOf(well, { freeDiskBytes: 0 }),
    severity: "problem",
    subject: "disk",
    says: ["the disk is full", "0.0 MiB left"],
  },
  "readings-dropped": {
    facts: (well) => ({ ledger: { ...well.ledger, dropped: well.ledger.dropped + 40 } }),
    severity: "problem",
    subject: "outbox",
    says: ["dropped", "40"],
  },
  "events-refused": {
    facts: (well) => outboxOf(well, { refusedEvents: 3 }),
    severity: "problem",
    subject: "outbox",
    says: ["3 events"],
  },
  "outbox-filling": {
    facts: (well) => outboxOf(well, { bytes: 0.9 * well.outbox.quotaBytes }),
    severity: "warning",
    subject: "outbox",
    says: ["90 % full"],
  },
  "uplink-down": {
    facts: (well) => ({ link: { ...well.link, state: "offline", trouble: "ECONNREFUSED" } }),
    severity: "warning",
    subject: "fog",
    says: ["no connection to the fog", "ECONNREFUSED"],
  },
  "configuration-not-file": {
    facts: () => withControl({ configurationTrouble: "line 3 is none" }),
    severity: "problem",
    subject: "configuration",
    says: ["line 3 is none"],
  },
  "configuration-taken-back": {
    facts: () =>
      withControl({
        configuration: {
          state: "rolled-back",
          sha256: "b",
          running: "a",
          reason: "no reading from D12",
          atMs: sinceMs,
        },
      }),
    severity: "problem",
    subject: "configuration",
    says: ["no reading from D12"],
  },
  "uplink-fell": told("uplink-fell", { severity: "problem", subject: "uplink", by: "agent" }),
  "sparkplug-down": told("sparkplug-down", { ...late, subject: "sparkplug" }),
  "analysis-stopped": told("analysis-stopped", {
    severity: "problem",
    subject: "vibration",
    by: "control",
  }),
  "learned-lost": told("learned-lost", { ...late, subject: "detection", by: "control" }),
  "learned-not-stored": told("learned-not-stored", {
    ...late,
    subject: "detection",
    by: "control",
  }),
  "clock-jumped": told("clock-jumped", { ...late, subject: "clock", by: "control" }),
  "integrity-gap": told("integrity-gap", { ...late, subject: "fog" }),
  "integrity-conflict": told("integrity-conflict", {
    severity: "problem",
    subject: "fog",
    by: "agent",
  }),
  "integrity-set-back": told("integrity-set-back", { ...late, subject: "fog" }),
  "integrity-clone": told("integrity-clone", { severity: "problem", subject: "fog", by: "agent" }),
  "integrity-damaged": told("integrity-damaged", { ...late, subject: "edge.db" }),
  "integrity-lost": told("integrity-lost", { ...late, subject: "edge.db" }),
  "integrity-restored": told("integrity-restored", { ...late, subject: "data" }),
  "integrity-audit": told("integrity-audit", {
    severity: "problem",
    subject: "audit",
    by: "agent",
  }),
};
