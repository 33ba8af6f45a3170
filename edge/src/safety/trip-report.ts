/** A trip in words, after its writes. */

import { strict as assert } from "node:assert";
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import { reasons } from "../conditioning/quality.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { RuleState } from "./rule-state.ts";
import { hourMs } from "./rule-table.ts";
import type { SafetyEffect } from "./safety-effect.ts";
import { beyondText, blindText, voteCauseText } from "./trip-text.ts";

/** Completes the latch of a fresh trip; returns its report. */
export function concludeTrip(state: RuleState, { tags, outputs }: Configuration): SafetyEffect {
  const { rule, fresh } = state;
  assert(fresh.isWaiting);
  fresh.isWaiting = false;
  const { nowMs, value, isFirstOut, isSimulated, sampledAtMs } = fresh;
  const cause = fresh.cause ?? causeOf(state, tags);
  state.latch = { atMs: nowMs, cause, value, isFirstOut, isSimulated };
  state.tripsMs = [...state.tripsMs.filter((ms) => nowMs - ms < hourMs), nowMs];
  const tag = elementAt(
    tags,
    numberAt(rule.vote.tags, fresh.cause === undefined ? fresh.channel : 0),
  );
  const body = {
    case: "trip" as const,
    value: {
      rule: rule.id,
      group: rule.group,
      tag: tag.id,
      stage: tag.stage,
      cause,
      value,
      limit: rule.limit,
      firstOut: isFirstOut,
      sampledAtMs,
      outputs: rule.then.map(({ output }) => elementAt(outputs, output).id),
      simulated: isSimulated,
    },
  };
  return { do: "report", event: { atMs: nowMs, body }, tripOf: rule.index };
}

function causeOf(state: RuleState, tags: Configuration["tags"]): string {
  const { rule, fresh } = state;
  const tag = elementAt(tags, numberAt(rule.vote.tags, fresh.channel));
  const why = reasons[fresh.reason] || "unknown";
  if (state.isVote) {
    const channels = state.watches.map((watch, i) => ({
      tag: elementAt(tags, numberAt(rule.vote.tags, i)),
      value: watch.isBlind ? undefined : watch.value,
    }));
    return voteCauseText(rule, channels);
  }
  return fresh.isBlind ? blindText(tag, why) : beyondText(rule, tag, fresh.value);
}
