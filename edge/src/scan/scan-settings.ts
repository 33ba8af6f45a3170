/** The scan that a command line asks for, or everything that is wrong with it. */
import { nearestName } from "@weir/runtime/nearest-name.ts";
import { parities } from "../configuration/configuration.ts";
import { parseHosts, parseNumbers } from "./ranges.ts";
import { type ScanKind, type ScanSettings, scanKinds } from "./scan.ts";

export interface ScanArgs {
  port: string | undefined;
  host: string | undefined;
  tcpPort: number | undefined;
  units: string | undefined;
  baud: string | undefined;
  parity: string | undefined;
  addresses: string | undefined;
  timeout: number | undefined;
  seconds: number;
  positionals: string[];
}

interface Usual {
  units: string;
  bauds: string;
  parities: string;
  timeoutMs: number;
}

const usual: Record<ScanKind, Usual> = {
  "modbus-rtu": { units: "1-247", bauds: "19200,9600", parities: "E,N", timeoutMs: 80 },
  "modbus-tcp": { units: "1,255", bauds: "9600", parities: "N", timeoutMs: 300 },
  sdi12: { units: "0", bauds: "1200", parities: "E", timeoutMs: 250 },
  line: {
    units: "0",
    bauds: "9600,19200,115200,4800,38400,57600,2400,1200",
    parities: "N",
    timeoutMs: 0,
  },
};
const overTcpTimeoutMs = 300;
const digits = [..."0123456789"];
const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const modbusTcpPort = 502;

export function readScanSettings(
  args: ScanArgs,
): { ok: true; settings: ScanSettings } | { ok: false; problems: string[] } {
  const problems: string[] = [];
  const note = <T>(
    result: { ok: true; values: T[] } | { ok: false; text: string },
    flag: string,
  ) => {
    if (result.ok) return result.values;
    problems.push(`${flag} ${result.text}`);
    return [];
  };
  const word = args.positionals[0] ?? "";
  const kind = (scanKinds as readonly string[]).includes(word) ? (word as ScanKind) : undefined;
  if (kind === undefined) {
    const guess = nearestName(word, scanKinds);
    const remedy = guess ? `did you mean ${guess}?` : `look for one of ${scanKinds.join(", ")}`;
    return { ok: false, problems: [`there is nothing like "${word}" to scan for; ${remedy}`] };
  }
  problems.push(...placeProblems(kind, args));
  const own = usual[kind];
  const isSerial = args.port !== undefined;
  const lineTimeoutMs = isSerial || kind === "sdi12" ? own.timeoutMs : overTcpTimeoutMs;
  const settings: ScanSettings = {
    kind,
    port: args.port,
    hosts: args.host === undefined ? [] : note(parseHosts(args.host), "--host"),
    tcpPort: args.tcpPort ?? modbusTcpPort,
    units: note(
      parseNumbers(args.units ?? own.units, { what: "unit", min: 0, max: 255 }),
      "--units",
    ),
    areUnitsUsual: args.units === undefined,
    bauds: note(
      parseNumbers(args.baud ?? own.bauds, { what: "baud rate", min: 300, max: 4_000_000 }),
      "--baud",
    ),
    parities: note(parseParities(args.parity ?? own.parities), "--parity"),
    addresses: note(parseAddresses(args.addresses), "--addresses"),
    timeoutMs: args.timeout ?? lineTimeoutMs,
    listenMs: args.seconds * 1_000,
  };
  if (kind !== "modbus-tcp" && settings.hosts.length > 1) {
    problems.push("--host names several hosts; a serial device server is scanned by itself");
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings };
}

function placeProblems(kind: ScanKind, { port, host, tcpPort }: ScanArgs): string[] {
  if (kind === "modbus-tcp") {
    if (port !== undefined) {
      const isNumber = /^\d+$/.test(port);
      const remedy = isNumber ? `write --tcp-port ${port}` : "name hosts with --host";
      return [`--port is a serial line, and modbus-tcp has none; ${remedy}`];
    }
    return host === undefined ? ["name the hosts with --host, as 10.0.8.10-20"] : [];
  }
  if ((port === undefined) === (host === undefined)) {
    const isTcp = port !== undefined && /^\d+$/.test(port) && host !== undefined;
    return [
      isTcp
        ? `--port is a serial line; write --tcp-port ${port} for the device server`
        : "name the serial line with --port, or its device server with --host and --tcp-port",
    ];
  }
  if (host !== undefined && tcpPort === undefined) {
    return ["name the TCP port of the serial device server with --tcp-port"];
  }
  return [];
}

function parseParities(text: string) {
  const known = parities as readonly string[];
  const values = text.toUpperCase().split(",");
  const other = values.find((value) => !known.includes(value));
  if (other !== undefined) {
    return { ok: false as const, text: `"${other}" is no parity; write E, N or O` };
  }
  return { ok: true as const, values: values as ScanSettings["parities"][number][] };
}

function parseAddresses(text: string | undefined) {
  if (text === undefined) return { ok: true as const, values: digits };
  const all = [...digits, ...letters];
  if (text === "all") return { ok: true as const, values: all };
  const other = [...text].find((character) => !all.includes(character));
  if (other !== undefined || text === "") {
    return {
      ok: false as const,
      text: `"${other ?? ""}" is no SDI-12 address; write them as 012ab`,
    };
  }
  return { ok: true as const, values: [...new Set(text)] };
}
