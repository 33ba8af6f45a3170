/** `weir-edge scan`: what is on a line or a network, for whoever wires it. */
import { command, type ProgramIo } from "@weir/runtime/cli.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { seeded } from "@weir/runtime/random.ts";
import { tcpChannel } from "../acquisition/channel.node-net.ts";
import { serialChannel } from "../acquisition/channel.serialport.ts";
import { linuxSerialPorts } from "../ports/serial-ports.node-fs.ts";
import { agentProgram } from "../ports/serial-ports.ts";
import type { ScanSettings } from "../scan/scan.ts";
import { type Scan, scanKinds } from "../scan/scan.ts";
import { scanLine } from "../scan/scan-line.ts";
import { scanRtu } from "../scan/scan-rtu.ts";
import { scanSdi12 } from "../scan/scan-sdi12.ts";
import { readScanSettings } from "../scan/scan-settings.ts";
import { scanTcp } from "../scan/scan-tcp.ts";
import { failureText } from "./probe-target.ts";

const text = (flag: string, value: string, doc: string) =>
  ({ flag, type: "string", default: undefined, value, doc }) as const;

export const scan = command({
  about:
    "Looks for devices on a serial line or a network: Modbus units, SDI-12 sensors, text lines.",
  options: {
    port: text("--port", "PATH", "Serial line, as weir-edge ports shows it."),
    host: text(
      "--host",
      "HOSTS",
      "Hosts of modbus-tcp, as 10.0.8.10-20 or 10.0.8.0/28; else the serial device server.",
    ),
    tcpPort: {
      flag: "--tcp-port",
      type: "number",
      default: undefined,
      doc: "TCP port: 502 for modbus-tcp, else that of the serial device server.",
      min: 1,
      max: 65_535,
      integer: true,
    },
    units: text(
      "--units",
      "LIST",
      "Modbus units, as 1-32,247; all of 1-247 by default, for modbus-tcp 1 and 255.",
    ),
    baud: text("--baud", "LIST", "Baud rates to try, as 9600,19200; the usual ones by default."),
    parity: text("--parity", "LIST", "Parities to try: E,N by default, O if named."),
    addresses: text(
      "--addresses",
      "CHARACTERS",
      "SDI-12 addresses, as 012ab, or all; 0123456789 by default.",
    ),
    timeout: {
      flag: "--timeout",
      type: "number",
      default: undefined,
      doc: "Wait for each answer, milliseconds: 80 on a serial line, 300 over TCP, 250 for SDI-12.",
      min: 10,
      max: 10_000,
    },
    seconds: {
      flag: "--seconds",
      type: "number",
      default: 4,
      doc: "How long to listen to a text line at each baud rate.",
      min: 1,
      max: 600,
    },
    json: commonOptions.json,
  },
  positionals: { name: scanKinds.join("|"), doc: "What to look for.", min: 1, max: 1 },
  examples: [
    "weir-edge scan modbus-rtu --port /dev/serial/by-id/usb-FTDI_… --baud 9600,19200",
    "weir-edge scan modbus-rtu --host 10.0.8.20 --tcp-port 4001 --units 1-32",
    "weir-edge scan modbus-tcp --host 10.0.8.0/28",
    "weir-edge scan sdi12 --port /dev/ttyUSB0",
    "weir-edge scan line --port /dev/ttyUSB0",
  ],
  run: async (args, io) => {
    const read = readScanSettings(args);
    if (!read.ok) {
      for (const problem of read.problems) io.err(problem);
      return 2;
    }
    const ioClock = systemClock();
    return runScan(
      {
        settings: read.settings,
        ioClock,
        random: seeded(ioClock.nowMs(), "scan"),
        openSerial: serialChannel,
        openTcp: tcpChannel,
        usersOf: (path) => linuxSerialPorts().usersOf(path),
        report: reporter(args.json, io),
      },
      io,
    );
  },
});

/** Exit code: 0 when something was found, 1 when not. */
export async function runScan(of: Scan, io: Pick<ProgramIo, "err">): Promise<number> {
  const { settings } = of;
  if (settings.port !== undefined) {
    const [user] = of.usersOf(settings.port);
    if (user) {
      io.err(busyText(settings.port, user));
      return 1;
    }
  }
  const kinds = { "modbus-rtu": scanRtu, "modbus-tcp": scanTcp, sdi12: scanSdi12, line: scanLine };
  const result = await kinds[settings.kind](of);
  if (!result.ok) {
    io.err(openText(settings, result.text));
    return 1;
  }
  of.report({ event: "scanned", found: result.count }, [
    result.count === 0 ? result.advice : `${result.count} found${result.more ?? ""}`,
  ]);
  return result.count > 0 ? 0 : 1;
}

const busyText = (path: string, { program, pid }: { program: string; pid: number }): string =>
  program === agentProgram
    ? `${path} is read by the running agent (pid ${pid}), and two masters on one line disturb each other; stop it first ("systemctl stop weir-edge"), or scan another port`
    : `${path} is in use by ${program} (pid ${pid}); close that first, or scan another port`;

/** What the operating system's refusal means for whoever stands before the line. */
function openText({ port: path, hosts, tcpPort }: ScanSettings, reason: string): string {
  if (path === undefined) {
    const way = `${hosts[0]}:${tcpPort}`;
    return `${way}: ${failureText(way, reason)}`;
  }
  const why = reason.toLowerCase();
  if (why.includes("permission")) {
    return `${path} cannot be opened: permission denied; add this user to the group dialout ("sudo usermod -aG dialout $USER") and log in again`;
  }
  if (why.includes("lock") || why.includes("busy") || why.includes("temporarily")) {
    return `${path} is in use by another program; close that first, or scan another port`;
  }
  if (why.includes("no such file")) {
    return `${path} does not exist; "weir-edge ports" shows the ports there are`;
  }
  return `${path}: ${reason}`;
}

const reporter =
  (asJson: boolean, io: ProgramIo): Scan["report"] =>
  (event, lines) => {
    if (asJson) io.out(JSON.stringify(event));
    else for (const line of lines) io.out(line);
  };
