/** What differs between two configurations, in plain words, and what of it concerns protection. */
import { elementAt } from "@weir/contracts/elements.ts";
import { formatDuration } from "@weir/runtime/duration.ts";
import type { Configuration } from "./configuration.ts";
import { namedConfiguration, type Table } from "./named-configuration.ts";

export interface ConfigurationChange {
  /** "tag TANK1/PT01" */
  item: string;
  /** "limits.hardHigh"; empty where the whole item is new or gone. */
  key: string;
  /** One line. */
  text: string;
  /** It can change what a safety rule sees, decides or does, or what happens when the agent dies. */
  isSafety: boolean;
}

/** Keys of a tag that a rule reads and that change neither its value nor when it is read. */
const harmlessTagKeys = new Set(["detect", "policy", "kind", "assetPath", "resolution"]);

/** The keys that people write, where they differ from those in the agent. */
const written: Record<string, string> = {
  periodMs: "every",
  staleAfterMs: "staleAfter",
  place: "read",
  timeoutMs: "timeout",
  gapMs: "gap",
  roundTripMs: "roundTrip",
  onDelayMs: "onDelay",
  samplesMin: "samples",
  badSamplesMin: "badSamples",
  tripsPerHourMax: "tripsPerHour",
  windowMs: "window",
  afterMs: "after",
  learnMs: "learn",
  withinMs: "within",
  everyMs: "every",
  healthWithinMs: "healthWithin",
};

export function configurationDiff(
  before: Configuration,
  after: Configuration,
): ConfigurationChange[] {
  const [old, next] = [namedConfiguration(before), namedConfiguration(after)];
  const [guarded, alsoGuarded] = [guardedItems(before), guardedItems(after)];
  const isGuarded = (item: string) => guarded.has(item) || alsoGuarded.has(item);
  const changes: ConfigurationChange[] = [];
  for (const item of new Set([...old.keys(), ...next.keys()])) {
    const [was, is] = [old.get(item), next.get(item)];
    if (was && is) {
      changes.push(...itemChanges(item, { was, is, isGuarded: isGuarded(item) }));
      continue;
    }
    const isSafety = isGuarded(item) || hasLimits(was) || hasLimits(is);
    changes.push({ item, key: "", text: `${item} is ${is ? "new" : "gone"}`, isSafety });
  }
  return changes;
}

interface Pair {
  was: Table;
  is: Table;
  isGuarded: boolean;
}

function itemChanges(item: string, { was, is, isGuarded }: Pair): ConfigurationChange[] {
  const [old, next] = [leavesOf(was), leavesOf(is)];
  const changes: ConfigurationChange[] = [];
  for (const key of new Set([...old.keys(), ...next.keys()])) {
    const [a, b] = [old.get(key), next.get(key)];
    if (a === b) continue;
    const top = elementAt(key.split("."), 0);
    const isTag = item.startsWith("tag ");
    const isSafety =
      top === "limits" || top === "watchdog" || (isGuarded && !(isTag && harmlessTagKeys.has(top)));
    const text = `${item} ${writtenKey(key)}: ${a ?? "not set"} → ${b ?? "not set"}`;
    changes.push({ item, key, text, isSafety });
  }
  return changes;
}

/** Outputs and rules, and whatever stands between a rule's cause and its effect, as "connection plc-d". */
export function guardedItems({
  connections,
  devices,
  tags,
  outputs,
  rules,
}: Configuration): Set<string> {
  const guarded = new Set<string>();
  const addConnection = (index: number) => guarded.add(`connection ${connections[index]?.id}`);
  for (const output of outputs) {
    guarded.add(`output ${output.id}`);
    addConnection(output.connection);
    if (output.feedback) addConnection(output.feedback.connection);
  }
  for (const rule of rules) {
    guarded.add(`rule ${rule.id}`);
    for (const index of new Set([rule.tag, ...rule.vote.tags])) {
      const tag = elementAt(tags, index);
      const device = elementAt(devices, tag.device);
      guarded.add(`tag ${tag.id}`).add(`device ${device.id}`);
      addConnection(device.connection);
      // Where a bearing's line is looked for.
      const speed = tags[device.machine?.speedTag ?? -1];
      if (!speed) continue;
      guarded.add(`tag ${speed.id}`).add(`device ${devices[speed.device]?.id}`);
      addConnection(devices[speed.device]?.connection ?? -1);
    }
  }
  return guarded;
}

const hasLimits = (item: Table | undefined): boolean => {
  const limits = item?.["limits"] as Table | undefined;
  return limits?.["hardLow"] !== undefined || limits?.["hardHigh"] !== undefined;
};

/** Every value by its path, as text. */
function leavesOf(table: Table): Map<string, string> {
  const leaves = new Map<string, string>();
  const visit = (value: unknown, path: string): void => {
    if (value === undefined) return;
    if (typeof value !== "object" || value === null) {
      leaves.set(path, textOf(path, value));
      return;
    }
    for (const [key, child] of Object.entries(value)) {
      visit(child, path === "" ? key : `${path}.${key}`);
    }
  };
  visit(table, "");
  return leaves;
}

function textOf(path: string, value: unknown): string {
  const isDuration = typeof value === "number" && path.endsWith("Ms");
  return isDuration ? formatDuration(value) : String(value);
}

const writtenKey = (key: string): string =>
  key
    .split(".")
    .map((step) => (Object.hasOwn(written, step) ? (written[step] as string) : step))
    .join(".");
