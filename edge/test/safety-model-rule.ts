/** What each rule must do with one reading, told again in the plainest way: the yardstick of safety-model.ts. */
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { Quality } from "../src/conditioning/quality.ts";
import { configurationOf } from "./control-rig.ts";

export const configuration = configurationOf(`
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}}
devices:
  - id: D
    connection: plc
    tags:
      CL: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 10}
      PH: {read: "holding:1", type: int16, scale: 0.01, min: 0, max: 14}
outputs:
  pump: {write: "coil plc/1:0", safe: off}
  valve: {write: "coil plc/1:1", safe: on}
safety:
  - {id: HIGH, group: g, when: {tag: CL, above: 4, for: 3s, deadband: 0.1}, then: [{set: pump, to: off}], tripsPerHour: 1000}
  - {id: LOW, group: g, when: {tag: CL, below: 0.2, for: 3s, deadband: 0.1}, then: [{set: pump, to: off, afterReset: on}], suppressedBy: [HIGH], tripsPerHour: 1000}
  - {id: ACID, group: h, when: {tag: PH, below: 5, for: 2s, deadband: 0.2}, then: [{set: valve, to: on, afterReset: off}, {set: pump, to: off}], onBad: trip, tripsPerHour: 1000}
  - {id: BASE, group: h, when: {tag: PH, above: 9, for: 2s, deadband: 0.2}, then: [{set: valve, to: on, afterReset: off}], suppressedBy: [HIGH], tripsPerHour: 1000}
`);
export const { rules } = configuration;
type Rule = (typeof rules)[number];

/** What happened over all histories: a model that never trips would agree with anything. */
export const tally = {
  trips: 0,
  resets: 0,
  bypasses: 0,
  expired: 0,
  kills: 0,
  killsWithLatch: 0,
  killsBeforeTheDisk: 0,
  saveFaults: 0,
  /** Kept quiet by the cause of another rule. */
  suppressed: 0,
  /** Tripped although the rule that may keep it quiet is latched: its cause was gone. */
  unhidden: 0,
};

export interface ModelRule {
  isLatched: boolean;
  sinceMs: number | undefined;
  count: number;
  badCount: number;
  last: "none" | "clear" | "other";
  /** The limit was passed, and no usable sample lay beyond the dead-band since. */
  isCauseThere: boolean;
  isBlind: boolean;
  bypassUntilMs: number;
}
export const freshRule = (): ModelRule => ({
  isLatched: false,
  sinceMs: undefined,
  count: 0,
  badCount: 0,
  last: "none",
  isCauseThere: false,
  isBlind: false,
  bypassUntilMs: 0,
});

/** Another rule keeps `rule` quiet: it is latched, and its cause is there for all that can be seen. */
export const isSuppressed = ({ suppressedBy }: Rule, model: readonly ModelRule[]): boolean =>
  suppressedBy.some((index) => {
    const other = elementAt(model, index);
    return other.isLatched && other.isCauseThere && !other.isBlind;
  });

/** Takes a reading of the rule's tag; whether the rule must trip now. */
export function mustTrip(
  rule: Rule,
  { value, quality, monotonicMs }: { value: number; quality: number; monotonicMs: number },
  models: readonly ModelRule[],
): boolean {
  const model = elementAt(models, rule.index);
  const isAbove = rule.direction === "above";
  const { min, max } = elementAt(configuration.tags, rule.tag);
  const isPegged = quality === Quality.UNCERTAIN && (isAbove ? value > max : value < min);
  const isUsable = quality === Quality.GOOD || isPegged;
  model.badCount = isUsable ? 0 : model.badCount + 1;
  const excess = isAbove ? value - rule.limit : rule.limit - value;
  model.last = isUsable && excess <= 1e-8 - rule.deadband ? "clear" : "other";
  if (isUsable) {
    if (excess > 0) {
      model.sinceMs = model.count === 0 ? monotonicMs : model.sinceMs;
      model.count++;
    } else model.count = 0;
  }
  if (model.last === "clear") model.isCauseThere = false;
  if (isUsable && excess > 0) model.isCauseThere = true;
  model.isBlind = !isUsable && (model.isBlind || model.badCount >= 3 || quality === Quality.STALE);
  const isBlindTrip =
    rule.onBad === "trip" && !isUsable && (model.badCount >= 3 || quality === Quality.STALE);
  const isBeyond =
    isUsable && model.count >= 3 && monotonicMs - present(model.sinceMs) >= rule.onDelayMs;
  if (model.isLatched || !(isBeyond || isBlindTrip)) return false;
  if (monotonicMs < model.bypassUntilMs) return false;
  if (!isSuppressed(rule, models)) {
    tally.unhidden += Number(rule.suppressedBy.some((other) => elementAt(models, other).isLatched));
    return true;
  }
  tally.suppressed++;
  model.count = 0;
  return false;
}
