/** Against modbus-serial's server, somebody else's idea of the protocol, over a real socket. */

import { once } from "node:events";
import { u16 } from "@weir/contracts/elements.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { seeded } from "@weir/runtime/random.ts";
import { freePort } from "@weir/testing/free-port.ts";
import { ServerTCP } from "modbus-serial";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tcpChannel } from "../src/acquisition/channel.node-net.ts";
import type { ModbusReply } from "../src/acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../src/acquisition/modbus/request.ts";
import { TcpMaster } from "../src/acquisition/modbus/tcp-master.ts";

const coils = new Uint8Array(65_536);
const holding = new Uint16Array(65_536);
let server: ServerTCP;
let master: TcpMaster;

beforeAll(async () => {
  const port = await freePort();
  server = new ServerTCP(
    {
      getCoil: (address: number) => coils[address] === 1,
      getDiscreteInput: (address: number) => address % 3 === 0,
      getInputRegister: (address: number) => address ^ 0x5555,
      getHoldingRegister: (address: number) => u16(holding, address),
      setCoil: (address: number, value: boolean) => {
        coils[address] = value ? 1 : 0;
      },
      setRegister: (address: number, value: number) => {
        holding[address] = value;
      },
    },
    { host: "127.0.0.1", port, unitID: 255 },
  );
  await once(server, "initialized");
  await new Promise<void>((resolve) => {
    master = new TcpMaster({
      open: tcpChannel({ host: "127.0.0.1", port }),
      ioClock: systemClock(),
      timeoutMs: 2_000,
      random: seeded(1),
      onUp: resolve,
      onDown: () => {},
    });
    master.start();
  });
});

afterAll(async () => {
  master.stop();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

type Answer = { ok: true; data: number[] } | { ok: false; text: string };

const ask = (request: ModbusRequest): Promise<Answer> =>
  new Promise((resolve) => {
    master.send(request, (reply: ModbusReply) => {
      if (!reply.ok) return resolve({ ok: false, text: reply.fault.text });
      const size =
        "count" in request
          ? request.fc <= 2
            ? Math.ceil(request.count / 8)
            : 2 * request.count
          : 0;
      resolve({ ok: true, data: [...reply.bytes.subarray(reply.dataAt, reply.dataAt + size)] });
    });
  });

const words = (...values: number[]): number[] => values.flatMap((v) => [v >> 8, v & 0xff]);

test.each([0, 1, 247, 255])(
  "unit %i: every function code in the server's repertoire",
  async (unit) => {
    expect(await ask({ fc: 6, unit, address: 8, value: 0xbeef })).toEqual({ ok: true, data: [] });
    expect(await ask({ fc: 16, unit, address: 9, values: [1, 65_535] })).toEqual({
      ok: true,
      data: [],
    });
    expect(await ask({ fc: 3, unit, address: 8, count: 3 })).toEqual({
      ok: true,
      data: words(0xbeef, 1, 65_535),
    });
    expect(await ask({ fc: 4, unit, address: 100, count: 2 })).toEqual({
      ok: true,
      data: words(100 ^ 0x5555, 101 ^ 0x5555),
    });
    expect(await ask({ fc: 5, unit, address: 3, value: true })).toEqual({ ok: true, data: [] });
    const bits = Array.from({ length: 11 }, (_, i) => i % 2 === 0);
    expect(await ask({ fc: 15, unit, address: 4, values: bits })).toEqual({ ok: true, data: [] });
    expect(await ask({ fc: 1, unit, address: 3, count: 12 })).toEqual({
      ok: true,
      data: [0b10101011, 0b1010],
    });
    expect(await ask({ fc: 2, unit, address: 0, count: 7 })).toEqual({
      ok: true,
      data: [0b1001001],
    });
  },
);

test("a function the server does not know is its exception, not a hang", async () => {
  const answer = await ask({ fc: 22, unit: 1, address: 0, and: 0, or: 1 });
  expect(answer).toEqual({ ok: false, text: "exception 1: illegal function" });
});

test("a thousand reads in a row are each the answer to their own request", async () => {
  for (let i = 0; i < 1_000; i++) {
    const address = (i * 7_919) % 65_000;
    const answer = await ask({ fc: 4, unit: 1, address, count: 1 });
    expect(answer).toEqual({ ok: true, data: words(address ^ 0x5555) });
  }
});
