/** A configuration as the agent understands it, for the eye: every address in both notations. */
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import { type Block, planBlocks } from "../acquisition/block-plan.ts";
import { type ConnectionLoad, connectionLoad } from "../acquisition/connection-load.ts";
import {
  type Configuration,
  type ConnectionType,
  isModbus,
  levelText,
  portText,
  type RuleSettings,
  type Table,
  type TagSettings,
} from "../configuration/configuration.ts";
import { formatPlace } from "../configuration/place.ts";
import { withUnit } from "../safety/trip-text.ts";
import { voteText } from "../safety/vote.ts";

const tableOf: Record<Block["fc"], Table> = { 1: "coil", 2: "discrete", 3: "holding", 4: "input" };

export function planLines(
  configuration: Configuration,
  duration: (ms: number) => string,
): string[] {
  const { site, edge, tags, outputs, rules, devices, connections, sha256 } = configuration;
  return [
    `${edge} of ${site.id}: ${count(connections.length, "connection")}, ${count(devices.length, "device")}, ${count(tags.length, "tag")}, ${count(outputs.length, "output")}, ${count(rules.length, "safety rule")}`,
    `configuration ${sha256.slice(0, 12)}`,
    ...connections.flatMap((connection) => {
      const blocks = planBlocks(configuration, connection.index);
      const load = connectionLoad(configuration, connection);
      return [
        "",
        `${connection.id}  ${portText(connection.port)}  ${loadText(load, connection.type)}`,
        ...grid(blocks.map((block) => blockCells(block, configuration, duration))),
      ];
    }),
    "",
    "tags",
    ...grid(
      tags.map((tag) => [
        tag.id,
        tag.quantity,
        sourceText(tag, configuration),
        tag.place ? `${tag.type} ${tag.byteOrder}` : "",
        tag.scale === 1 && tag.offset === 0
          ? ""
          : `× ${tag.scale}${tag.offset ? ` + ${tag.offset}` : ""}`,
        `${tag.min} to ${tag.max} ${tag.unit}`,
        `every ${duration(tag.periodMs)}`,
      ]),
    ),
    ...(outputs.length === 0 ? [] : ["", "outputs"]),
    ...grid(
      outputs.map((output) => [
        output.id,
        `${elementAt(connections, output.connection).id}/${output.unit} ${formatPlace(output.place)}`,
        `safe ${levelText(output, output.safe)}`,
        output.feedback
          ? `feedback ${formatPlace(output.feedback.place)} within ${duration(output.feedback.withinMs)}`
          : "no feedback",
        output.secondary === undefined ? "" : `then ${elementAt(outputs, output.secondary).id}`,
      ]),
    ),
    ...(rules.length === 0 ? [] : ["", "safety rules: cause and effect"]),
    ...grid(rules.map((rule) => ruleCells(rule, configuration, duration))),
  ];
}

/** As the configuration has it, registers in both notations. */
function sourceText(tag: TagSettings, { connections, devices }: Configuration): string {
  if (tag.place) return formatPlace(tag.place);
  const words: Partial<Record<ConnectionType, string>> = { sdi12: "value", frames: "feature" };
  const { type } = elementAt(connections, elementAt(devices, tag.device).connection);
  return `${words[type] ?? "field"} ${tag.field ?? ""}`;
}

const loadText = (
  { requestsPerSecond, requestMs, utilisation }: ConnectionLoad,
  type: ConnectionType,
): string =>
  requestsPerSecond === 0
    ? isModbus(type)
      ? "nothing is polled"
      : "listens"
    : `${requestsPerSecond.toFixed(requestsPerSecond < 0.1 ? 3 : 1)} requests/s, ${Math.round(utilisation * 100)} % of capacity when each takes ${requestMs} ms`;

function blockCells(
  block: Block,
  { tags, devices }: Configuration,
  duration: (ms: number) => string,
): string[] {
  const names = block.points.map(({ kind, index }) =>
    kind === "tag" ? elementAt(tags, index).id : `${elementAt(devices, index).id} status`,
  );
  const shown = names.slice(0, 4).join(", ") + (names.length > 4 ? `, … (${names.length})` : "");
  return [
    `unit ${block.unit}`,
    `FC${block.fc}`,
    formatPlace({ table: tableOf[block.fc], address: block.address }),
    block.fc <= 2 ? count(block.count, "bit") : count(block.count, "register"),
    `every ${duration(block.periodMs)}`,
    shown,
  ];
}

function ruleCells(
  rule: RuleSettings,
  { tags, outputs, rules }: Configuration,
  duration: (ms: number) => string,
): string[] {
  const tag = elementAt(tags, rule.tag);
  const { vote } = rule;
  const who =
    vote.tags.length > 1
      ? `${voteText(vote)} of ${vote.tags.map((index) => elementAt(tags, index).id).join(", ")}`
      : tag.id;
  const effects = rule.then.map(
    ({ output, value }) =>
      `${elementAt(outputs, output).id} := ${levelText(elementAt(outputs, output), value)}`,
  );
  const quiet = rule.suppressedBy.map((index) => elementAt(rules, index).id).join(", ");
  return [
    rule.id,
    `${who} ${rule.direction} ${withUnit(rule.limit, tag)} for ${duration(rule.onDelayMs)}, ${rule.samplesMin} readings`,
    effects.length > 0 ? effects.join(", ") : "alarm only",
    `blind: ${rule.onBad}`,
    quiet === "" ? "" : `quiet while ${quiet}`,
  ];
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

function grid(rows: string[][]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(numberAt(widths, i))).join("  ")}`.trimEnd(),
  );
}
