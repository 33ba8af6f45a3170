/** The scan against devices in memory, on a simulated clock. */
import { u8 } from "@weir/contracts/elements.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { runScan } from "../src/commands/scan.ts";
import type { Scan } from "../src/scan/scan.ts";
import { readScanSettings, type ScanArgs } from "../src/scan/scan-settings.ts";
import { VirtualLine } from "./virtual-line.ts";
import { exception, VirtualSlave } from "./virtual-slave.ts";

let clock: SimulatedClock;
let events: { event: string; [key: string]: unknown }[];
let lines: string[];
let errors: string[];

beforeEach(() => {
  lines = [];
  clock = new SimulatedClock(0);
  events = [];
  errors = [];
});

const nothing: ScanArgs = {
  port: undefined,
  host: undefined,
  tcpPort: undefined,
  units: undefined,
  baud: undefined,
  parity: undefined,
  addresses: undefined,
  timeout: undefined,
  seconds: 1,
  positionals: [],
};

/** Exit code of a scan, which may take an hour of its own time. */
async function scan(
  kind: string,
  args: Partial<ScanArgs>,
  ports: Partial<Pick<Scan, "openSerial" | "openTcp" | "usersOf">>,
): Promise<number> {
  const read = readScanSettings({ ...nothing, ...args, positionals: [kind] });
  if (!read.ok) throw new Error(read.problems.join("\n"));
  const unused = () => {
    throw new Error("not to be opened");
  };
  const running = runScan(
    {
      settings: read.settings,
      ioClock: clock,
      random: seeded(1, "scan"),
      openSerial: unused,
      openTcp: unused,
      usersOf: () => [],
      report: (event, text) => {
        events.push(event);
        lines.push(...text);
      },
      ...ports,
    },
    { err: (line) => errors.push(line) },
  );
  let code: number | undefined;
  void running.then((result) => {
    code = result;
  });
  for (let i = 0; code === undefined && i < 3_600; i++) await clock.advance(1_000);
  return running;
}

const found = (event: string) => events.filter((one) => one.event === event);

describe("a serial line of Modbus", () => {
  const lineAt = (baud: number) => {
    const line = new VirtualLine(clock, { baud: 9_600, random: seeded(1, "line") });
    line.units = [3, 17];
    line.slave.holding.set([11, 12, 13, 14]);
    // At another rate the slaves understand nothing.
    const silent = { write: () => {}, close: () => {} };
    const openSerial: Scan["openSerial"] = (settings) =>
      settings.baud === baud
        ? line.open
        : (heard) => {
            clock.after(1, heard.onOpen);
            return silent;
          };
    return { line, openSerial };
  };

  test("units at the rate at which they speak, with their first registers", async () => {
    const { openSerial } = lineAt(9_600);
    expect(await scan("modbus-rtu", { port: "/dev/ttyUSB0", units: "1-20" }, { openSerial })).toBe(
      0,
    );
    expect(found("plan")[0]).toMatchObject({ units: 20, settings: 4 });
    expect(found("unit").map(({ unit, at }) => [unit, at])).toEqual([
      [3, "9600 8E1"],
      [17, "9600 8E1"],
      [3, "9600 8N1"],
      [17, "9600 8N1"],
    ]);
    expect(found("unit")[0]).toMatchObject({
      registers: [
        { table: "holding", address: 0, words: [11, 12, 13, 14, 0, 0, 0, 0] },
        { table: "input", address: 0 },
      ],
    });
    expect(events.at(-1)).toEqual({ event: "scanned", found: 4 });
  });

  test("an answer that comes late is its sender's, not that of the unit asked meanwhile", async () => {
    const { line, openSerial } = lineAt(9_600);
    line.latencyMs = 150;
    const args = { port: "/dev/ttyUSB0", units: "1-20", baud: "9600", parity: "E" };
    expect(await scan("modbus-rtu", args, { openSerial })).toBe(0);
    expect(found("unit").map(({ unit }) => unit)).toEqual([3, 17]);
  });

  const firstRegisters = [
    { table: "holding", address: 0, words: [11, 12, 13, 14, 0, 0, 0, 0] },
    { table: "input", address: 0 },
  ];

  test("a slow unit is read as well as found", async () => {
    const { line, openSerial } = lineAt(9_600);
    line.latencyMs = 700;
    const args = { port: "/dev/ttyUSB0", units: "1-20", baud: "9600", parity: "E" };
    expect(await scan("modbus-rtu", args, { openSerial })).toBe(0);
    expect(found("unit")[0]).toMatchObject({ unit: 3, registers: firstRegisters });
  });

  test("a port that the search has just closed, and that is locked for a moment, is read all the same", async () => {
    const { openSerial } = lineAt(9_600);
    let opens = 0;
    const locked: Scan["openSerial"] = (settings) => {
      const open = openSerial(settings);
      return (heard) => {
        opens += 1;
        if (opens !== 2 && opens !== 3) return open(heard);
        clock.after(1, () =>
          heard.onClose("Error Resource temporarily unavailable Cannot lock port"),
        );
        return { write: () => {}, close: () => {} };
      };
    };
    const args = { port: "/dev/ttyUSB0", units: "1-20", baud: "9600", parity: "E" };
    expect(await scan("modbus-rtu", args, { openSerial: locked })).toBe(0);
    expect(opens).toBe(4);
    expect(found("unit")[0]).toMatchObject({ unit: 3, registers: firstRegisters });
  });

  test("a line of echoes", async () => {
    const { line, openSerial } = lineAt(9_600);
    line.echoes = true;
    const args = { port: "/dev/ttyUSB0", units: "1-20", baud: "9600", parity: "E" };
    await scan("modbus-rtu", args, { openSerial });
    expect(found("unit").map(({ unit }) => unit)).toEqual([3, 17]);
  });

  test("nobody there: what to look at", async () => {
    const { line, openSerial } = lineAt(9_600);
    line.units = [];
    const args = { port: "/dev/ttyUSB0", units: "1-20" };
    expect(await scan("modbus-rtu", args, { openSerial })).toBe(1);
  });

  test("a line that does not open, or that somebody has", async () => {
    const closing: Scan["openSerial"] = () => (heard) => {
      clock.after(1, () => heard.onClose("Error: Permission denied, cannot open /dev/ttyUSB0"));
      return { write: () => {}, close: () => {} };
    };
    expect(await scan("modbus-rtu", { port: "/dev/ttyUSB0" }, { openSerial: closing })).toBe(1);
    const usersOf = () => [{ pid: 12, program: "weir-edge" }];
    expect(await scan("line", { port: "/dev/ttyUSB0" }, { usersOf })).toBe(1);
    expect(errors).toEqual([
      expect.stringContaining("add this user to the group dialout"),
      expect.stringContaining("read by the running agent (pid 12)"),
    ]);
  });
});

