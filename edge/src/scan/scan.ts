/** What every scan needs, and what it says on the way. */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { OpenChannel } from "../acquisition/byte-channel.ts";
import type { SerialSettings } from "../configuration/configuration.ts";
import type { PortUser } from "../ports/serial-ports.ts";

export const scanKinds = ["modbus-rtu", "modbus-tcp", "sdi12", "line"] as const;
export type ScanKind = (typeof scanKinds)[number];

export interface ScanSettings {
  kind: ScanKind;
  /** Path of a serial line; undefined over TCP. */
  port: string | undefined;
  hosts: readonly string[];
  tcpPort: number;
  units: readonly number[];
  /** Nobody has named units: these are the usual ones. */
  areUnitsUsual: boolean;
  bauds: readonly number[];
  parities: readonly SerialSettings["parity"][];
  addresses: readonly string[];
  timeoutMs: number;
  listenMs: number;
}

export interface Scan {
  settings: ScanSettings;
  /** Real time. */
  ioClock: Clock;
  random: Random;
  openSerial: (settings: SerialSettings) => OpenChannel;
  openTcp: (address: { host: string; port: number }) => OpenChannel;
  usersOf: (path: string) => PortUser[];
  /** One event for programs, lines for people. */
  report: (event: { event: string; [key: string]: unknown }, lines: readonly string[]) => void;
}

export type ScanResult =
  /** `advice`: when nothing was found; `more`: beside what was found, may be empty. */
  | { ok: true; count: number; advice: string; more?: string }
  /** The line or host could not be opened. */
  | { ok: false; text: string };

/** One way to open the line: a setting of the serial port, or the device server. */
export interface Way {
  text: string;
  /** Keys of a connection in the configuration. */
  keys: string;
  baud: number | undefined;
  open: OpenChannel;
}

/** "19200 8E1": each baud rate with each parity, or the one device server. */
export function waysOf(
  { settings, openSerial, openTcp }: Scan,
  dataBits: (parity: SerialSettings["parity"]) => 7 | 8 = () => 8,
): Way[] {
  const { port, hosts, tcpPort, bauds, parities } = settings;
  if (port === undefined) {
    const host = elementAt(hosts, 0);
    const open = openTcp({ host, port: tcpPort });
    const keys = `host: ${host}, port: ${tcpPort}`;
    return [{ text: `${host}:${tcpPort}`, keys, baud: undefined, open }];
  }
  return bauds.flatMap((baud) =>
    parities.map((parity) => {
      const bits = dataBits(parity);
      return {
        text: `${baud} ${bits}${parity}1`,
        keys: `port: ${port}, baud: ${baud}, ${bits === 7 ? "dataBits: 7, " : ""}parity: ${parity}`,
        baud,
        open: openSerial({ path: port, baud, dataBits: bits, parity, stopBits: 1 }),
      };
    }),
  );
}

export const durationText = (ms: number): string =>
  ms < 90_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.ceil(ms / 60_000)} min`;
