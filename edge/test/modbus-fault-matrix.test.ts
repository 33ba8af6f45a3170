/**
 * The fault matrix: what a slave on TCP can do wrong. For every case and seed:
 * no value of another register is ever taken for good, every call settles by its deadline, the first
 * good read comes within 250 ms of the end of the fault.
 */
import { u8 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";
import { atWork, seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { describe, expect, test } from "vitest";
import type { ModbusReply } from "../src/acquisition/modbus/reply.ts";
import { TcpMaster } from "../src/acquisition/modbus/tcp-master.ts";
import { SynchronousClock } from "./synchronous-clock.ts";
import { type Behaviour, exception, VirtualSlave } from "./virtual-slave.ts";

const timeoutMs = 200;
const seedCount = sized(300, 50_000);
const faultyReads = 12;
const healthyReads = 20;
const giveUpMs = faultyReads * (timeoutMs + 300);

type Fault = (random: Random) => Behaviour;

const patched = (answer: Uint8Array, at: number, value: number): Uint8Array => {
  const bytes = Uint8Array.from(answer);
  bytes[at] = value;
  return bytes;
};

const faults: Record<string, Fault> = {
  silent: () => () => {},
  "drops the connection": (random) => (_, __, link) => link.close(random.uniform() * 5),
  "half close then silence": () => (_, __, link) => link.close(0),
  "exception 02": () => (request, _, link) => link.send(exception(request, 2)),
  "byte by byte": () => (_, answer, link) => {
    answer.forEach((byte, i) => {
      link.send(Uint8Array.of(byte), i * 0.5);
    });
  },
  "wrong transaction id": (random) => (_, answer, link) =>
    link.send(patched(answer, 1, u8(answer, 1) ^ (1 + random.integer(255)))),
  "late reply": (random) => (_, answer, link) =>
    link.send(answer, timeoutMs + 1 + random.uniform() * 300),
  "wrong unit": (random) => (_, answer, link) =>
    link.send(patched(answer, 6, u8(answer, 6) ^ (1 + random.integer(255)))),
  "wrong function": (random) => (_, answer, link) =>
    link.send(patched(answer, 7, u8(answer, 7) ^ (1 + random.integer(127)))),
  "wrong protocol id": (random) => (_, answer, link) =>
    link.send(patched(answer, 3, 1 + random.integer(255))),
  "length 60000": () => (_, answer, link) => link.send(patched(patched(answer, 4, 0xea), 5, 0x60)),
  "junk first": (random) => (_, answer, link) => {
    const junk = Uint8Array.from({ length: 4 }, () => random.integer(256));
    link.send(Uint8Array.of(...junk, ...answer));
  },
  truncated: (random) => (_, answer, link) =>
    link.send(answer.subarray(0, random.integer(answer.length))),
  "one register too many": () => (_, answer, link) => {
    const bytes = Uint8Array.of(...answer, 0x1e, 0x61);
    bytes[5] = u8(bytes, 5) + 2;
    bytes[8] = u8(bytes, 8) + 2;
    link.send(bytes);
  },
  "duplicate reply": (random) => (_, answer, link) => {
    link.send(answer, 1);
    link.send(answer, 1 + random.uniform() * 3);
  },
};

test("the matrix has its fifteen cases", () => {
  expect(Object.keys(faults)).toHaveLength(15);
});

/** Every register holds its own number: a wrong one is seen at once. */
const valueAt = (address: number): number => 1_000 + address;

function run(name: string, seed: number) {
  const clock = new SynchronousClock();
  const random = seeded(seed, name);
  const slave = new VirtualSlave(clock);
  for (let i = 0; i < slave.holding.length; i++) slave.holding[i] = valueAt(i);
  slave.latencyMs = 0.5 + random.uniform();
  const outcome = { wrong: 0, good: 0, failed: 0, latestSettleMs: 0, unsettled: 0, recoveryMs: -1 };
  let goodAfterwards = 0;
  let isEnding = false;
  let healthySinceMs = Number.POSITIVE_INFINITY;
  const master = new TcpMaster({
    open: slave.open,
    ioClock: clock,
    timeoutMs,
    random,
    onUp: () => next(),
    onDown: () => {},
  });
  const next = () => {
    if (!master.isUp || master.isBusy || isEnding) return;
    const address = random.integer(2_000);
    const count = 1 + random.integer(4);
    const sentMs = clock.monotonicMs();
    outcome.unsettled++;
    master.send({ fc: 3, unit: 1, address, count }, (reply: ModbusReply) => {
      outcome.unsettled--;
      outcome.latestSettleMs = Math.max(outcome.latestSettleMs, clock.monotonicMs() - sentMs);
      if (reply.ok) {
        outcome.good++;
        if (sentMs >= healthySinceMs) goodAfterwards++;
        for (let i = 0; i < count; i++) {
          const at = reply.dataAt + 2 * i;
          const value = (u8(reply.bytes, at) << 8) | u8(reply.bytes, at + 1);
          if (value !== valueAt(address + i)) outcome.wrong++;
        }
        if (outcome.recoveryMs < 0 && sentMs >= healthySinceMs) {
          outcome.recoveryMs = clock.monotonicMs() - healthySinceMs;
        }
      } else outcome.failed++;
      clock.after(random.integer(3), next);
    });
  };
  master.start();
  clock.advance(20);
  const fault = present(faults[name])(random);
  let left = faultyReads;
  slave.behaviour = (request, answer, link) => {
    if (left-- > 0) fault(request, answer, link);
    else {
      healthySinceMs = Math.min(healthySinceMs, clock.monotonicMs());
      link.send(answer);
    }
  };
  while (goodAfterwards < healthyReads && clock.monotonicMs() < giveUpMs) clock.advance(50);
  // Whatever is still under way settles.
  isEnding = true;
  clock.advance(timeoutMs);
  master.stop();
  return outcome;
}

describe.each(Object.keys(faults))("a slave: %s", (name) => {
  test(`never gives a wrong value, never hangs, recovers (${seedCount} seeds)`, () => {
    for (const seed of atWork(seedsOf(seedCount))) {
      const outcome = run(name, seed);
      expect(outcome.wrong, `seed ${seed}`).toBe(0);
      expect(outcome.latestSettleMs, `seed ${seed}`).toBeLessThanOrEqual(timeoutMs + 20);
      expect(outcome.good, `seed ${seed}`).toBeGreaterThanOrEqual(healthyReads);
      expect(outcome.unsettled, `seed ${seed}`).toBe(0);
      expect(outcome.recoveryMs, `seed ${seed}`).toBeLessThanOrEqual(250);
      expect(outcome.recoveryMs, `seed ${seed}`).toBeGreaterThanOrEqual(0);
    }
  });
});

test("a lost connection is told within 10 ms", () => {
  const clock = new SynchronousClock();
  const slave = new VirtualSlave(clock);
  slave.behaviour = () => {};
  let settledMs = -1;
  const master = new TcpMaster({
    open: slave.open,
    ioClock: clock,
    timeoutMs,
    random: seeded(1),
    onUp: () => {
      if (settledMs < 0) {
        master.send({ fc: 3, unit: 1, address: 0, count: 1 }, () => {
          settledMs = clock.monotonicMs();
        });
      }
    },
    onDown: () => {},
  });
  master.start();
  clock.advance(50);
  slave.cut();
  clock.advance(10);
  expect(settledMs).toBeGreaterThanOrEqual(50);
  master.stop();
});

test("a device that comes back is read again within 250 ms, however long it was away", () => {
  for (const awayMs of [100, 5_000, 3_600_000]) {
    const clock = new SynchronousClock();
    const slave = new VirtualSlave(clock);
    slave.isListening = false;
    let upMs = -1;
    const master = new TcpMaster({
      open: slave.open,
      ioClock: clock,
      timeoutMs,
      random: seeded(1),
      onUp: () => {
        upMs = clock.monotonicMs();
      },
      onDown: () => {},
    });
    master.start();
    clock.advance(awayMs);
    slave.isListening = true;
    clock.advance(250);
    expect(upMs - awayMs, `${awayMs} ms away`).toBeLessThanOrEqual(250);
    expect(upMs).toBeGreaterThanOrEqual(0);
    master.stop();
  }
});
