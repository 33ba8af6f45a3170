/** A trip on order: the whole chain acts as it would, and what the machine does is noted. */
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Order } from "../hand-over.ts";
import { unknownRule } from "./reset-trip.ts";
import type { RuleState } from "./rule-state.ts";
import type { Instant, RuleTable } from "./rule-table.ts";
import { answerTo, noWrites, type SafetyEffect, type WriteEffect } from "./safety-effect.ts";

export function simulateTrip(
  table: RuleTable,
  order: Extract<Order, { kind: "simulate-trip" }>,
  at: Instant & { veto: string | undefined },
): { writes: readonly WriteEffect[]; answer: SafetyEffect } {
  const state = table.find(order.rule);
  const refusal = !state
    ? unknownRule(order.rule)
    : state.isLatched
      ? `${order.rule} is latched already`
      : table.bypasses.isActive(state.rule.index, at.monotonicMs)
        ? `${order.rule} is bypassed`
        : at.veto;
  if (!state || refusal !== undefined) {
    return { writes: noWrites, answer: answerTo(order.ref, false, refusal ?? "") };
  }
  const { nowMs } = at;
  const cause = `simulated by ${order.by}: ${order.reason}`;
  const told = { value: Number.NaN, nowMs, sampledAtMs: nowMs, isSimulated: true, cause };
  Object.assign(state.fresh, told);
  state.simulation = {
    writtenAfterMs: 0,
    verifiedAfterMs: 0,
    verified: new Set(),
    failed: new Set(),
  };
  const writes = table.latch(state);
  return { writes, answer: answerTo(order.ref, true, `${order.rule} tripped`) };
}

/** What became of one output. */
export interface OutputNews {
  output: number;
  outcome: OutputOutcome;
  /** Since the decision, plant clock. */
  afterMs: number;
}

export function noteOutcome({ simulation, fresh }: RuleState, what: OutputNews): void {
  if (!simulation || !fresh.isSimulated) return;
  if (what.outcome === OutputOutcome.FAILED) simulation.failed.add(what.output);
  if (what.outcome !== OutputOutcome.VERIFIED || simulation.verified.has(what.output)) return;
  simulation.verified.add(what.output);
  simulation.verifiedAfterMs = Math.max(simulation.verifiedAfterMs, what.afterMs);
}
