/**
 * What the works has on serial lines beside its six gateways: real instruments' register maps on an RS-485
 * bus, printers of text, SDI-12 probes and a fast vibration sensor. All stand on the drinking-water line.
 */
import type {
  DerivedValue,
  Printer,
  RtuInstrument,
  Sdi12Probe,
  SerialKit,
  SerialLine,
} from "../../plant-definition/serial-kit.ts";
import { oxygenSaturation } from "./process/water-temperature.ts";

const lines: readonly SerialLine[] = [
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

const float = (address: number) => ({ address, type: "float32", scale: 1 }) as const;
const word = (address: number, scale: number) => ({ address, type: "uint16", scale }) as const;

/** Code of NTU in the LTH's list of units; pH and µS/cm beside it are stand-ins. */
const lthUnits = { ntu: 1520, ph: 1422, microsiemens: 1552 } as const;

/** Oxygen saturation, %, at the water temperature of a second sensor. */
const saturationAt = (from: string): DerivedValue => ({
  from,
  of: (oxygen, temperature) => (100 * oxygen) / oxygenSaturation(temperature),
  unit: "%",
  kind: "oxygen_saturation",
  resolution: 0.1,
  min: 0,
  max: 300,
});

const rtuInstruments: readonly RtuInstrument[] = [
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
      { name: "SA01", sensor: "D02/DO01", derived: saturationAt("D01/SL02"), ...word(11, 1) },
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
      { name: "SA01", sensor: "D01/DO02", derived: saturationAt("D01/SL02"), ...float(1002) },
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

const relayUnit = 40;

const printers: readonly Printer[] = [
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

const sdi12Probes: readonly Sdi12Probe[] = [
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

export const serialKit: SerialKit = {
  edge: "edge-d",
  lines,
  rtuInstruments,
  relayUnit,
  printers,
  sdi12Probes,
  vibration: {
    device: "D14-VIB",
    stage: "D14",
    // The high-lift pump, 6205 at the drive end.
    machine: {
      speed: 1_480,
      kW: 200,
      mounting: "flexible",
      bearing: { balls: 9, ball: 7.94, pitch: 39.04 },
    },
  },
};
