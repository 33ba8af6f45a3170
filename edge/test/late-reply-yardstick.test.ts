/**
 * One reply that comes after its time-out, on a real serial line: what a widely used library reports
 * afterwards, and what ours does. Each register holds its own number, so that a wrong value shows.
 */

import { u8 } from "@weir/contracts/elements.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { seeded } from "@weir/runtime/random.ts";
import { needs } from "@weir/testing/conditions.ts";
import ModbusSerial from "modbus-serial";
import { SerialPort } from "serialport";
import { afterEach, expect, test } from "vitest";
import { serialChannel } from "../src/acquisition/channel.serialport.ts";
import { RtuMaster } from "../src/acquisition/modbus/rtu-master.ts";
import { startLine, stopSlaves } from "./foreign-slaves.ts";
import { rtuFrame } from "./virtual-line.ts";

const timeoutMs = 100;
const lateMs = 150;
const readCount = 60;
const baud = 115_200;
const isHere = needs("socat").present;
const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await stopSlaves();
});

/** Answers reads, one after another; the first of them late. */
async function slowSlave(path: string): Promise<void> {
  const port = new SerialPort({ path, baudRate: baud });
  await new Promise<void>((resolve) => port.once("open", () => resolve()));
  let pending = Buffer.alloc(0);
  let readyMs = 0;
  let isFirst = true;
  port.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (; pending.length >= 8; pending = pending.subarray(8)) {
      const request = Uint8Array.from(pending.subarray(0, 8));
      const nowMs = performance.now();
      readyMs = Math.max(readyMs, nowMs) + (isFirst ? lateMs : 2);
      isFirst = false;
      const isRead = request[1] === 3;
      const answer = isRead
        ? rtuFrame(Uint8Array.of(u8(request, 0), 3, 2, u8(request, 2), u8(request, 3)))
        : request;
      setTimeout(() => port.write(Buffer.from(answer)), readyMs - nowMs);
    }
  });
  closing.push(() => new Promise((resolve) => port.close(() => resolve())));
}

interface Tally {
  good: number;
  wrong: number;
  failed: number;
}

const addressOf = (i: number): number => 1 + ((i * 37) % 5_000);

async function tallyOf(read: (address: number) => Promise<number | undefined>): Promise<Tally> {
  const tally = { good: 0, wrong: 0, failed: 0 };
  for (let i = 0; i < readCount; i++) {
    const address = addressOf(i);
    const value = await read(address);
    if (value === undefined) tally.failed++;
    else if (value === address) tally.good++;
    else tally.wrong++;
  }
  return tally;
}

test.runIf(isHere)("modbus-serial reports other registers' values as good", async () => {
  const line = await startLine();
  await slowSlave(line.far);
  const client = new ModbusSerial.default();
  await client.connectRTUBuffered(line.near, { baudRate: baud });
  closing.push(() => new Promise((resolve) => client.close(() => resolve())));
  client.setID(1);
  client.setTimeout(timeoutMs);
  const tally = await tallyOf((address) =>
    client.readHoldingRegisters(address, 1).then(
      ({ data }) => data[0],
      () => undefined,
    ),
  );
  expect(tally.wrong).toBeGreaterThan(readCount / 2);
});

test.runIf(isHere)("ours reports none", async () => {
  const line = await startLine();
  await slowSlave(line.far);
  let wake = () => {};
  const master = new RtuMaster({
    open: serialChannel({ path: line.near, baud, dataBits: 8, parity: "N", stopBits: 1 }),
    ioClock: systemClock(),
    timeoutMs,
    random: seeded(1),
    baud,
    echo: false,
    turnaroundMs: 5,
    quarantineMs: timeoutMs,
    resync: true,
    gapMs: 0,
    pauseAfterConnectMs: 0,
    isNetworked: false,
    onUp: () => wake(),
    onReady: () => wake(),
    onDown: () => {},
  });
  closing.push(() => master.stop());
  master.start();
  const isFree = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (master.isUp && !master.isBusy) resolve();
    });
  const tally = await tallyOf(async (address) => {
    await isFree();
    return new Promise((resolve) =>
      master.send({ fc: 3, unit: 1, address, count: 1 }, (reply) =>
        resolve(
          reply.ok
            ? u8(reply.bytes, reply.dataAt) * 256 + u8(reply.bytes, reply.dataAt + 1)
            : undefined,
        ),
      ),
    );
  });
  expect(tally.wrong).toBe(0);
  expect(tally.good).toBeGreaterThanOrEqual(readCount - 3);
});
