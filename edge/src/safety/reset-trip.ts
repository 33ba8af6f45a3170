/** Putting a tripped rule back into service: only by order, only when its cause is gone. */
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import type { Order } from "../hand-over.ts";
import type { RuleState } from "./rule-state.ts";
import { hourMs, type Instant, type RuleTable } from "./rule-table.ts";
import { answerTo, report, type SafetyEffect } from "./safety-effect.ts";
import { clearText } from "./trip-text.ts";
import { voteText } from "./vote.ts";

export const unknownRule = (id: string): string => `there is no rule "${id}"`;

export function resetTrip(
  table: RuleTable,
  order: Extract<Order, { kind: "reset-trip" }>,
  at: Instant & { veto: string | undefined },
): SafetyEffect[] {
  const state = table.find(order.rule);
  const refusal = !state
    ? unknownRule(order.rule)
    : !state.isLatched
      ? `${order.rule} is not latched`
      : order.by.trim() === ""
        ? "a reset needs the name of who asks for it"
        : (at.veto ?? resetRefusal(state, table, at));
  const { rule, by } = order;
  if (!state || refusal !== undefined) {
    const reason = refusal ?? "";
    const value = { rule, accepted: false, by, reason };
    return [report(at.nowMs, { case: "tripReset", value }), answerTo(order.ref, false, reason)];
  }
  table.unlatch(state);
  const value = { rule, accepted: true, by, reason: order.reason };
  return [
    { do: "persist" },
    ...handBack(table, state),
    report(at.nowMs, { case: "tripReset", value }),
    answerTo(order.ref, true, `${rule} was reset`),
  ];
}

/** Outputs that nothing holds are let go; one that a boost still wants goes to that value. */
function handBack(table: RuleTable, { rule }: RuleState): SafetyEffect[] {
  return rule.then.flatMap(({ output, value, afterReset }): SafetyEffect[] => {
    const holder = table.holderOf(output);
    if (!holder) return [{ do: "release", output, value: afterReset, rule: rule.index }];
    const held = present(holder.writes.find((write) => write.output === output));
    return held.value === value ? [] : [held];
  });
}

/** Why a latched rule may not be reset, or undefined. */
export function resetRefusal(
  state: RuleState,
  { configuration }: RuleTable,
  at: Instant,
): string | undefined {
  const { rule } = state;
  const tag = elementAt(configuration.tags, rule.tag);
  if (!state.isClear) {
    if (state.isVote) {
      return state.isBlind
        ? `the cause cannot be checked: too few channels of ${rule.id} have good readings`
        : `the cause is not gone: too few of the channels of ${rule.id} (${voteText(rule.vote)}) are ${clearText(rule, tag)}`;
    }
    return state.isBlind
      ? `the cause cannot be checked: ${tag.id} has no good reading`
      : `the cause is not gone: ${tag.id} must be ${clearText(rule, tag)}`;
  }
  const recent = state.tripsMs.filter((ms) => at.nowMs - ms < hourMs);
  if (recent.length <= rule.tripsPerHourMax) return undefined;
  const waitMin = Math.ceil((numberAt(recent, 0) + hourMs - at.nowMs) / 60_000);
  return `${recent.length} trips within an hour, at most ${rule.tripsPerHourMax} are allowed: find the cause; next reset in ${waitMin} min`;
}
