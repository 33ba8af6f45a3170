/** Lines of text and SDI-12 as the edge is told of them. */
import { elementAt } from "@weir/contracts/elements.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import type { Printer, SerialKit } from "../plant-definition/serial-kit.ts";
import {
  head,
  port,
  row,
  type SerialAddress,
  type SerialOptions,
  type SerialPart,
  tagRow,
} from "./edge-rows.ts";
import { flow, type YamlValue } from "./yaml-text.ts";

/** A measurement of the slowest probe takes eight seconds of its own time. */
const sdi12PeriodS = 15;
const pollPeriodS = 2;

export function printed(
  plant: PlantDefinition,
  address: SerialAddress,
  { rate }: SerialOptions,
): SerialPart {
  const { printers } = plant.serial as SerialKit;
  const printer = printers.find(({ line }) => line === address.id) as Printer;
  const { speaks } = printer;
  const isPolled = "poll" in speaks;
  const every = `${rate * (isPolled ? pollPeriodS : speaks.everyMs / 1000)}s`;
  const connection = {
    type: "line",
    ...port(address),
    delimiter: "\r\n",
    checksum: printer.style === "nmea" ? "nmea-xor" : undefined,
    poll: isPolled ? speaks.poll : undefined,
    every: isPolled ? every : undefined,
  };
  const devices = layouts[printer.style](printer).flatMap(({ device, keys, values, status }) => [
    ...head(plant, { device, stage: printer.stage }, { connection: address.id, ...keys }),
    ...(status === undefined ? [] : [`    status: ${flow(status)}`]),
    "    tags:",
    ...values.map(({ at, index }) => {
      const value = elementAt(printer.values, index);
      return tagRow(plant, value, { read: `field ${at}`, every });
    }),
  ]);
  return { connections: [row(address, connection)], devices, outputs: [] };
}

interface Layout {
  device: string;
  keys: Record<string, YamlValue>;
  status?: YamlValue;
  /** What a value is called in the line, and which it is. */
  values: readonly { at: string | number; index: number }[];
}

const layouts: Record<Printer["style"], (printer: Printer) => Layout[]> = {
  // One sentence tells one value: to the edge each is a device.
  nmea: ({ device, stage, values }) =>
    values.map(({ field }, index) => ({
      device: `${device}-${field.toUpperCase()}`,
      keys: {
        match: `^\\$WQ,${stage},${field.toUpperCase()},(?<v>[-\\d.]*),[^,]*,(?<st>[A-Z]+)`,
      },
      status: { read: "field st", words: { OK: "good", FAIL: "failure" } },
      values: [{ at: "v", index }],
    })),
  csv: ({ device, values }) => [
    {
      device,
      keys: { columns: values.length },
      values: values.map((_, index) => ({ at: index + 1, index })),
    },
  ],
  pairs: ({ device, values }) => [
    {
      device,
      keys: { pairs: true },
      values: values.map(({ field }, index) => ({ at: field, index })),
    },
  ],
};

export function sdi12(
  plant: PlantDefinition,
  address: SerialAddress,
  { rate }: SerialOptions,
): SerialPart {
  const { sdi12Probes } = plant.serial as SerialKit;
  return {
    connections: [row(address, { type: "sdi12", ...port(address) })],
    devices: sdi12Probes.flatMap((probe) => [
      ...head(plant, probe, { connection: address.id, unit: Number(probe.address) }),
      "    tags:",
      ...probe.values.map((value, i) =>
        tagRow(plant, value, { read: `value ${i + 1}`, every: `${sdi12PeriodS * rate}s` }),
      ),
    ]),
    outputs: [],
  };
}
