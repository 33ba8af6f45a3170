/** A serial bus with several devices, as a source: what polls, writes, retries and faster rates do to it. */
import { elementAt, numberAt, u8 } from "@weir/contracts/elements.ts";
import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { createSource } from "../src/acquisition/connection-types.ts";
import type { Source } from "../src/acquisition/source.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { SynchronousClock } from "./synchronous-clock.ts";
import { VirtualLine } from "./virtual-line.ts";

const bus = (devices: string, over = "") => `
version: 1
site: {id: riverside}
edge: edge-d
connections:
  rs485: {type: modbus-rtu, port: /dev/ttyUSB0, baud: 19200, timeout: 200ms${over}}
devices:
${devices}`;

const device = (unit: number, tags: string, over = ""): string =>
  `  - {id: U${unit}, connection: rs485, unit: ${unit}${over}, tags: {${tags}}}\n`;

const every = (period: string, address = 0): string =>
  `T${address}: {read: "holding:${address}", type: int16, every: ${period}}`;

interface Taken {
  tag: number;
  raw: number;
  slotMs: number;
}

class BusRig {
  readonly clock = new SynchronousClock(startMs);
  readonly line: VirtualLine;
  readonly source: Source;
  readonly taken: Taken[] = [];
  readonly devices: [device: number, isUp: boolean][] = [];

  constructor(yaml: string) {
    const configuration = configurationOf(yaml);
    const random = seeded(1, "bus");
    this.line = new VirtualLine(this.clock, { baud: 19_200, random });
    this.line.units = configuration.devices.map(({ unit }) => unit);
    this.line.slave.holding.forEach((_, i, table) => {
      table[i] = i + 1;
    });
    this.source = createSource({
      configuration,
      connection: elementAt(configuration.connections, 0),
      open: this.line.open,
      clock: this.clock,
      ioClock: this.clock,
      random,
      sink: {
        begin: () => {},
        deviceStatus: () => {},
        take: (tag, raw, slotMs) => {
          this.taken.push({ tag, raw, slotMs });
        },
        miss: () => {},
        end: () => {},
      },
      goodValueOf: () => Number.NaN,
      // Registers do not vibrate.
      analysis: undefined as never,
      report: () => {},
      onLink: () => {},
      onDevice: (index, isUp) => {
        this.devices.push([index, isUp]);
      },
    });
    this.source.start();
  }

  of(tag: number): Taken[] {
    return this.taken.filter((reading) => reading.tag === tag);
  }
}

test("every tag is read at its own rate, and the silence before each request is kept", () => {
  const rig = new BusRig(
    bus(device(1, every("1s")) + device(2, every("2s")) + device(3, every("5s"))),
  );
  rig.clock.advance(60_500);
  expect(rig.of(0).length).toBeGreaterThanOrEqual(59);
  expect(rig.of(1).length).toBeGreaterThanOrEqual(29);
  expect(rig.of(2).length).toBeGreaterThanOrEqual(11);
  expect(rig.taken.every(({ raw }) => raw === 1)).toBe(true);
  expect(rig.line.shortestGapMs).toBeGreaterThanOrEqual(rig.line.gapMs);
  expect(rig.source.status()).toMatchObject({ failures: 0, discardedBytes: 0, skippedPolls: 0 });
  rig.source.stop();
});

test("a read that noise spoilt is asked for again at once, and keeps its slot", () => {
  const rig = new BusRig(bus(device(1, every("1s"))));
  rig.clock.advance(5_000);
  let spoilt = 0;
  rig.line.behaviour = (_, answer, line) => {
    if (spoilt++ % 4 === 0) answer[3] = u8(answer, 3) ^ 1;
    line.say(answer);
  };
  rig.clock.advance(30_000);
  const slots = rig.of(0).map(({ slotMs }) => slotMs);
  for (let i = 1; i < slots.length; i++)
    expect(numberAt(slots, i) - numberAt(slots, i - 1)).toBe(1_000);
  expect(rig.source.status().failures).toBeGreaterThan(5);
  rig.source.stop();
});

