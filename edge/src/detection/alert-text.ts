/** Alerts in plant words. */
import { labelOr } from "@weir/contracts/enum-labels.ts";
import { formatDuration } from "@weir/runtime/duration.ts";
import type { TagSettings } from "../configuration/configuration.ts";
import { withUnit } from "../safety/trip-text.ts";
import { type AlertChange, AlertRule } from "./alert.ts";

export function alertText(change: AlertChange, tag: TagSettings): string {
  const name = tag.quantity;
  if (!change.isActive)
    return `${name}: ${labelOr(ruleNames, change.rule, "the unusual behaviour")} is over`;
  const { score, threshold } = change;
  switch (change.rule) {
    case AlertRule.DELTA:
      return `${name} changed by ${withUnit(score, tag)} within ${formatDuration(tag.detect.delta?.windowMs ?? 0)}, more than ${withUnit(threshold, tag)}`;
    case AlertRule.ROBUST_Z:
      return `${name} stepped to ${withUnit(change.value, tag)}, ${score.toFixed(1)} times its usual deviation`;
    case AlertRule.STUCK:
      return `${name} has stood at ${withUnit(change.value, tag)} for ${formatDuration(score * 1_000)}`;
    case AlertRule.NOISE:
      return `${name} is ${score.toFixed(1)} times as noisy as usual`;
    case AlertRule.SPIKE:
      return `${name} had ${Math.round(score)} spikes within a day`;
    case AlertRule.STREAM:
      return `${name} at ${withUnit(change.value, tag)} is unlike its past: ${Math.round(100 * score)} of 100, told from ${Math.round(100 * threshold)}`;
    default:
      return `${name} behaves unusually`;
  }
}

const ruleNames: Record<number, string> = {
  [AlertRule.DELTA]: "the fast change",
  [AlertRule.ROBUST_Z]: "the step",
  [AlertRule.STUCK]: "the standstill",
  [AlertRule.NOISE]: "the noise",
  [AlertRule.SPIKE]: "the run of spikes",
  [AlertRule.STREAM]: "the unusual course",
};
