import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "@weir/runtime/cli.ts";
import { seeded } from "@weir/runtime/random.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { describe, expect, test } from "vitest";
import { SynchronousClock } from "../../test/synchronous-clock.ts";
import { exception, VirtualSlave } from "../../test/virtual-slave.ts";
import { TcpMaster } from "../acquisition/modbus/tcp-master.ts";
import { probe, probeTarget } from "./probe.ts";
import { candidatesOf } from "./probe-candidates.ts";
import type { ProbeTarget } from "./probe-target.ts";
import { validate } from "./validate.ts";

const program = { name: "weir-edge", about: "The edge.", commands: { validate, probe } };

async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    env: {},
    isTTY: false,
  };
  const code = await runProgram(program, argv, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const example = new URL("../../examples/modbus-tcp.yaml", import.meta.url).pathname;

describe("validate", () => {
  test("prints the polls, tags and rules of a good file", async () => {
    const { code, out, err } = await run("validate", example);
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toContain(
      "edge-1 of mysite: 2 connections, 3 devices, 9 tags, 2 outputs, 2 safety rules",
    );
    expect(out).toContain("TANK1/TU01  turbidity      holding:4 (40005)");
    expect(out).toContain("CHLORINE-HIGH  TANK1/CL01 above 4 mg/L for 3s, 3 readings");
  });

  test("prints every fault of a bad one and ends with 1", async () => {
    const file = join(tempDir(), "edge.yaml");
    writeFileSync(
      file,
      "version: 1\nsite: {id: Riverside}\nedge: 7_\nconnections: {}\ndevices: []\n",
    );
    const { code, out, err } = await run("validate", "--config", file);
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err.split("\n")).toHaveLength(3);
    const asJson = await run("validate", file, "--json");
    expect(asJson.out.split("\n").map((line) => JSON.parse(line).line)).toEqual([2, 3]);
  });

  test("without a file says what is missing", async () => {
    expect(await run("validate")).toMatchObject({
      code: 2,
      err: "name the configuration: weir-edge validate FILE",
    });
  });
});

const target = (over: Partial<ProbeTarget> = {}): ProbeTarget => ({
  way: "plc:502",
  create: (bus) => new TcpMaster(bus),
  unit: 1,
  place: { table: "holding", address: 10 },
  timeoutMs: 200,
  expected: { min: 0, max: 14, scale: 1, offset: 0, areFloatsScaled: true },
  ...over,
});

async function probed(slave: VirtualSlave, clock: SynchronousClock, what: ProbeTarget) {
  const out: string[] = [];
  const write = (line: string) => out.push(line);
  const done = probeTarget(
    what,
    { open: slave.open, ioClock: clock, random: seeded(1) },
    { out: write, err: write },
  );
  clock.advance(5_000);
  return { code: await done, out };
}

describe("probe", () => {
  test("finds a float that is one register off and word-swapped", async () => {
    const clock = new SynchronousClock();
    const slave = new VirtualSlave(clock);
    slave.holding.set([0x6666, 0x40e6], 11); // 7.2, CDAB, at 11 instead of 10
    const { code, out } = await probed(
      slave,
      clock,
      target({ expected: { ...target().expected, shown: 7.2 } }),
    );
    expect(code).toBe(0);
    expect(out[5]).toBe(
      "  *      +1  holding:11 (40012)  float32  CDAB        7.20000       7.20000",
    );
  });

  test.each([
    [["--read", "input:107"], /^--host is missing: give --config FILE and a tag, or --host HOST/],
    [["--host", "plc"], /^--read is missing: /],
    [[], /^give --config FILE and a tag, or --host HOST and --read REGISTER$/],
    [
      ["--host", "plc", "--read", "input:107", "--min", "0"],
      /^--max is missing: what the instrument can show.*--shown/,
    ],
    [["--host", "plc", "--read", "input:107"], /^--min and --max are missing: /],
    [
      ["--host", "plc", "--read", "input:107", "--min", "3", "--max", "2"],
      /^--min 3 is not below --max 2$/,
    ],
  ])("%j: names what is missing, and nothing else", async (args, told) => {
    const { code, err } = await run("probe", ...args);
    expect(code).toBe(2);
    expect(err).toMatch(told);
  });

  test("shows what can be read when the neighbours are refused", async () => {
    const clock = new SynchronousClock();
    const slave = new VirtualSlave(clock);
    slave.holding[10] = 720;
    slave.behaviour = (request, answer, link) =>
      link.send(request[9] === 10 ? answer : exception(request, 2));
    const expected = { min: 5, max: 9, scale: 0.01, offset: 0, areFloatsScaled: false };
    const { code, out } = await probed(slave, clock, target({ expected }));
    expect(code).toBe(0);
    expect(out[1]).toBe("registers 0: 0x02D0");
    expect(out[5]).toContain("int16    ABCD            720       7.20000");
  });

  test("says so when nobody answers", async () => {
    const clock = new SynchronousClock();
    const slave = new VirtualSlave(clock);
    slave.isListening = false;
    const { code, out } = await probed(slave, clock, target());
    expect(code).toBe(1);
    expect(out).toEqual(["plc:502 unit 1: nothing listens there; check address and port"]);
  });

  test("covers three offsets, four types and every order that differs", () => {
    const registers = new Map([-1, 0, 1, 2].map((offset) => [offset, 0x1234 + offset]));
    const candidates = candidatesOf(registers, target().expected);
    expect(candidates).toHaveLength(3 * (2 + 2 + 4 + 4));
    expect(new Set(candidates.map((c) => `${c.offset}${c.type}${c.order}`)).size).toBe(36);
  });

  test("an option by its old name is refused with the new one", async () => {
    const { code, err } = await run(
      "probe",
      "--host",
      "plc",
      "--port",
      "5020",
      "--read",
      "input:0",
    );
    expect(code).toBe(2);
    expect(err.split("\n")[0]).toBe(
      "weir-edge: --port is called --tcp-port by now; write --tcp-port 5020",
    );
    expect((await run("probe", "--port=5020")).err).toContain("write --tcp-port 5020");
  });

  test("without enough words says what is missing", async () => {
    expect((await run("probe", "--host", "plc")).code).toBe(2);
  });
});
