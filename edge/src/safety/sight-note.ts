/** What a rule has to say of its channels without tripping: blind, seeing again, differing. */
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import { AlertRule } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { present } from "@weir/contracts/present.ts";
import { type Quality, reasons } from "../conditioning/quality.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { RuleState } from "./rule-state.ts";
import { report, type SafetyEffect } from "./safety-effect.ts";
import { withUnit } from "./trip-text.ts";
import { voteText } from "./vote.ts";

export interface Note {
  what: "blind" | "seeing" | "deviation";
  state: RuleState;
  channel: number;
  nowMs: number;
  quality: number;
  /** Code of `reasons`. */
  reason: number;
}

export function noteEvent(note: Note, configuration: Configuration): SafetyEffect {
  const { what, state, channel, nowMs } = note;
  const tag = elementAt(configuration.tags, numberAt(state.rule.vote.tags, channel));
  if (what === "deviation") return deviationEvent(note, tag);
  const { id, vote } = state.rule;
  const who = state.isVote ? `${id} (${voteText(vote)})` : id;
  const blind = state.isVote ? "lost a channel" : "is blind";
  const seeing = state.isVote ? "has its channel again" : "sees its tag again";
  const why = reasons[note.reason] || "no longer usable";
  const text = what === "blind" ? `${who} ${blind}: ${why}` : `${who} ${seeing}`;
  const value = { tag: tag.id, quality: note.quality as Quality, reason: text };
  return report(nowMs, { case: "quality", value });
}

function deviationEvent(
  { state, channel, nowMs }: Note,
  tag: Configuration["tags"][number],
): SafetyEffect {
  const { rule, watches } = state;
  const deviations = present(state.deviations);
  const watch = elementAt(watches, channel);
  const threshold = rule.vote.deviation * watch.span;
  const score = deviations.difference(channel) * watch.span;
  const active = deviations.isActive(channel);
  const against = `the other channels of ${rule.id} (${voteText(rule.vote)})`;
  const by = `${withUnit(score, tag)}, more than ${withUnit(threshold, tag)}`;
  const text = active
    ? `${tag.id} differs from ${against} by ${by}`
    : `${tag.id} agrees with ${against} again`;
  const value = {
    rule: AlertRule.DEVIATION,
    tag: tag.id,
    stage: tag.stage,
    active,
    value: watch.value,
    score,
    threshold,
    text,
  };
  return report(nowMs, { case: "alert", value });
}
