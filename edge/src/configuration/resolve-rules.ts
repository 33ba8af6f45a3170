import type { SettingPath } from "@weir/runtime/problem.ts";
import type { OutputSettings, RuleSettings, TagSettings } from "./configuration.ts";
import type { BlindPolicy, CauseDraft, RuleDraft } from "./document-safety.ts";
import { checkLevel } from "./resolve-outputs.ts";
import { resolveChannels } from "./resolve-vote.ts";
import { fault, type Resolving, unknownName, warn } from "./resolving.ts";

interface Known {
  tags: readonly TagSettings[];
  outputs: readonly OutputSettings[];
  ids: readonly string[];
  /** Ids of tags that have faults of their own. */
  faulty: ReadonlySet<string>;
  /** What rules without an onBad of their own do. */
  onBad: BlindPolicy;
}

export function resolveRules(
  at: Resolving,
  raws: readonly RuleDraft[],
  known: Omit<Known, "ids">,
): RuleSettings[] {
  const ids = raws.map((raw) => raw.id ?? "");
  const rules = raws.flatMap((raw, i) => {
    // A second one of the same id was told when the list was read.
    if (raw.id === undefined || ids.indexOf(raw.id) !== i) return [];
    const rule = resolveRule(at, raw, { ...known, ids, path: ["safety", i] });
    return rule ? [rule] : [];
  });
  // References count in the file; faulty rules are left out, and then the file is refused anyway.
  rules.forEach((rule, index) => {
    rule.index = index;
  });
  warnAboutIdleLimits(at, rules, known.tags);
  return rules;
}

function resolveRule(
  at: Resolving,
  raw: RuleDraft,
  known: Known & { path: SettingPath },
): RuleSettings | undefined {
  const { path, ids } = known;
  const { when } = raw;
  if (raw.latch === false) {
    fault(at, [...path, "latch"], "a trip always latches; leave this out or write true");
  }
  const channels = resolveChannels(at, when, { ...known, path: [...path, "when"] });
  if (!channels) return undefined;
  const { tag, vote } = channels;
  if (when.vote !== undefined && raw.onBad !== undefined) {
    fault(at, [...path, "onBad"], "a vote has onBadChannel in its `when` instead");
  }
  const bound = resolveBound(at, when, { tag, path: [...path, "when"] });
  if (!bound) return undefined;
  const { action } = raw;
  const then = resolveThen(at, raw, known);
  if (action !== "alarm_only" && raw.then.length === 0) {
    fault(at, path, `"then" is missing: ${action} must set an output; or write action: alarm_only`);
  }
  return {
    index: -1,
    id: raw.id as string,
    group: raw.group ?? (raw.id as string),
    tag: tag.index,
    vote,
    ...bound,
    onDelayMs: when.for ?? tag.limits.onDelayMs,
    samplesMin: when.samples,
    deadband: when.deadband ?? tag.limits.deadband,
    quality: when.quality,
    // A vote that has lost too many channels trips, and so does the vote of one.
    onBad: when.vote === undefined ? (raw.onBad ?? known.onBad) : "trip",
    badSamplesMin: raw.badSamples,
    action,
    // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
    then: action === "alarm_only" ? [] : then,
    suppressedBy: raw.suppressedBy.flatMap((name, i) => {
      const index = ids.indexOf(name ?? "");
      if (index >= 0 && name !== raw.id) return [index];
      if (name === raw.id) fault(at, [...path, "suppressedBy", i], "a rule cannot suppress itself");
      else if (name)
        unknownName(at, [...path, "suppressedBy", i], { what: "rule", name, names: ids });
      return [];
    }),
    tripsPerHourMax: raw.tripsPerHour,
    proofTestEveryMs: raw.proofTest.every,
  };
}

function resolveBound(
  at: Resolving,
  when: CauseDraft,
  { tag, path }: { tag: TagSettings; path: SettingPath },
): Pick<RuleSettings, "direction" | "limit"> | undefined {
  if ((when.above === undefined) === (when.below === undefined)) {
    return fault(at, path, "give either above or below");
  }
  const direction = when.above !== undefined ? "above" : "below";
  const value = (when.above ?? when.below) as number | string;
  const named = { hardhigh: tag.limits.hardHigh, hardlow: tag.limits.hardLow };
  const limit = typeof value === "number" ? value : named[value as keyof typeof named];
  if (limit === undefined) {
    return fault(
      at,
      [...path, direction],
      `${tag.id} has no ${value === "hardhigh" ? "hardHigh" : "hardLow"} in its limits; write the number here`,
    );
  }
  const { min, max } = tag;
  if (limit < min || limit > max) {
    fault(
      at,
      [...path, direction],
      `${limit} lies outside the measuring range ${min} to ${max} of ${tag.id}: the rule could never act`,
    );
  }
  const own = direction === "above" ? tag.limits.hardHigh : tag.limits.hardLow;
  if (own !== undefined && own !== limit) {
    warn(
      at,
      [...path, direction],
      `${limit} differs from ${tag.id}'s own ${direction === "above" ? "hardHigh" : "hardLow"} ${own}`,
    );
  }
  return { direction, limit };
}

function resolveThen(
  at: Resolving,
  raw: RuleDraft,
  { path, outputs }: Known & { path: SettingPath },
): RuleSettings["then"] {
  return raw.then.flatMap((effect, i) => {
    if (effect.set === undefined || effect.to === undefined) return [];
    const effectPath = [...path, "then", i];
    const output = outputs.find((o) => o.id === effect.set);
    if (!output) {
      const names = outputs.map((o) => o.id);
      unknownName(at, [...effectPath, "set"], { what: "output", name: effect.set, names });
      return [];
    }
    checkLevel(at, output, { value: effect.to, path: [...effectPath, "to"] });
    const { afterReset } = effect;
    if (afterReset !== undefined) {
      checkLevel(at, output, { value: afterReset, path: [...effectPath, "afterReset"] });
    }
    if (raw.action === "stop" && effect.to !== output.safe) {
      warn(
        at,
        [...effectPath, "to"],
        `${effect.to} is not the safe state of ${output.id}, which is ${output.safe}`,
      );
    }
    if (effect.over !== undefined && raw.action !== "boost") {
      fault(at, [...effectPath, "over"], "only a boost takes its time; a stop acts at once");
    }
    if (effect.over !== undefined && output.place.table !== "holding") {
      fault(at, [...effectPath, "over"], `${output.id} is a coil: it has no steps in between`);
    }
    return [{ output: output.index, value: effect.to, afterReset, overMs: effect.over ?? 0 }];
  });
}

function warnAboutIdleLimits(
  at: Resolving,
  rules: readonly RuleSettings[],
  tags: readonly TagSettings[],
): void {
  const idle = tags.filter(({ index, limits }) => {
    const has = (direction: "above" | "below") =>
      rules.some((rule) => rule.vote.tags.includes(index) && rule.direction === direction);
    return (
      (limits.hardHigh !== undefined && !has("above")) ||
      (limits.hardLow !== undefined && !has("below"))
    );
  });
  if (idle.length === 0) return;
  const some = idle.slice(0, 5).map((tag) => tag.id);
  const more = idle.length > some.length ? ` and ${idle.length - some.length} more` : "";
  warn(at, ["safety"], `no safety rule acts on hard limits of ${some.join(", ")}${more}`);
}
