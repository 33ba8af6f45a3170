import type { Order } from "../hand-over.ts";
import { unknownRule } from "./reset-trip.ts";
import type { Instant, RuleTable } from "./rule-table.ts";
import { answerTo, bypassReport, type SafetyEffect } from "./safety-effect.ts";

/** Takes a rule out of service for a while, or puts it back. */
export function bypassOrder(
  table: RuleTable,
  order: Extract<Order, { kind: "set-bypass" }>,
  at: Instant,
): SafetyEffect[] {
  const state = table.find(order.rule);
  if (!state) return [answerTo(order.ref, false, unknownRule(order.rule))];
  const { rule } = state;
  const result = order.active
    ? table.bypasses.set(rule, order, at)
    : table.bypasses.end(rule, at.monotonicMs);
  if (!result.ok) return [answerTo(order.ref, false, result.reason)];
  if (!order.active) state.forget();
  const { by, reason, active } = order;
  const { expiresAtMs } = result;
  return [
    { do: "persist" },
    bypassReport(at.nowMs, { rule: rule.id, active, by, reason, expiresAtMs }),
    answerTo(order.ref, true, active ? `${rule.id} is bypassed` : `${rule.id} is armed again`),
  ];
}
