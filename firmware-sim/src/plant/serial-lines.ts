/**
 * What the works has on serial lines beside its six gateways: real instruments' register maps on an RS-485
 * bus, printers of text, SDI-12 probes and a fast vibration sensor (devices.md §2.1 and §2.3, plant.md
 * §1.12). Tables only; `run/serial-devices.ts` makes them speak, `configuration/serial-connections.ts` tells
 * the edge of them. All stand on the drinking-water line.
 */
import type { AsciiStyle } from "../devices/ascii-line.ts";
import type { SerialFormat } from "../devices/paced-line.ts";
import type { WordOrder } from "../devices/register-slave.ts";
import type { MachineStage } from "../process/works.ts";

export type SerialLineId = "rtu" | "wq" | "csv" | "pairs" | "sdi12" | "vib";

export interface SerialLine {
  id: SerialLineId;
  doc: string;
  format: SerialFormat;
}

export const serialLines: readonly SerialLine[] = [
  {
    id: "rtu",
    doc: "RS-485 bus, Modbus RTU: four analysers, a 4–20 mA module, a relay module",
    format: { baud: 19_200, dataBits: 8, parity: "E", stopBits: 1 },
  },
  {
    id: "wq",
    doc: "analyser that prints sentences with a checksum",
    format: { baud: 9_600, dataBits: 8, parity: "N", stopBits: 1 },
  },
  {
    id: "csv",
    doc: "analyser that answers R with a row of columns",
    format: { baud: 9_600, dataBits: 8, parity: "N", stopBits: 1 },
  },
  {
    id: "pairs",
    doc: "analyser that prints key=value",
    format: { baud: 9_600, dataBits: 8, parity: "N", stopBits: 1 },
  },
  {
    id: "sdi12",
    doc: "two SDI-12 probes",
    format: { baud: 1_200, dataBits: 7, parity: "E", stopBits: 1 },
  },
  {
    id: "vib",
    doc: "1 kHz vibration sensor on the high-lift pump",
    format: { baud: 115_200, dataBits: 8, parity: "N", stopBits: 1 },
  },
];

