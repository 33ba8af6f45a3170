/** What an edge agent is told of its part of a plant: `<edge>.yaml`. */
import { elementAt } from "@weir/contracts/elements.ts";
import type { RegisterMap, ValueEntry } from "../devices/register-map.ts";
import { nameOfStage, type PlantDefinition } from "../plant-definition/plant-definition.ts";
import { assetOf, type SerialOptions } from "./edge-rows.ts";
import { outputsOf } from "./outputs.ts";
import { serialPart } from "./serial-connections.ts";
import { flow, scalar, type YamlValue } from "./yaml-text.ts";

export interface EdgeFileOptions {
  plant: PlantDefinition;
  edge: string;
  host: string;
  ports: ReadonlyMap<string, number>;
  /** Left out: the agent runs alone. */
  uplink?: { url: string; identity: string } | undefined;
  /** The serial lines it holds; none by default. */
  serial?: SerialOptions | undefined;
  /** Outputs and rules stand in `safetyFile`; in the edge's own file by default. */
  hasSafetyDocument?: boolean | undefined;
}

/** Real time of the controllers' watchdogs. */
const watchdogEvery = "1s";
const watchdogTimeout = "5s";

/** Where the table stands, and whose key approves it; both lie beside the edge's file. */
export const safetyDocumentOf = (edge: string) => ({
  document: `./${edge}.safety.yaml`,
  trusted: ["./safety-key.pem.pub"],
});

/** Outputs and rules as a document of their own, for somebody to approve. */
export function safetyFile(options: EdgeFileOptions): string {
  const rows = [
    `# Cause-and-effect table of ${options.edge}. Written by "weir-sim configure".`,
    "version: 1",
    `edge: ${options.edge}`,
    "",
    ...safetyRows(options),
  ];
  return `${rows.join("\n")}\n`;
}

function safetyRows(options: EdgeFileOptions): string[] {
  const { plant } = options;
  const own = ownGateways(options).map(({ id }) => id);
  const serial = serialPart(plant, options.serial);
  const rules = plant.edges.find(({ id }) => id === options.edge)?.safety ?? [];
  return [
    "outputs:",
    ...Object.entries(outputsOf(plant, own)).map(([name, output]) => `  ${name}: ${flow(output)}`),
    ...serial.outputs,
    "",
    "safety:",
    ...rules.map((rule) => `  - ${flow(rule)}`),
  ];
}

export function edgeFile(options: EdgeFileOptions): string {
  const { plant } = options;
  const { id: siteId, name, tz } = plant.site;
  const own = ownGateways(options);
  const serial = serialPart(plant, options.serial);
  const rows = [
    `# Edge agent ${options.edge} of ${name}, simulated. Written by "weir-sim configure".`,
    "version: 1",
    `site: ${flow({ id: siteId, tz })}`,
    `edge: ${options.edge}`,
    ...(options.uplink ? [`uplink: ${flow(options.uplink)}`] : []),
    "",
    "connections:",
    ...own.map(({ id }) => `  ${id}: ${flow(connection(id, options))}`),
    ...serial.connections,
    "",
    "devices:",
    ...own.flatMap(({ id }) => devices(plant, mapOf(plant, id))),
    ...serial.devices,
    "",
    ...(options.hasSafetyDocument
      ? [`safety: ${flow(safetyDocumentOf(options.edge))}`]
      : safetyRows(options)),
  ];
  return `${rows.join("\n")}\n`;
}

const ownGateways = ({ plant, edge }: EdgeFileOptions) =>
  plant.gateways.filter((gateway) => gateway.edge === edge);

const mapOf = ({ registerMaps }: PlantDefinition, id: string): RegisterMap =>
  registerMaps.get(id) as RegisterMap;

function connection(id: string, options: EdgeFileOptions): Record<string, YamlValue> {
  const map = mapOf(options.plant, id);
  return {
    type: "modbus-tcp",
    host: options.host,
    port: options.ports.get(id) ?? 502,
    timeout: "1s",
    maxRegisters: 120,
    maxHole: 8,
    watchdog:
      map.actuators.length === 0 || options.plant.unwatched.includes(id)
        ? undefined
        : {
            unit: 1,
            heartbeat: `holding:${map.command.heartbeat}`,
            every: watchdogEvery,
            timeoutRegister: `holding:${map.command.timeoutMs}`,
            timeout: watchdogTimeout,
            resolution: "1ms",
          },
  };
}

function devices(plant: PlantDefinition, map: RegisterMap): string[] {
  const { table, order, type } = map.gateway.encoding;
  return map.status.flatMap((status) => {
    const entries = map.values.filter((entry) => status.sensors.includes(entry.sensor.index));
    const first = elementAt(entries, 0);
    const head = [
      `  - id: ${first.sensor.device} # ${scalar(nameOfStage(plant, status.stage))}`,
      `    stage: ${status.stage}`,
      `    asset: ${assetOf(plant, status.stage)}`,
      `    connection: ${map.gateway.id}`,
      "    unit: 1",
      ...(type === "int16" ? [] : [`    byteOrder: ${order}`]),
      `    status: ${flow({ read: `${table}:${status.address}`, bits: { "3": "function_check" } })}`,
      "    tags:",
    ];
    return [
      ...head,
      ...entries.map((entry) => `      ${entry.sensor.name}: ${tag(plant, table, entry)}`),
    ];
  });
}

function tag(plant: PlantDefinition, table: string, entry: ValueEntry): string {
  const { sensor, type, scale } = entry;
  const { instrument } = sensor;
  return flow({
    read: `${table}:${entry.address}`,
    type,
    scale: scale === 1 ? undefined : scale,
    unit: instrument.unit,
    kind: instrument.kind,
    every: `${sensor.periodS}s`,
    resolution: instrument.resolution,
    min: instrument.min,
    max: instrument.max,
    limits: plant.limits[sensor.id],
    detect: plant.detect(sensor),
  });
}
