import { numberAt, u8 } from "@weir/contracts/elements.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { PacedLine } from "./paced-line.ts";
import { RegisterSlave } from "./register-slave.ts";
import { RelayModule, relayWatchdog } from "./relay-module.ts";
import { crc16, RtuBus, rtuFrame } from "./rtu-bus.ts";
import { type FailureSetting, LineState } from "./serial-failures.ts";

let clock: SimulatedClock;
let state: LineState;
let bus: RtuBus;
let heard: { atMs: number; byte: number }[];
let value: number;

function build(baud: number): void {
  clock = new SimulatedClock(0);
  state = new LineState("rtu", seeded(1));
  heard = [];
  value = 8.12;
  const line = new PacedLine({
    format: { baud, dataBits: 8, parity: "E", stopBits: 1 },
    clock,
    transmit: (bytes) => {
      for (const byte of bytes) heard.push({ atMs: clock.monotonicMs(), byte });
    },
  });
  const analyser = new RegisterSlave({
    unit: 7,
    turnaroundMs: 20,
    echoesQuery: true,
    identity: "DO 1.2",
    plate: ["Maker", "Probe", "1.0"],
    tables: ["holding"],
    order: "CDAB",
    holes: "zero",
    registers: [
      { address: 0, type: "uint16", scale: 0.001, read: () => value },
      { address: 4, type: "float32", scale: 1, read: () => value },
    ],
    isFrozen: () => state.has("freeze", "7"),
  });
  const slaves = [analyser, new RelayModule(40, clock)];
  bus = new RtuBus({ line, state, slaves, beforeRequest: () => {} });
}

beforeEach(() => build(9_600));

async function ask(unit: number, ...pdu: number[]): Promise<number[]> {
  heard = [];
  bus.receive(rtuFrame(unit, Uint8Array.from(pdu)));
  await clock.advance(2_000);
  return heard.map(({ byte }) => byte);
}

const fail = (failure: FailureSetting["failure"]) =>
  state.add({ failure, device: "7", share: 1, delayMs: 700 });
const readOne = [3, 0, 0, 0, 1] as const;
const good = [...rtuFrame(7, Uint8Array.of(3, 2, 8120 >> 8, 8120 & 255))];

test("the CRC is Modbus'", () => {
  // Modbus over Serial Line V1.02, 6.2.2: 02 07 → 41 12 (low byte first).
  expect(crc16(Uint8Array.of(2, 7))).toBe(0x1241);
});

test("a slave answers its unit, its tables, and nothing with a wrong CRC", async () => {
  expect(await ask(7, ...readOne)).toEqual(good);
  expect(await ask(8, ...readOne)).toEqual([]);
  expect((await ask(7, 4, 0, 0, 0, 1)).slice(0, 3)).toEqual([7, 0x84, 1]);
  const spoiled = rtuFrame(7, Uint8Array.from(readOne));
  spoiled[7] = u8(spoiled, 7) ^ 1;
  bus.receive(spoiled);
  await clock.advance(1_000);
  expect(state.requestCount).toBe(3);
});

test("words lie in the order that the device says", async () => {
  value = 1;
  expect((await ask(7, 3, 0, 4, 0, 2)).slice(3, 7)).toEqual([0, 0, 0x3f, 0x80]);
});

test.each([
  [9_600, 8 * 1.14583, 7 * 1.14583, 3.5 * 1.14583],
  [115_200, 8 * 0.09549, 7 * 0.09549, 1.75],
])(
  "at %i baud request, silence, turnaround and answer take their time",
  async (baud, asked, answered, silence) => {
    build(baud);
    await ask(7, ...readOne);
    const endMs = heard.at(-1)?.atMs ?? Number.NaN;
    expect(endMs).toBeCloseTo(asked + silence + 20 + answered, 1);
  },
);

test("it tells who it is, and repeats what it is sent", async () => {
  const text = [...new TextEncoder().encode("DO 1.2")];
  expect((await ask(7, 0x11)).slice(1, -2)).toEqual([0x11, 7, ...text, 0xff]);
  expect((await ask(7, 8, 0, 0, 0xa5, 0x37)).slice(1, -2)).toEqual([8, 0, 0, 0xa5, 0x37]);
  const plate = await ask(7, 0x2b, 0x0e, 1, 0);
  expect(plate.slice(1, 10)).toEqual([0x2b, 0x0e, 1, 0x81, 0, 0, 3, 0, 5]);
  expect((await ask(7, 0x2b, 0x0e, 4, 9)).slice(1, 3)).toEqual([0xab, 2]);
});

test("a frame that arrives in pieces is one frame, and two requests at once are none", async () => {
  const frame = rtuFrame(7, Uint8Array.from(readOne));
  bus.receive(frame.subarray(0, 3));
  await clock.advance(2);
  bus.receive(frame.subarray(3));
  await clock.advance(1_000);
  expect(heard.map(({ byte }) => byte)).toEqual(good);
  heard = [];
  bus.receive(frame);
  bus.receive(frame);
  await clock.advance(1_000);
  expect(heard).toEqual([]);
});

describe("a device that misbehaves", () => {
  test("silent, truncated, wrong CRC, echo, junk, collision", async () => {
    const during = async (failure: FailureSetting["failure"]) => {
      const undo = fail(failure);
      const bytes = await ask(7, ...readOne);
      undo();
      return bytes;
    };
    expect(await during("silent")).toEqual([]);
    expect(await during("truncated")).toEqual(good.slice(0, 3));
    expect(await during("crc")).toEqual([...good.slice(0, -1), (good.at(-1) as number) ^ 1]);
    expect(await during("echo")).toEqual([...rtuFrame(7, Uint8Array.from(readOne)), ...good]);
    expect((await during("junk")).slice(4)).toEqual(good);
    expect(await during("collision")).not.toEqual(good);
    expect((await during("exception")).slice(0, 3)).toEqual([7, 0x83, 0x0b]);
    expect(await ask(7, ...readOne)).toEqual(good);
  });

  test("late by the time given", async () => {
    fail("late");
    await ask(7, ...readOne);
    expect(heard[0]?.atMs).toBeGreaterThan(700);
  });

  test("frozen values stand still while the device answers", async () => {
    fail("freeze");
    value = 3;
    expect(await ask(7, ...readOne)).toEqual(good);
  });
});

test("the relay module follows its coils, and drops them when nobody feeds its watchdog", async () => {
  const contact = async (i: number) => numberAt(await ask(40, 2, 0, i, 0, 1), 3);
  await ask(40, 5, 0, 2, 0xff, 0);
  expect(await contact(2)).toBe(1);
  await ask(40, 6, relayWatchdog.timeoutMs >> 8, relayWatchdog.timeoutMs & 255, 0x17, 0x70); // 6 s
  for (let i = 0; i < 3; i++) {
    await ask(40, 6, relayWatchdog.heartbeat >> 8, relayWatchdog.heartbeat & 255, 0, i);
    expect(await contact(2)).toBe(1);
  }
  await clock.advance(6_000); // reading does not feed it
  expect(await contact(2)).toBe(1);
  expect(await contact(2)).toBe(0);
  expect((await ask(40, 3, relayWatchdog.state >> 8, relayWatchdog.state & 255, 0, 1))[4]).toBe(2);
});
