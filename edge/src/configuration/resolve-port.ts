/** Where a connection's bytes come from: a host and port, or a serial line and how it is set. */
import type { SettingPath } from "@weir/runtime/problem.ts";
import { textLine } from "../acquisition/line/line-keys.ts";
import { modbusLine } from "../acquisition/modbus/modbus-keys.ts";
import { sdi12Line } from "../acquisition/sdi12/sdi12-keys.ts";
import { framesLine } from "../acquisition/vibration/frames-keys.ts";
import { isModbus, type PortSettings } from "./configuration.ts";
import type { ConnectionDraftOf } from "./document-connection.ts";
import { fault, type Resolving } from "./resolving.ts";

const tcpPort = 502;
const tcpPortMax = 65_535;

/** How lines of each type are set when nothing is said. */
const lines = {
  "modbus-rtu": modbusLine,
  line: textLine,
  sdi12: sdi12Line,
  frames: framesLine,
} as const;

type Serial = ConnectionDraftOf<keyof typeof lines>;
type Known = Serial | ConnectionDraftOf<"modbus-tcp" | "mqtt">;

export function resolvePort(at: Resolving, raw: Known, path: SettingPath): PortSettings {
  if (raw.type === "mqtt") return { kind: "broker", url: raw.url ?? "" };
  if (raw.host !== undefined) {
    if (raw.type !== "modbus-tcp") refuseSerialKeys(at, raw, path);
    return { kind: "tcp", host: raw.host, port: portNumber(at, raw, path) };
  }
  if (raw.type === "modbus-tcp") {
    fault(at, path, '"host" is missing: the host name or address of the device');
    return { kind: "tcp", host: "", port: tcpPort };
  }
  if (raw.port === undefined) {
    fault(
      at,
      path,
      '"port" is missing: the path of a serial line, as /dev/serial/by-id/usb-…, or a TCP port together with "host"',
    );
  } else if (/^\d+$/.test(raw.port)) {
    fault(
      at,
      [...path, "port"],
      `"${raw.port}" is no path of a serial line; write one as /dev/serial/by-id/usb-…, or add "host" for a serial device server`,
    );
  }
  return serialLine(raw);
}

function serialLine(raw: Serial): PortSettings {
  const usual = lines[raw.type];
  return {
    kind: "serial",
    path: raw.port ?? "",
    baud: raw.baud ?? usual.baud,
    dataBits: raw.dataBits === undefined ? usual.dataBits : raw.dataBits === 7 ? 7 : 8,
    parity: raw.parity ?? usual.parity,
    stopBits: raw.stop === undefined ? usual.stopBits : raw.stop === 2 ? 2 : 1,
  };
}

function portNumber(
  at: Resolving,
  raw: Exclude<Known, { type: "mqtt" }>,
  connection: SettingPath,
): number {
  const text = raw.port;
  const path = [...connection, "port"];
  if (text === undefined) {
    if (!isModbus(raw.type)) {
      fault(at, connection, '"port" is missing: the TCP port of the serial device server');
    }
    return tcpPort;
  }
  if (!/^\d+$/.test(text)) {
    fault(at, path, `"${text}" is not a TCP port; with "host" it is a number`);
    return tcpPort;
  }
  const port = Number(text);
  if (port < 1 || port > tcpPortMax) {
    fault(at, path, `${port} is no TCP port; they go from 1 to ${tcpPortMax}`);
  }
  return port;
}

/** Whoever sets a baud rate beside a host believes in something that does not happen. */
function refuseSerialKeys(at: Resolving, raw: Serial, path: SettingPath): void {
  for (const key of ["baud", "dataBits", "parity", "stop"] as const) {
    if (raw[key] === undefined) continue;
    // The budget of a serial line behind a device server counts with its baud rate.
    if (key === "baud" && raw.type === "modbus-rtu") continue;
    fault(
      at,
      [...path, key],
      `a connection over TCP has no ${key}; set it in the serial device server`,
    );
  }
}