describe("Modbus TCP", () => {
  test("hosts of a range, units of a gateway, registers or their refusal", async () => {
    const slave = new VirtualSlave(clock);
    slave.input.set([1, 2, 3]);
    slave.behaviour = (request, answer, link) => {
      // A gateway without the unit says so; the device has no holding registers.
      const [unit, fc] = [u8(request, 6), u8(request, 7)];
      if (unit !== 2) link.send(exception(request, 11));
      else if (fc === 3) link.send(exception(request, 1));
      else link.send(answer);
    };
    const openTcp: Scan["openTcp"] = ({ host }) =>
      host === "10.0.8.11"
        ? slave.open
        : (heard) => {
            clock.after(5, () => heard.onClose("ECONNREFUSED"));
            return { write: () => {}, close: () => {} };
          };
    const args = { host: "10.0.8.10-30", units: "1-3" };
    expect(await scan("modbus-tcp", args, { openTcp })).toBe(0);
    expect(found("unit")).toEqual([
      expect.objectContaining({
        unit: 2,
        at: "10.0.8.11:502",
        registers: [{ table: "input", address: 0, words: [1, 2, 3, 0, 0, 0, 0, 0] }],
      }),
    ]);
  });

  test("units that a server answers for with its own failure are told apart from the one that is there", async () => {
    const slave = new VirtualSlave(clock);
    slave.behaviour = (request, answer, link) =>
      link.send(request[6] === 17 ? answer : exception(request, 4));
    const openTcp: Scan["openTcp"] = () => slave.open;
    expect(await scan("modbus-tcp", { host: "10.0.8.11" }, { openTcp })).toBe(1);
    expect(lines[0]).toMatch(/asks units 1 and 255 of 1 host: .*; others with --units 1-247$/);
    expect(found("unit")).toEqual([]);
    expect(found("doubtful")).toMatchObject([{ units: [1, 255], exception: 4 }]);
    expect(lines.at(-1)).toBe("no unit was found; name more of them with --units 1-247");
    expect(await scan("modbus-tcp", { host: "10.0.8.11", units: "1-20" }, { openTcp })).toBe(0);
    expect(found("unit").map(({ unit }) => unit)).toEqual([17]);
    expect(lines.at(-1)).toBe("1 found");
    expect(
      lines.some((line) => /19 units from 1 to 20 answer everything with exception 4/.test(line)),
    ).toBe(true);
  });

  test("a unit without a usual register is there, with the next step", async () => {
    const slave = new VirtualSlave(clock);
    slave.behaviour = (request, _, link) => link.send(exception(request, 2));
    const openTcp: Scan["openTcp"] = () => slave.open;
    expect(await scan("modbus-tcp", { host: "10.0.8.11", units: "5" }, { openTcp })).toBe(0);
    expect(
      lines.some((line) => /none of the usual first registers.*weir-edge probe/.test(line)),
    ).toBe(true);
  });

  test("a host that takes connections and says nothing is told", async () => {
    const openTcp: Scan["openTcp"] = () => (heard) => {
      clock.after(1, heard.onOpen);
      return { write: () => {}, close: () => {} };
    };
    expect(await scan("modbus-tcp", { host: "10.0.8.11" }, { openTcp })).toBe(1);
    expect(found("silent")).toEqual([{ event: "silent", at: "10.0.8.11:502" }]);
  });
});

test.each([
  ["modbus-tcp", "--port is a serial line, and modbus-tcp has none; write --tcp-port 5020"],
  ["modbus-rtu", "--port is a serial line; write --tcp-port 5020 for the device server"],
])("%s: a TCP port under the name of a serial line is told with its own name", (kind, text) => {
  const read = readScanSettings({ ...nothing, host: "plc", port: "5020", positionals: [kind] });
  expect(read.ok ? [] : read.problems).toEqual([text]);
});

test("everything that is wrong with a command line, at once", () => {
  const read = readScanSettings({
    ...nothing,
    port: "/dev/ttyUSB0",
    host: "10.0.8.20",
    units: "0-300",
    baud: "fast",
    parity: "M",
    addresses: "0-9",
    positionals: ["modbus-rtu"],
  });
  expect(read.ok ? [] : read.problems).toEqual([
    "name the serial line with --port, or its device server with --host and --tcp-port",
    '--units "0-300" is no unit; they go from 0 to 255',
    '--baud "fast" is no baud rate; write them as 300-4000000 or 300,4000000',
    '--parity "M" is no parity; write E, N or O',
    '--addresses "-" is no SDI-12 address; write them as 012ab',
  ]);
});
