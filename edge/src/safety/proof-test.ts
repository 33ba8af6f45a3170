/**
 * Proof tests: a simulated trip, watched at the machine, and the verdict of who watched it. The verdict
 * may be worse than what the feedback showed, never better.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Order, SafetyStanding } from "../hand-over.ts";
import { unknownRule } from "./reset-trip.ts";
import type { RuleState } from "./rule-state.ts";
import type { Instant, RuleTable } from "./rule-table.ts";
import { answerTo, report, type SafetyEffect } from "./safety-effect.ts";

export function recordProofTest(
  table: RuleTable,
  order: Extract<Order, { kind: "record-proof-test" }>,
  at: Instant,
): SafetyEffect[] {
  const state = table.find(order.rule);
  const refusal = state ? refusalOf(state, order, table) : unknownRule(order.rule);
  if (!state?.simulation || refusal !== undefined) {
    return [answerTo(order.ref, false, refusal ?? "")];
  }
  const { rule, by, passed, note } = order;
  const { writtenAfterMs, verifiedAfterMs } = state.simulation;
  state.simulation = undefined;
  state.proofTest = { atMs: at.nowMs, by, passed, note };
  const dueAtMs = dueOf(state);
  const value = { rule, by, passed, note, writtenAfterMs, verifiedAfterMs, dueAtMs };
  return [
    { do: "persist" },
    report(at.nowMs, { case: "proofTest", value }),
    answerTo(order.ref, true, recordText(order, { writtenAfterMs, verifiedAfterMs })),
  ];
}

/** As the audit log keeps it. */
function recordText(
  { rule, passed, note }: Extract<Order, { kind: "record-proof-test" }>,
  { writtenAfterMs, verifiedAfterMs }: { writtenAfterMs: number; verifiedAfterMs: number },
): string {
  const verdict = passed ? "passed" : "FAILED";
  const verified =
    verifiedAfterMs > 0 ? `verified after ${Math.round(verifiedAfterMs)} ms` : "nothing verified";
  const said = note === "" ? "" : `: ${note}`;
  return `${rule} ${verdict}, written after ${writtenAfterMs.toFixed(2)} ms, ${verified}${said}`;
}

function refusalOf(
  { simulation, rule }: RuleState,
  { by, passed }: Extract<Order, { kind: "record-proof-test" }>,
  { configuration }: RuleTable,
): string | undefined {
  if (by.trim() === "") return "a proof test needs the name of who watched it";
  if (!simulation) return `simulate a trip of ${rule.id} first, and watch the machine`;
  if (!passed) return undefined;
  const names = (outputs: number[]) =>
    outputs.map((i) => elementAt(configuration.outputs, i).id).join(", ");
  const failed = [...simulation.failed];
  if (failed.length > 0) return `${names(failed)} did not follow: the test has not passed`;
  const open = rule.then.map(({ output }) => output).filter((i) => !simulation.verified.has(i));
  return open.length === 0 ? undefined : `${names(open)} is not verified yet`;
}

export function proofTestsOf({ states }: RuleTable): SafetyStanding["proofTests"] {
  return states
    .filter(({ rule, proofTest }) => rule.proofTestEveryMs !== undefined || proofTest)
    .map((state) => ({
      rule: state.rule.id,
      lastAtMs: state.proofTest?.atMs ?? 0,
      lastPassed: state.proofTest?.passed ?? false,
      dueAtMs: dueOf(state),
    }));
}

/** A test that failed is due again at once. */
function dueOf({ rule, proofTest }: RuleState): number {
  if (rule.proofTestEveryMs === undefined || !proofTest) return 0;
  return proofTest.passed ? proofTest.atMs + rule.proofTestEveryMs : proofTest.atMs;
}
