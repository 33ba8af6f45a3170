/** The serial lines as the edge is told of them: connections, devices, relays . */

import { relayWatchdog } from "../devices/relay-module.ts";
import { type PlantDefinition, sensorNamed } from "../plant-definition/plant-definition.ts";
import type { SerialKit, SerialLineId } from "../plant-definition/serial-kit.ts";
import {
  head,
  port,
  row,
  type SerialAddress,
  type SerialOptions,
  type SerialPart,
  tagRow,
} from "./edge-rows.ts";
import { printed, sdi12 } from "./text-connections.ts";
import { flow } from "./yaml-text.ts";

const busPeriodS = 2;

type Writer = (
  plant: PlantDefinition,
  address: SerialAddress,
  options: SerialOptions,
) => SerialPart;

const noLines: SerialOptions = { lines: [], rate: 1 };

export function serialPart(plant: PlantDefinition, options = noLines): SerialPart {
  const parts = options.lines.map((line) => writers[line.id](plant, line, options));
  return {
    connections: parts.flatMap((part) => part.connections),
    devices: parts.flatMap((part) => part.devices),
    outputs: parts.flatMap((part) => part.outputs),
  };
}

const writers: Record<SerialLineId, Writer> = {
  rtu,
  wq: printed,
  csv: printed,
  pairs: printed,
  sdi12,
  vib,
};

function rtu(plant: PlantDefinition, address: SerialAddress, { rate }: SerialOptions): SerialPart {
  const { rtuInstruments, relayUnit } = plant.serial as SerialKit;
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
      ...head(plant, instrument, { connection: address.id, unit: instrument.unit }),
      ...(instrument.order === "ABCD" ? [] : [`    byteOrder: ${instrument.order}`]),
      ...(instrument.statusAt === undefined
        ? []
        : [
            `    status: ${flow({ read: place(instrument.statusAt), bits: { "0": "failure", "3": "function_check" } })}`,
          ]),
      "    tags:",
      ...instrument.values.map((value) => {
        const { stage } = sensorNamed(plant, value.sensor);
        return tagRow(plant, value, {
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

function vib(plant: PlantDefinition, address: SerialAddress, { rate }: SerialOptions): SerialPart {
  const { device, stage, machine } = (plant.serial as SerialKit).vibration;
  return {
    connections: [row(address, { type: "frames", ...port(address) })],
    devices: [
      ...head(
        plant,
        { device, stage },
        { connection: address.id, machine: { ...machine, bearing: { ...machine.bearing } } },
      ),
      "    tags:",
      ...Object.entries(vibrationTags).map(
        ([name, feature]) =>
          `      ${name}: ${flow({ read: `feature ${feature}`, every: `${rate}s` })}`,
      ),
    ],
    outputs: [],
  };
}
