/** The serial lines as the edge is told of them: connections, devices, relays (devices.md §2.2 and §2.3). */

import type { SerialFormat } from "../devices/paced-line.ts";
import { relayWatchdog } from "../devices/relay-module.ts";
import type { Instrument } from "../plant/instruments.ts";
import { type Sensor, sensorById } from "../plant/sensors.ts";
import {
  relayUnit,
  rtuInstruments,
  type SerialLineId,
  type SerialValue,
  vibrationSensor,
} from "../plant/serial-lines.ts";
import { flow, type YamlValue } from "./yaml-text.ts";

/** A line that runs, and where. */
export interface SerialAddress {
  id: SerialLineId;
  /** "tcp://127.0.0.1:4001" or a path. */
  place: string;
  format: SerialFormat;
}

export interface SerialPart {
  /** `id: {…}` rows of `connections:`. */
  connections: string[];
  devices: string[];
  outputs: string[];
}

export interface SerialOptions {
  lines: readonly SerialAddress[];
  /** Plant seconds in a real one: instruments keep real time, the edge's periods are the plant's. */
  rate: number;
}

const busPeriodS = 2;

type Writer = (address: SerialAddress, options: SerialOptions) => SerialPart;

export function serialPart(options: SerialOptions): SerialPart {
  const parts = options.lines.map((line) => writers[line.id]?.(line, options) ?? nothing);
  return {
    connections: parts.flatMap((part) => part.connections),
    devices: parts.flatMap((part) => part.devices),
    outputs: parts.flatMap((part) => part.outputs),
  };
}

const nothing: SerialPart = { connections: [], devices: [], outputs: [] };

const writers: Partial<Record<SerialLineId, Writer>> = { rtu, vib };

function rtu(address: SerialAddress, { rate }: SerialOptions): SerialPart {
  const every = `${busPeriodS * rate}s`;
  const place = (register: number) => `holding:${register}`;
  const watchdog = {
    unit: relayUnit,
    heartbeat: place(relayWatchdog.heartbeat),
    every: "1s",
    timeoutRegister: place(relayWatchdog.timeoutMs),
    timeout: "5s",
    resolution: "1ms",
  };
  return {
    connections: [
      row(address, { type: "modbus-rtu", ...port(address), timeout: "300ms", watchdog }),
    ],
    devices: rtuInstruments.flatMap((instrument) => [
      ...head(instrument, { connection: address.id, unit: instrument.unit }),
      ...(instrument.order === "ABCD" ? [] : [`    byteOrder: ${instrument.order}`]),
      ...(instrument.statusAt === undefined
        ? []
        : [
            `    status: ${flow({ read: place(instrument.statusAt), bits: { "0": "failure", "3": "function_check" } })}`,
          ]),
      "    tags:",
      ...instrument.values.map((value) => {
        const { stage } = sensorOf(value.sensor);
        return tagRow(value, {
          read: `${instrument.tables.at(-1)}:${value.address}`,
          type: value.type,
          scale: value.scale === 1 ? undefined : value.scale,
          signal: instrument.isCurrent ? "4-20mA" : undefined,
          stage: stage === instrument.stage ? undefined : stage,
          every,
        });
      }),
    ]),
    outputs: [0, 1].map(
      (relay) =>
        `  spare_relay_${relay + 1}: ${flow({
          write: `coil ${address.id}/${relayUnit}:${relay}`,
          safe: "off",
          feedback: {
            read: `discrete ${address.id}/${relayUnit}:${relay}`,
            within: `${5 * rate}s`,
          },
        })}`,
    ),
  };
}

/** Figures of the fast sensor that an edge works out itself: the tag's name and the feature. */
const vibrationTags = {
  rms: "rms",
  zone: "zone",
  rms_x: "x.rms",
  rms_y: "y.rms",
  rms_z: "z.rms",
  crest_x: "x.crest",
  kurtosis_x: "x.kurtosis",
  shaft_x: "x.1x",
  shaft2_z: "z.2x",
  bpfo_x: "x.bpfo",
  bpfo_ratio_x: "x.bpfo-ratio",
  bpfi_ratio_x: "x.bpfi-ratio",
} as const;

/** The high-lift pump, 6205 at the drive end. */
const highLiftPump = {
  speed: 1_480,
  kW: 200,
  mounting: "flexible",
  bearing: { balls: 9, ball: 7.94, pitch: 39.04 },
};

function vib(address: SerialAddress, { rate }: SerialOptions): SerialPart {
  // Frames carry their own checksum, and behind a device server no baud rate is known.
  const { baud: _, ...tcp } = port(address);
  const isTcp = "host" in tcp;
  return {
    connections: [row(address, { type: "frames", ...(isTcp ? tcp : port(address)) })],
    devices: [
      ...head(vibrationSensor, { connection: address.id, machine: highLiftPump }),
      "    tags:",
      ...Object.entries(vibrationTags).map(
        ([name, feature]) =>
          `      ${name}: ${flow({ read: `feature ${feature}`, every: `${rate}s` })}`,
      ),
    ],
    outputs: [],
  };
}

export const row = (address: SerialAddress, connection: Record<string, YamlValue>): string =>
  `  ${address.id}: ${flow(connection)}`;

/** Host and port of a device server, or path and format of a line. */
export function port({ place, format }: SerialAddress): Record<string, YamlValue> {
  const tcp = /^tcp:\/\/(.+):(\d+)$/.exec(place);
  if (tcp) return { host: tcp[1], port: Number(tcp[2]), baud: format.baud };
  const { baud, dataBits, parity, stopBits } = format;
  return {
    port: place,
    baud,
    dataBits: dataBits === 8 ? undefined : dataBits,
    parity,
    stop: stopBits,
  };
}

export function head(
  device: { device: string; stage: string; about?: string },
  keys: Record<string, YamlValue>,
): string[] {
  return [
    `  - id: ${device.device}${device.about === undefined ? "" : ` # ${device.about}`}`,
    `    stage: ${device.stage}`,
    `    asset: ${device.stage.slice(0, 1)}/${device.stage}`,
    ...Object.entries(keys).map(([key, value]) => `    ${key}: ${flow(value)}`),
  ];
}

/** One tag: what is measured follows from the sensor it stands for. */
export function tagRow(value: SerialValue, keys: Record<string, YamlValue>): string {
  const { instrument } = sensorOf(value.sensor);
  const measured = value.saturationAt === undefined ? quantity(instrument) : saturation;
  return `      ${value.name}: ${flow({ ...keys, ...measured })}`;
}

const saturation = { unit: "%", kind: "oxygen_saturation", resolution: 0.1, min: 0, max: 300 };

const quantity = ({ unit, kind, resolution, min, max }: Instrument) => ({
  unit,
  kind,
  resolution,
  min,
  max,
});

function sensorOf(id: string): Sensor {
  const sensor = sensorById(id);
  if (sensor === undefined) throw new TypeError(`no sensor ${id}`); // the tables name them
  return sensor;
}
