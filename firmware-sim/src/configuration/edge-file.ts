/** `edge-w.yaml`, `edge-d.yaml`: what an edge agent is told of this plant (devices.md §2.2). */
import { type RegisterMap, registerMaps, type ValueEntry } from "../devices/register-map.ts";
import { type EdgeId, type GatewayId, gateways } from "../plant/gateways.ts";
import type { SensorClass } from "../plant/instruments.ts";
import type { Sensor } from "../plant/sensors.ts";
import type { SerialOptions } from "./edge-rows.ts";
import { outputsOf, safetyOf } from "./safety-rules.ts";
import { serialPart } from "./serial-connections.ts";
import { nameOfStage, siteId, siteZone } from "./site-file.ts";
import { flow, type YamlValue } from "./yaml-text.ts";

export interface EdgeFileOptions {
  edge: EdgeId;
  host: string;
  ports: ReadonlyMap<GatewayId, number>;
  /** Left out: the agent runs alone. */
  uplink?: { url: string; identity: string } | undefined;
  /** The serial lines it holds; none by default. */
  serial?: SerialOptions | undefined;
  /** Outputs and rules stand in `safetyFile`; in the edge's own file by default. */
  hasSafetyDocument?: boolean | undefined;
}

/**
 * Machines keep running when the agent dies: it is a supplementary layer, and stopping every pump of the
 * works would be the greater harm. Dosing and divert go to safe.
 */
const unwatched: readonly GatewayId[] = ["plc-m"];

/** Real time of the controllers' watchdogs. */
const watchdogEvery = "1s";
const watchdogTimeout = "5s";

/** Safety limits of a tag; the rules that use them are in safety-rules.ts. */
const limitsOf: Record<string, Record<string, YamlValue>> = {
  "D11/CL01": { hardLow: 0.2, hardHigh: 4, onDelay: "3s", deadband: 0.1 },
  "W22/CL01": { hardLow: 0.2, hardHigh: 4, onDelay: "3s", deadband: 0.1 },
  "W01/PH01": { hardLow: 5, hardHigh: 10, onDelay: "3s", deadband: 0.2 },
  "W04/PH01": { hardLow: 5, hardHigh: 10, onDelay: "3s", deadband: 0.2 },
  // 70 % of 2000 m³ on 500 m²: an hour and a half of inflow has room, and somebody must decide.
  "W05/LV01": { hardHigh: 2.8, onDelay: "30s", deadband: 0.1 },
  "W01/MO01": { hardHigh: 5, onDelay: "3s", deadband: 0.3 },
  "W01/MO02": { hardHigh: 95, onDelay: "5s", deadband: 2 },
  "W20/MO01": { hardHigh: 5, onDelay: "3s", deadband: 0.3 },
  "W20/MO02": { hardHigh: 95, onDelay: "5s", deadband: 2 },
  "D14/MO01": { hardHigh: 5, onDelay: "3s", deadband: 0.3 },
};

/** Where the table stands, and whose key approves it; both lie beside the edge's file. */
export const safetyDocumentOf = (edge: EdgeId) => ({
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
  const own = gateways.filter((gateway) => gateway.edge === options.edge);
  const serial = serialPart(options.serial ?? { lines: [], rate: 1 });
  return [
    "outputs:",
    ...Object.entries(outputsOf(own.map(({ id }) => id))).map(
      ([name, output]) => `  ${name}: ${flow(output)}`,
    ),
    ...serial.outputs,
    "",
    "safety:",
    ...safetyOf(options.edge).map((rule) => `  - ${flow(rule)}`),
  ];
}

export function edgeFile(options: EdgeFileOptions): string {
  const own = gateways.filter((gateway) => gateway.edge === options.edge);
  const serial = serialPart(options.serial ?? { lines: [], rate: 1 });
  const rows = [
    `# Edge agent ${options.edge} of the simulated works. Written by "weir-sim configure".`,
    "version: 1",
    `site: ${flow({ id: siteId, tz: siteZone })}`,
    `edge: ${options.edge}`,
    ...(options.uplink ? [`uplink: ${flow(options.uplink)}`] : []),
    "",
    "connections:",
    ...own.map(({ id }) => `  ${id}: ${flow(connection(id, options))}`),
    ...serial.connections,
    "",
    "devices:",
    ...own.flatMap(({ id }) => devices(registerMaps.get(id) as RegisterMap)),
    ...serial.devices,
    "",
    ...(options.hasSafetyDocument
      ? [`safety: ${flow(safetyDocumentOf(options.edge))}`]
      : safetyRows(options)),
  ];
  return `${rows.join("\n")}\n`;
}

function connection(id: GatewayId, options: EdgeFileOptions): Record<string, YamlValue> {
  const map = registerMaps.get(id) as RegisterMap;
  return {
    type: "modbus-tcp",
    host: options.host,
    port: options.ports.get(id) ?? 502,
    timeout: "1s",
    maxRegisters: 120,
    maxHole: 8,
    watchdog:
      map.actuators.length === 0 || unwatched.includes(id)
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

function devices(map: RegisterMap): string[] {
  const { table, order, type } = map.gateway.encoding;
  return map.status.flatMap((status) => {
    const entries = map.values.filter((entry) => status.sensors.includes(entry.sensor.index));
    const first = entries[0] as ValueEntry;
    const head = [
      `  - id: ${first.sensor.device} # ${nameOfStage(status.stage)}`,
      `    stage: ${status.stage}`,
      `    asset: ${status.stage.slice(0, 1)}/${status.stage}`,
      `    connection: ${map.gateway.id}`,
      "    unit: 1",
      ...(type === "int16" ? [] : [`    byteOrder: ${order}`]),
      `    status: ${flow({ read: `${table}:${status.address}`, bits: { "3": "function_check" } })}`,
      "    tags:",
    ];
    return [...head, ...entries.map((entry) => `      ${entry.sensor.name}: ${tag(table, entry)}`)];
  });
}

function tag(table: string, entry: ValueEntry): string {
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
    limits: limitsOf[sensor.id],
    detect: detectOf(sensor),
  });
}

/** None of these stands still for this long at its resolution, unless it has stopped measuring. */
const stuckAfter = "10m";

/** Classes whose instruments always show some noise. */
const restless: readonly SensorClass[] = ["CL", "PH", "TU", "DO"];

/**
 * plant.md §1.9: jumps of chlorine within 30 s, steps of turbidity against their learned floor; on every
 * tag values that no longer move, noise that grew, spikes that came too often. What guards people and
 * biology is read faster while it looks suspicious.
 */
function detectOf({ sensorClass }: Sensor): YamlValue {
  return {
    delta: sensorClass === "CL" ? { max: 0.3, window: "30s" } : undefined,
    z: sensorClass === "TU" ? { max: 4 } : undefined,
    stuck: restless.includes(sensorClass) ? { after: stuckAfter } : {},
    noise: { ratio: 3 },
    spike: { perDay: 12 },
    boost: sensorClass === "CL" ? { factor: 5, for: "10m" } : undefined,
  };
}
