/** The cause-and-effect matrix as CSV: a row a cause, a column an output; one cause a line, so that versions can be compared. */
import { elementAt } from "@weir/contracts/elements.ts";
import { formatDuration } from "@weir/runtime/duration.ts";
import {
  type Configuration,
  levelText,
  type RuleSettings,
} from "../configuration/configuration.ts";
import { formatPlace } from "../configuration/place.ts";
import { voteText } from "../safety/vote.ts";

const causeColumns = [
  "cause",
  "group",
  "tags",
  "quantity",
  "vote",
  "bad channel",
  "comparator",
  "limit",
  "unit",
  "for",
  "readings",
  "dead-band",
  "quality",
  "blind",
  "bad readings",
  "action",
  "quiet while",
  "trips per hour",
  "proof test",
] as const;

/** RFC 4180 without its carriage returns. */
export function matrixLines(configuration: Configuration): string[] {
  const { rules, outputs, connections } = configuration;
  const outputCells = outputs.map((output) => {
    const { id, connection, unit, place, safe } = output;
    const where = `${elementAt(connections, connection).id}/${unit} ${formatPlace(place)}`;
    return `${id} (${where}, safe ${levelText(output, safe)})`;
  });
  return [
    csv([...causeColumns, ...outputCells]),
    ...rules.map((rule) =>
      csv([...causeCells(rule, configuration), ...effectCells(rule, configuration)]),
    ),
  ];
}

function causeCells(rule: RuleSettings, { tags, rules }: Configuration): string[] {
  const tag = elementAt(tags, rule.tag);
  const isVote = rule.vote.tags.length > 1;
  return [
    rule.id,
    rule.group,
    rule.vote.tags.map((index) => elementAt(tags, index).id).join(" "),
    tag.quantity,
    isVote ? voteText(rule.vote) : "",
    isVote ? rule.vote.onBadChannel : "",
    rule.direction,
    String(rule.limit),
    tag.unit,
    formatDuration(rule.onDelayMs),
    String(rule.samplesMin),
    String(rule.deadband),
    rule.quality,
    isVote ? "trip" : rule.onBad,
    String(rule.badSamplesMin),
    rule.action,
    rule.suppressedBy.map((index) => elementAt(rules, index).id).join(" "),
    String(rule.tripsPerHourMax),
    rule.proofTestEveryMs === undefined ? "" : formatDuration(rule.proofTestEveryMs),
  ];
}

/** "trip off", "boost 80 over 30s, then 40 after reset"; empty where nothing is done. */
function effectCells(rule: RuleSettings, { outputs }: Configuration): string[] {
  return outputs.map((own) => {
    const { index } = own;
    const effect = rule.then.find(({ output }) => output === index);
    if (!effect) return "";
    const level = (value: number) => levelText(own, value);
    const over = effect.overMs > 0 ? ` over ${formatDuration(effect.overMs)}` : "";
    const after =
      effect.afterReset === undefined ? "" : `, then ${level(effect.afterReset)} after reset`;
    return `${rule.action === "boost" ? "boost" : "trip"} ${level(effect.value)}${over}${after}`;
  });
}

const csv = (cells: readonly string[]): string =>
  cells.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
