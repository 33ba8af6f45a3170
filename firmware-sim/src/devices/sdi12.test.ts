import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { beforeEach, expect, test } from "vitest";
import { PacedLine } from "./paced-line.ts";
import { Sdi12Bus, sdi12Crc } from "./sdi12.ts";
import { LineState } from "./serial-failures.ts";

let clock: SimulatedClock;
let bus: Sdi12Bus;
let heard: string;

beforeEach(() => {
  clock = new SimulatedClock(0);
  heard = "";
  const line = new PacedLine({
    format: { baud: 1_200, dataBits: 7, parity: "E", stopBits: 1 },
    clock,
    transmit: (bytes) => {
      heard += String.fromCharCode(...bytes);
    },
  });
  const values = [
    { value: 2591, digits: 0 },
    { value: 706, digits: 0 },
    { value: 25.53, digits: 2 },
    { value: 0, digits: 0 },
  ];
  bus = new Sdi12Bus({
    line,
    state: new LineState("sdi12", seeded(1)),
    sensors: [
      {
        address: "0",
        identity: "SOMMER  RIVERX100000042",
        measureS: 8,
        measure: () => values,
      },
      { address: "b", identity: "KELLER  LEVEL1210", measureS: 0, measure: () => values.slice(2) },
    ],
    beforeRequest: () => {},
  });
});

async function say(command: string, waitMs = 1_000): Promise<string> {
  heard = "";
  bus.receive(new TextEncoder().encode(command));
  await clock.advance(waitMs);
  return heard;
}

test("the CRC is that of the standard's example", () => {
  expect(sdi12Crc("0+3.14")).toBe("OqZ");
});

test("a measurement takes its time, calls, and is fetched", async () => {
  expect(await say("0M!")).toBe("00084\r\n");
  heard = "";
  await clock.advance(8_000);
  expect(heard).toBe("0\r\n");
  expect(await say("0D0!")).toBe("0+2591+706+25.53+0\r\n");
  expect(await say("0D1!")).toBe("0\r\n");
});

test("acknowledge, identity, address, and silence for others", async () => {
  expect(await say("0!")).toBe("0\r\n");
  expect(await say("0I!")).toBe("014SOMMER  RIVERX100000042\r\n");
  expect(await say("3!")).toBe("");
  expect(await say("0A3!")).toBe("3\r\n");
  expect(await say("3!")).toBe("3\r\n");
  expect(await say("0!")).toBe("");
});

test("a break before a command leaves no trace", async () => {
  expect(await say("\0\0bM!")).toBe("b0002\r\n");
  expect(await say("bD0!")).toBe("b+25.53+0\r\n");
});

test("with CRC, concurrent, at once", async () => {
  expect(await say("bMC!")).toBe("b0002\r\n");
  expect(await say("bD0!")).toBe(`b+25.53+0${sdi12Crc("b+25.53+0")}\r\n`);
  expect(await say("0C!")).toBe("000804\r\n");
  expect(await say("b!")).toBe("b\r\n");
  await clock.advance(8_000);
  expect(await say("0D0!")).toBe("0+2591+706+25.53+0\r\n");
  expect(await say("bR0!")).toBe("b+25.53+0\r\n");
});

test("a command in between ends a measurement", async () => {
  await say("0M!");
  await say("0!");
  heard = "";
  await clock.advance(10_000);
  expect(heard).toBe("");
  expect(await say("0D0!")).toBe("0\r\n");
});