test("dead slaves cost their time-outs once, then little; they are found again", () => {
  const alive = [1, 2, 3].map((unit) => device(unit, every("1s"))).join("");
  const dead = [11, 12].map((unit) => device(unit, every("1s"))).join("");
  const rig = new BusRig(bus(alive + dead));
  rig.line.units = [1, 2, 3];
  rig.clock.advance(10_000);
  expect(rig.devices).toEqual([
    [3, false],
    [4, false],
  ]);
  const before = rig.taken.length;
  rig.clock.advance(300_000);
  // Of 900 readings of the living; the dead may take a twentieth of the time each.
  expect(rig.taken.length - before).toBeGreaterThan(870);
  rig.line.units = [1, 2, 3, 11, 12];
  rig.clock.advance(31_000);
  expect(rig.devices.slice(2).map(([, isUp]) => isUp)).toEqual([true, true]);
  rig.clock.advance(5_000);
  expect(rig.source.status().deadDevices).toEqual([]);
  rig.source.stop();
});

test("a write goes out as soon as the answer under way is here, before every poll", () => {
  const many = Array.from({ length: 12 }, (_, i) => device(i + 1, every("1s"))).join("");
  const rig = new BusRig(bus(many));
  rig.line.latencyMs = 15;
  rig.clock.advance(10_020);
  for (let i = 0; i < 20; i++) {
    rig.clock.advance(1_013);
    const { requests } = rig.line.slave;
    const already = requests.length;
    const sentMs = rig.clock.monotonicMs();
    let doneMs = 0;
    rig.source.urgent?.({ fc: 5, unit: 3, address: 7, value: i % 2 === 0 }, (reply) => {
      expect(reply.ok).toBe(true);
      doneMs = rig.clock.monotonicMs();
    });
    rig.clock.advance(500);
    const writtenAt = requests.findIndex((r, n) => n >= already && r.fc === 5);
    expect(writtenAt - already).toBeLessThanOrEqual(1);
    // The exchange under way, then this one, which is held until no second answer can come.
    expect(doneMs - sentMs).toBeLessThan(130);
  }
  rig.source.stop();
});

test("tags are read faster while the bus has room, and as before when it is over", () => {
  const rig = new BusRig(bus(device(1, every("2s")) + device(2, every("2s"))));
  rig.clock.advance(20_000);
  const before = rig.of(0).length;
  expect(rig.source.hasten([0], 10)).toBe(10);
  rig.clock.advance(20_000);
  const fast = rig
    .of(0)
    .slice(before)
    .map(({ slotMs }) => slotMs);
  expect(fast.length).toBeGreaterThanOrEqual(98);
  for (const slotMs of fast) expect(slotMs % 200).toBe(0);
  expect(rig.of(1).length).toBeGreaterThanOrEqual(19);
  // 80 % of the line, whatever is wished.
  const most = rig.source.hasten([0], 1_000);
  expect(most).toBeGreaterThan(20);
  expect(most).toBeLessThan(110);
  rig.source.status();
  rig.clock.advance(10_000);
  expect(rig.source.status().utilisation).toBeLessThan(0.95);
  expect(rig.source.hasten([0], 1)).toBe(1);
  const count = rig.of(0).length;
  rig.clock.advance(20_000);
  expect(rig.of(0).length - count).toBeLessThanOrEqual(11);
  rig.source.stop();
});

test("a device that needs more time, or smaller requests, gets them without slowing its neighbours", () => {
  const tags = `${every("1s", 0)}, ${every("1s", 6)}`;
  const rig = new BusRig(bus(device(1, tags) + device(2, tags, ", gap: 100ms, maxRegisters: 4")));
  rig.clock.advance(20_000);
  const { requests } = rig.line.slave;
  const from = (unit: number) => requests.filter((r) => r.fc === 3 && r.bytes[6] === unit);
  const counts = (unit: number) => new Set(from(unit).map((r) => r.bytes[11]));
  expect(counts(1)).toEqual(new Set([7]));
  expect(counts(2)).toEqual(new Set([1]));
  const polls = requests.filter((r) => r.fc === 3);
  for (let i = 1; i < polls.length; i++) {
    const apart = elementAt(polls, i).atMs - elementAt(polls, i - 1).atMs;
    if (elementAt(polls, i).bytes[6] === 2) expect(apart).toBeGreaterThanOrEqual(100);
  }
  expect(from(1).length).toBeGreaterThanOrEqual(19);
  rig.source.stop();
});
