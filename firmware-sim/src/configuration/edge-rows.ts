/** Rows of an edge's configuration that all kinds of serial lines share. */
import type { SerialFormat } from "../devices/paced-line.ts";
import type { Instrument } from "../plant/instruments.ts";
import { type Sensor, sensorById } from "../plant/sensors.ts";
import type { SerialLineId, SerialValue } from "../plant/serial-lines.ts";
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

export const row = (address: SerialAddress, connection: Record<string, YamlValue>): string =>
  `  ${address.id}: ${flow(connection)}`;

/** Host and port of a device server, or path and format of a line. */
export function port({ place, format }: SerialAddress): Record<string, YamlValue> {
  const tcp = /^tcp:\/\/(.+):(\d+)$/.exec(place);
  if (tcp) return { host: tcp[1], port: Number(tcp[2]) };
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

export function sensorOf(id: string): Sensor {
  const sensor = sensorById(id);
  if (sensor === undefined) throw new TypeError(`no sensor ${id}`); // the tables name them
  return sensor;
}
