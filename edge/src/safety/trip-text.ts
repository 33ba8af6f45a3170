/** Trips in plant words. */
import { elementAt } from "@weir/contracts/elements.ts";
import { formatDuration } from "@weir/runtime/duration.ts";
import type { RuleSettings, TagSettings } from "../configuration/configuration.ts";
import { voteText } from "./vote.ts";

/** "pressure above 4 bar for 3s (4.36 bar)" */
export function beyondText(rule: RuleSettings, tag: TagSettings, value: number): string {
  const forText = rule.onDelayMs > 0 ? ` for ${formatDuration(rule.onDelayMs)}` : "";
  return `${tag.quantity} ${rule.direction} ${withUnit(rule.limit, tag)}${forText} (${withUnit(value, tag)})`;
}

export const blindText = (tag: TagSettings, why: string): string =>
  `${tag.quantity} cannot be measured: ${why}`;

/** "2oo3 pressure above 4 bar for 3s: PUMP/PT01 4.36 bar, PUMP/PT02 4.4 bar, PUMP/PT03 not measured" */
export function voteCauseText(
  rule: RuleSettings,
  channels: readonly { tag: TagSettings; value: number | undefined }[],
): string {
  const { tag } = elementAt(channels, 0);
  const forText = rule.onDelayMs > 0 ? ` for ${formatDuration(rule.onDelayMs)}` : "";
  const values = channels.map(({ tag: own, value }) =>
    value === undefined || Number.isNaN(value)
      ? `${own.id} not measured`
      : `${own.id} ${withUnit(value, own)}`,
  );
  return `${voteText(rule.vote)} ${tag.quantity} ${rule.direction} ${withUnit(rule.limit, tag)}${forText}: ${values.join(", ")}`;
}

/** How people write that a value has no unit. */
const unitless: ReadonlySet<string> = new Set(["", "-", "1"]);

export function withUnit(value: number, tag: TagSettings): string {
  const decimals =
    tag.resolution > 0 ? Math.max(0, Math.ceil(-Math.log10(tag.resolution) - 1e-9)) : 3;
  const text = String(Number(value.toFixed(decimals)));
  return unitless.has(tag.unit) || tag.unit === tag.quantity ? text : `${text} ${tag.unit}`;
}

/** "at most 3.9 mg/L": where a reading must lie for a reset. */
export const clearText = (rule: RuleSettings, tag: TagSettings): string =>
  rule.direction === "above"
    ? `at most ${withUnit(rule.limit - rule.deadband, tag)}`
    : `at least ${withUnit(rule.limit + rule.deadband, tag)}`;
