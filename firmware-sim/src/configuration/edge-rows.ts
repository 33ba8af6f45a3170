/** Rows of an edge's configuration that all kinds of serial lines share. */
import type { SerialFormat } from "../devices/paced-line.ts";
import type { Instrument } from "../plant-definition/instrument.ts";
import { type PlantDefinition, sensorNamed } from "../plant-definition/plant-definition.ts";
import type { DerivedValue, SerialLineId, SerialValue } from "../plant-definition/serial-kit.ts";
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

/** Place of a stage in the plant: "LINE/STAGE". */
export const assetOf = ({ stages }: PlantDefinition, stage: string): string =>
  `${stages.find(({ id }) => id === stage)?.line ?? ""}/${stage}`;

export function head(
  plant: PlantDefinition,
  device: { device: string; stage: string; about?: string },
  keys: Record<string, YamlValue>,
): string[] {
  return [
    `  - id: ${device.device}${device.about === undefined ? "" : ` # ${device.about}`}`,
    `    stage: ${device.stage}`,
    `    asset: ${assetOf(plant, device.stage)}`,
    ...Object.entries(keys).map(([key, value]) => `    ${key}: ${flow(value)}`),
  ];
}

/** One tag: what is measured follows from the sensor it stands for. */
export function tagRow(
  plant: PlantDefinition,
  value: SerialValue,
  keys: Record<string, YamlValue>,
): string {
  const { instrument } = sensorNamed(plant, value.sensor);
  const measured = quantity(value.derived ?? instrument);
  return `      ${value.name}: ${flow({ ...keys, ...measured })}`;
}

const quantity = ({ unit, kind, resolution, min, max }: Instrument | DerivedValue) => ({
  unit,
  kind,
  resolution,
  min,
  max,
});
