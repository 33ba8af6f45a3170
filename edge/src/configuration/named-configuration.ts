/**
 * A configuration with names instead of positions, as plain tables: what two configurations are
 * compared by. An item that only moved is the same.
 */
import type {
  Configuration,
  OutputSettings,
  Place,
  RuleSettings,
  TagSettings,
} from "./configuration.ts";
import type { MachineSettings } from "./machine-settings.ts";
import { formatPlace } from "./place.ts";

export type Table = Record<string, unknown>;

/** Items by "connection plc", "tag TANK1/PT01", "rule P-HIGH"; site-wide settings under "agent". */
export function namedConfiguration(configuration: Configuration): Map<string, Table> {
  const { site, edge, uplink, reload, downlink } = configuration;
  const items = new Map<string, Table>();
  const connectionName = (index: number): string => configuration.connections[index]?.id ?? "";
  items.set("agent", { site, edge, uplink, reload, downlink });
  for (const { index: _, ...connection } of configuration.connections) {
    items.set(`connection ${connection.id}`, connection);
  }
  for (const { index: _, ...device } of configuration.devices) {
    const connection = connectionName(device.connection);
    const machine = device.machine && namedMachine(device.machine, configuration);
    items.set(`device ${device.id}`, plain({ ...device, connection, machine }));
  }
  for (const tag of configuration.tags) items.set(`tag ${tag.id}`, namedTag(tag, configuration));
  for (const output of configuration.outputs) {
    items.set(`output ${output.id}`, namedOutput(output, configuration));
  }
  for (const rule of configuration.rules)
    items.set(`rule ${rule.id}`, namedRule(rule, configuration));
  return items;
}

/** Without what follows from power and mounting; where it matters it stands at a tag. */
function namedMachine(machine: MachineSettings, { tags }: Configuration): Table {
  const { speedTag, limits, fullScaleMmS: _, ...rest } = machine;
  return { ...rest, speedTag: tags[speedTag ?? -1]?.id, limits: limits.source };
}

/** Without what its kind is called: that follows from the kind. */
function namedTag(tag: TagSettings, { tags, devices }: Configuration): Table {
  const { index: _, device: __, id: ___, quantity: ____, ...rest } = tag;
  const { stuck } = tag.detect;
  const unlessZero = stuck?.unlessZero === undefined ? undefined : tags[stuck.unlessZero]?.id;
  const detect = { ...tag.detect, stuck: stuck && { ...stuck, unlessZero } };
  return plain({ ...rest, device: devices[tag.device]?.id, detect });
}

function namedOutput(output: OutputSettings, { connections, outputs }: Configuration): Table {
  const { index: _, id: __, secondary, feedback, ...rest } = output;
  return plain({
    ...rest,
    connection: connections[output.connection]?.id,
    secondary: secondary === undefined ? undefined : outputs[secondary]?.id,
    feedback: feedback && { ...feedback, connection: connections[feedback.connection]?.id },
  });
}

function namedRule(rule: RuleSettings, { tags, outputs, rules }: Configuration): Table {
  const { index: _, id: __, ...rest } = rule;
  const idOf = (index: number): string => tags[index]?.id ?? "";
  return plain({
    ...rest,
    tag: idOf(rule.tag),
    vote: { ...rule.vote, tags: rule.vote.tags.map(idOf) },
    // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
    then: rule.then.map((effect) => ({ ...effect, output: outputs[effect.output]?.id })),
    suppressedBy: rule.suppressedBy.map((index) => rules[index]?.id),
  });
}

/** Places as people write them, maps as tables. */
function plain(value: Table): Table {
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plainValue(child)]));
}

function plainValue(value: unknown): unknown {
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value;
  if (isPlace(value)) return formatPlace(value);
  return plain(value as Table);
}

const isPlace = (value: object): value is Place =>
  "table" in value && "address" in value && Object.keys(value).length === 2;
