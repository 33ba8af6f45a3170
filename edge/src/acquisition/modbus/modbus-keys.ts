/** Keys of Modbus connections: TCP, RTU on a serial line or over TCP. */
import { duration, flag, integer } from "@weir/runtime/setting-kinds.ts";
import { object, optional } from "@weir/runtime/setting-tables.ts";
import type { DraftOf } from "@weir/runtime/settings.ts";
import { place, unitDefault } from "../../configuration/document-words.ts";
import {
  carriedPatienceKeys,
  commonKeys,
  hostKey,
  type LineDefaults,
  networkPatience,
  patienceKeys,
  portKey,
  serialKeys,
} from "../transport-keys.ts";

/** MODBUS over Serial Line V1.02, 3.2: the default every device must offer. */
export const modbusLine: LineDefaults = { baud: 19_200, dataBits: 8, parity: "E", stopBits: 1 };
/** Longer would make a line wait for an answer that rarely comes; what is later still is told apart. */
export const quarantineMsMax = 120;

const watchdog = object(
  {
    unit: integer({ default: unitDefault, min: 0, max: 255, doc: "Modbus unit id." }),
    heartbeat: place("Register that the agent counts up."),
    every: duration({
      default: "1s",
      min: "20ms",
      max: "1m",
      doc: "Time between two heartbeats.",
    }),
    timeoutRegister: optional(place("Register of the module's time-out; written and read back.")),
    timeout: duration({
      min: "50ms",
      max: "10m",
      doc: "Time without a heartbeat until the outputs are safe.",
    }),
    resolution: duration({
      default: "10ms",
      min: "1ms",
      max: "1m",
      doc: "What the module counts its time-out in.",
    }),
  },
  {
    doc: "The I/O module's own watchdog: without a beating heartbeat it sets its outputs to their safe state. Real time.",
  },
);
export type WatchdogDraft = DraftOf<typeof watchdog>;

/** What a shared line needs to be sure whose answer it hears; on other connections without effect. */
export const trustKeys = {
  echo: flag({
    default: false,
    doc: "The line returns what is sent: an RS-485 adapter that hears itself.",
  }),
  // Of most devices on a serial line.
  turnaround: duration({
    default: "20ms",
    min: 0,
    max: "10s",
    doc: "Longest usual time of a device between a request and its answer.",
  }),
  quarantine: optional(
    duration({
      min: "5ms",
      max: "1m",
      doc: "Quiet time of a serial line after a request that was not answered; the time-out, at most 120ms, by default.",
    }),
  ),
  resync: flag({
    default: true,
    doc: "After a missing answer ask the device function 8, which nothing else can answer.",
  }),
};

const watchdogKey = { watchdog: optional(watchdog) };

const tcpKeys = {
  host: hostKey,
  port: portKey,
  ...patienceKeys(networkPatience),
  ...commonKeys,
  ...trustKeys,
};
const rtuKeys = {
  ...serialKeys(modbusLine),
  ...carriedPatienceKeys,
  ...commonKeys,
  ...trustKeys,
};

const docs = {
  tcp: "A device or gateway that speaks Modbus TCP.",
  rtu: "A serial line with Modbus RTU devices, or RTU frames over TCP.",
};

export const modbusTcp = object({ ...tcpKeys, ...watchdogKey }, { doc: docs.tcp });
export const modbusRtu = object({ ...rtuKeys, ...watchdogKey }, { doc: docs.rtu });
/** What may be changed from above: the watchdog cannot even be named. */
export const changedModbusTcp = object(tcpKeys, { doc: docs.tcp });
export const changedModbusRtu = object(rtuKeys, { doc: docs.rtu });
