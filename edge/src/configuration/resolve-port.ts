/** Where a connection's bytes come from: a host and port, or a serial line and how it is set. */
import type { SettingPath } from "@weir/runtime/problem.ts";
import {
  type ConnectionType,
  isModbus,
  type PortSettings,
  type SerialSettings,
} from "./configuration.ts";
import type { RawConnection } from "./raw-document.ts";
import { fault, type Resolving } from "./resolving.ts";

const tcpPort = 502;
const tcpPortMax = 65_535;

/** How lines of each type are set when nothing is said. */
const lines: Partial<Record<ConnectionType, Omit<SerialSettings, "path">>> = {
  // MODBUS over Serial Line V1.02, 3.2: the default every device must offer.
  "modbus-rtu": { baud: 19_200, dataBits: 8, parity: "E", stopBits: 1 },
  // SDI-12 v1.4, 4.3: the only one there is.
  sdi12: { baud: 1_200, dataBits: 7, parity: "E", stopBits: 1 },
  // Three axes at 1 kHz are 61 kbit/s.
  frames: { baud: 115_200, dataBits: 8, parity: "N", stopBits: 1 },
};
const usualLine: Omit<SerialSettings, "path"> = {
  baud: 9_600,
  dataBits: 8,
  parity: "N",
  stopBits: 1,
};

/** `needsTcp`: this type of connection cannot run on a serial line. */
export function resolvePort(
  at: Resolving,
  raw: RawConnection,
  { path, needsTcp }: { path: SettingPath; needsTcp: boolean },
): PortSettings {
  if (raw.host !== undefined) {
    refuseSerialKeys(at, raw, path);
    return { kind: "tcp", host: raw.host, port: portNumber(at, raw, path) };
  }
  if (needsTcp) {
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
  const usual = lines[raw.type ?? "modbus-tcp"] ?? usualLine;
  return {
    kind: "serial",
    path: raw.port ?? "",
    baud: raw.baud ?? usual.baud,
    dataBits: raw.dataBits === undefined ? usual.dataBits : raw.dataBits === 7 ? 7 : 8,
    parity: raw.parity ?? usual.parity,
    stopBits: raw.stop === undefined ? usual.stopBits : raw.stop === 2 ? 2 : 1,
  };
}

function portNumber(at: Resolving, raw: RawConnection, connection: SettingPath): number {
  const text = raw.port;
  const path = [...connection, "port"];
  if (text === undefined) {
    if (raw.type !== undefined && !isModbus(raw.type)) {
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
function refuseSerialKeys(at: Resolving, raw: RawConnection, path: SettingPath): void {
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
