/**
 * What a plant may have on serial lines beside its gateways: instruments on an RS-485 bus, printers of text,
 * SDI-12 probes, a fast vibration sensor. Tables only; `run/serial-devices.ts` makes them speak,
 * `configuration/serial-connections.ts` tells the edge of them.
 */
import type { AsciiStyle } from "../devices/ascii-line.ts";
import type { SerialFormat } from "../devices/paced-line.ts";
import type { WordOrder } from "../devices/register-slave.ts";

export type SerialLineId = "rtu" | "wq" | "csv" | "pairs" | "sdi12" | "vib";

export interface SerialLine {
  id: SerialLineId;
  doc: string;
  format: SerialFormat;
}

/** Worked out by an instrument from two quantities. */
export interface DerivedValue {
  /** The second sensor. */
  from: string;
  of: (value: number, other: number) => number;
  unit: string;
  kind: string;
  resolution: number;
  min: number;
  max: number;
}

/** One value of an instrument: the sensor it stands for, or what follows from two. */
export interface SerialValue {
  /** Name of the tag on the edge. */
  name: string;
  /** Sensor of the plant that it repeats. */
  sensor: string;
  /** What follows from it and a second sensor instead. */
  derived?: DerivedValue;
}

export interface RegisterValue extends SerialValue {
  address: number;
  type: "uint16" | "int16" | "float32";
  scale: number;
}

export interface RtuInstrument {
  unit: number;
  device: string;
  stage: string;
  about: string;
  turnaroundMs: number;
  identity?: string;
  plate?: readonly string[];
  /** False: function 8 is refused. */
  echoesQuery?: false;
  tables: readonly ("holding" | "input")[];
  order: WordOrder;
  holes: "zero" | "refused";
  values: readonly RegisterValue[];
  /** 4…20 mA of the sensor's range in µA, whatever the quantity. */
  isCurrent?: boolean;
  /** Registers with a fixed content: units as codes. */
  fixed?: Readonly<Record<number, number>>;
  /** Word with bit 0: the sensor has failed, bit 3: in maintenance. */
  statusAt?: number;
}

export interface PrintedValue extends SerialValue {
  field: string;
}

export interface Printer {
  line: "wq" | "csv" | "pairs";
  device: string;
  stage: string;
  style: AsciiStyle;
  speaks: { everyMs: number } | { poll: string };
  values: readonly PrintedValue[];
}

export interface Sdi12Probe {
  address: string;
  device: string;
  stage: string;
  /** 14 characters vendor and model, 3 version, a serial number. */
  identity: string;
  measureS: number;
  values: readonly SerialValue[];
}

/** A machine as the edge is told of it. */
export interface MachinePlate {
  /** Turns a minute. */
  speed: number;
  kW: number;
  mounting: "rigid" | "flexible";
  bearing: { balls: number; ball: number; pitch: number };
}

export interface SerialKit {
  /** The edge that holds the lines. */
  edge: string;
  lines: readonly SerialLine[];
  rtuInstruments: readonly RtuInstrument[];
  /** Unit of the relay module on the RS-485 bus. */
  relayUnit: number;
  printers: readonly Printer[];
  sdi12Probes: readonly Sdi12Probe[];
  vibration: { device: string; stage: string; machine: MachinePlate };
}
