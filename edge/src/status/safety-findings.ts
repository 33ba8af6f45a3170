/** What is not well with what protects: outputs, trips, rules, watchdogs. */
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { ControlStatus, OutputState } from "../hand-over.ts";
import type { Finding } from "./health.ts";
import type { ProblemCode } from "./problem-codes.ts";

export function safetyFindings(control: ControlStatus, atMs: number): Finding[] {
  return [
    ...control.outputs.flatMap((output) => outputFinding(output, control.outputs)),
    ...watchdogFindings(control),
    ...tripFindings(control),
    ...ruleFindings(control, atMs),
  ];
}

/** An output that does not do what it was ordered to; the loudest thing there is while a trip holds it. */
function outputFinding(output: OutputState, all: readonly OutputState[]): Finding[] {
  const { outcome, output: subject, state, rule, detail, held, attempts, sinceMs } = output;
  if (outcome !== OutputOutcome.FAILED) return [];
  const want = held ? `trip ${rule} wants it ${state}` : `it was to be ${state} after ${rule}`;
  const tried = attempts > 1 ? `, ${attempts} attempts` : "";
  const text = output.isWritten
    ? `output ${subject} DOES NOT FOLLOW: ${want}; ${detail}${tried}`
    : `output ${subject} CANNOT BE WRITTEN: ${want}; ${detail}${tried}`;
  const second = secondPathText(output, all);
  const remedy = output.remedy === "" ? "" : `; ${output.remedy}`;
  return [
    {
      code: output.isWritten ? "output-not-following" : "output-not-written",
      severity: held ? "critical" : "problem",
      subject,
      text: `${text}${second}${remedy}`,
      sinceMs,
    },
  ];
}

function secondPathText({ secondary, held }: OutputState, all: readonly OutputState[]): string {
  if (secondary === "") return held ? "; there is no second path: stop it by hand" : "";
  const second = all.find(({ output }) => output === secondary);
  const isDone = second?.outcome === OutputOutcome.VERIFIED;
  return isDone
    ? `; the second path ${secondary} ${second.state ? `is ${second.state}` : "has followed"} (${second.detail})`
    : `; the second path ${secondary} is not verified either: stop it by hand`;
}

const watchdogFindings = ({ unarmedConnections }: ControlStatus): Finding[] =>
  unarmedConnections.map((subject) => ({
    code: "watchdog-unarmed",
    severity: "problem",
    subject,
    text: `the I/O watchdog of ${subject} is not armed: its outputs would hold if this agent died`,
  }));

function tripFindings({ trips, resettableTrips, suppressedRules }: ControlStatus): Finding[] {
  return [
    ...trips.map(({ rule, cause, atMs, isSimulated }): Finding => {
      const isGone = resettableTrips.includes(rule);
      const what = isSimulated ? "tripped as a test" : `tripped: ${cause}`;
      const next = isGone ? "cause gone, may be reset" : "cause still there or not to be checked";
      const text = `${rule} ${what}; ${next}`;
      return { code: "trip-latched", severity: "warning", subject: rule, text, sinceMs: atMs };
    }),
    ...suppressedRules.map(({ rule, by, sinceMs, isBeyond }): Finding => {
      const hides = isBeyond ? ", although its own cause is there" : "";
      const text = `${rule} is kept quiet by ${by.join(", ")}${hides}`;
      return { code: "rule-suppressed", severity: "warning", subject: rule, text, sinceMs };
    }),
  ];
}

function ruleFindings({ safety, bypassedRules }: ControlStatus, atMs: number): Finding[] {
  const warning = (code: ProblemCode, subject: string, text: string): Finding => ({
    code,
    severity: "warning",
    subject,
    text,
  });
  const due = overdueTests(safety.proofTests, atMs);
  return [
    ...(safety.ruleCount > 0 && !safety.approved
      ? [
          warning(
            "rules-not-approved",
            "rules",
            "not approved: nobody stands for the safety rules that run",
          ),
        ]
      : []),
    ...bypassedRules.map((rule) => warning("rule-bypassed", rule, `${rule} is bypassed`)),
    ...safety.blindRules.map((rule) => warning("rule-blind", rule, `${rule} cannot see its cause`)),
    ...due.map(({ rule, lastAtMs }) =>
      warning(
        "proof-test-due",
        rule,
        lastAtMs === 0 ? `${rule} was never tested` : `the proof test of ${rule} is overdue`,
      ),
    ),
  ];
}

/** Never made, or its time is over; a test that failed is due at once. */
export const overdueTests = (
  tests: ControlStatus["safety"]["proofTests"],
  atMs: number,
): ControlStatus["safety"]["proofTests"] =>
  tests.filter(({ lastAtMs, dueAtMs }) => lastAtMs === 0 || (dueAtMs > 0 && dueAtMs < atMs));