/** One value of an instrument: the sensor it stands for, or what follows from two. */
export interface SerialValue {
  /** Name of the tag on the edge. */
  name: string;
  /** Sensor of the works that it repeats: "D02/DO01". */
  sensor: string;
  /** Oxygen saturation instead, %, at the temperature of this sensor. */
  saturationAt?: string;
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

const float = (address: number) => ({ address, type: "float32", scale: 1 }) as const;
const word = (address: number, scale: number) => ({ address, type: "uint16", scale }) as const;

/** Code of NTU in the LTH's list of units; pH and µS/cm beside it are stand-ins. */
const lthUnits = { ntu: 1520, ph: 1422, microsiemens: 1552 } as const;

export const rtuInstruments: readonly RtuInstrument[] = [
  {
    unit: 247,
    device: "D02-LDO",
    stage: "D02",
    about: "Hach LDO, as delivered on unit 247",
    turnaroundMs: 20,
    echoesQuery: false,
    tables: ["holding"],
    order: "ABCD",
    holes: "zero",
    values: [
      { name: "DO01", sensor: "D02/DO01", ...word(0, 0.001) },
      { name: "TE01", sensor: "D01/SL02", ...word(1, 0.01) },
      { name: "SA01", sensor: "D02/DO01", saturationAt: "D01/SL02", ...word(11, 1) },
    ],
  },
  {
    unit: 11,
    device: "D11-PH",
    stage: "D11",
    about: "Yokogawa FLXA402, pH and ORP",
    turnaroundMs: 12,
    tables: ["holding"],
    order: "CDAB",
    holes: "zero",
    statusAt: 3,
    fixed: { 12: 0 },
    values: [
      { name: "TE01", sensor: "D12/SL01", ...float(4) },
      { name: "PH01", sensor: "D11/PH02", ...float(6) },
      { name: "RX01", sensor: "D11/SL01", ...float(8) },
    ],
  },
  {
    unit: 12,
    device: "D01-DO",
    stage: "D01",
    about: "TriOS DO",
    turnaroundMs: 8,
    identity: "TriOS DO 1.2.0",
    tables: ["holding"],
    order: "ABCD",
    holes: "refused",
    values: [
      { name: "DO01", sensor: "D01/DO02", ...float(1000) },
      { name: "SA01", sensor: "D01/DO02", saturationAt: "D01/SL02", ...float(1002) },
      { name: "TE01", sensor: "D01/SL02", ...float(1004) },
    ],
  },
  {
    unit: 13,
    device: "D06-LTH",
    stage: "D06",
    about: "LTH MXD70, three channels 300 registers apart",
    turnaroundMs: 15,
    plate: ["LTH Electronics", "MXD70", "2.11"],
    tables: ["holding", "input"],
    order: "ABCD",
    holes: "refused",
    fixed: { 2254: lthUnits.ntu, 2554: lthUnits.ph, 2854: lthUnits.microsiemens },
    values: [
      { name: "TU01", sensor: "D06/TU02", ...float(2250) },
      { name: "PH01", sensor: "D05/PH01", ...float(2550) },
      { name: "CD01", sensor: "D12/SL02", ...float(2850) },
    ],
  },
  {
    unit: 30,
    device: "D12-AI",
    stage: "D12",
    about: "eight channels of 4–20 mA, raw µA",
    turnaroundMs: 3,
    tables: ["input"],
    order: "ABCD",
    holes: "refused",
    isCurrent: true,
    values: [
      "D10/PR01",
      "D10/PR02",
      "D12/LV01",
      "D12/LV02",
      "D14/PR01",
      "D15/PR01",
      "D15/LV01",
      "D14/MO02",
    ].map((sensor, channel) => ({ name: `AI0${channel + 1}`, sensor, ...word(channel, 0.001) })),
  },
];

export const relayUnit = 40;

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

export const printers: readonly Printer[] = [
  {
    line: "wq",
    device: "D11-WQ",
    stage: "D11",
    style: "nmea",
    speaks: { everyMs: 1_000 },
    values: [
      { name: "CL01", sensor: "D11/CL02", field: "cl" },
      { name: "PH01", sensor: "D11/PH03", field: "ph" },
      { name: "TU01", sensor: "D11/TU01", field: "tu" },
    ],
  },
  {
    line: "csv",
    device: "D12-LOG",
    stage: "D12",
    style: "csv",
    speaks: { poll: "R\r" },
    values: [
      { name: "CL01", sensor: "D12/CL01", field: "cl" },
      { name: "PH01", sensor: "D12/PH01", field: "ph" },
      { name: "TE01", sensor: "D12/SL01", field: "t" },
    ],
  },
  {
    line: "pairs",
    device: "D13-KV",
    stage: "D13",
    style: "pairs",
    speaks: { everyMs: 2_000 },
    values: [
      { name: "CL01", sensor: "D13/CL01", field: "cl" },
      { name: "PH01", sensor: "D13/PH02", field: "ph" },
      { name: "FL01", sensor: "D13/FL01", field: "flow" },
    ],
  },
];

export interface Sdi12Probe {
  address: string;
  device: string;
  stage: string;
  /** 14 characters vendor and model, 3 version, a serial number. */
  identity: string;
  measureS: number;
  values: readonly SerialValue[];
}

export const sdi12Probes: readonly Sdi12Probe[] = [
  {
    address: "0",
    device: "D01-SDI",
    stage: "D01",
    identity: "SOMMER  RIVERX100000042",
    measureS: 8,
    values: [
      { name: "LV01", sensor: "D01/LV01" },
      { name: "TE01", sensor: "D01/SL02" },
      { name: "CD01", sensor: "D01/SL01" },
      { name: "TU01", sensor: "D01/TU01" },
    ],
  },
  {
    address: "1",
    device: "D15-SDI",
    stage: "D15",
    identity: "KELLER  LEVEL1210000007",
    measureS: 0,
    values: [
      { name: "LV01", sensor: "D15/LV01" },
      { name: "TE01", sensor: "D15/SL01" },
    ],
  },
];

export const vibrationSensor: { device: string; stage: MachineStage } = {
  device: "D14-VIB",
  stage: "D14",
};

export const serialLine = (id: string): SerialLine | undefined =>
  serialLines.find((line) => line.id === id);
