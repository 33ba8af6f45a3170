import { present } from "@weir/contracts/present.ts";
import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { SynchronousClock } from "../../../test/synchronous-clock.ts";
import { VirtualLine } from "../../../test/virtual-line.ts";
import type { ModbusReply } from "./reply.ts";
import type { ModbusRequest } from "./request.ts";
import { RtuMaster, type RtuMasterOptions } from "./rtu-master.ts";

class Rig {
  readonly clock = new SynchronousClock();
  readonly line = new VirtualLine(this.clock, { baud: 19_200, random: seeded(1) });
  readonly links: string[] = [];
  openCount = 0;
  readonly master: RtuMaster;

  constructor(over: Partial<RtuMasterOptions> = {}) {
    this.line.slave.holding.forEach((_, i, table) => {
      table[i] = i;
    });
    this.master = new RtuMaster({
      open: (events) => {
        this.openCount++;
        return this.line.open(events);
      },
      ioClock: this.clock,
      timeoutMs: 200,
      random: seeded(1),
      baud: 19_200,
      echo: false,
      turnaroundMs: 20,
      quarantineMs: 120,
      resync: true,
      gapMs: 0,
      pauseAfterConnectMs: 0,
      isNetworked: false,
      onUp: () => this.links.push("up"),
      onDown: (reason) => this.links.push(reason),
      ...over,
    });
    this.master.start();
    this.clock.advance(100);
  }

  #until(isDone: () => boolean): void {
    for (let i = 0; i < 5_000 && !isDone(); i++) this.clock.advance(1);
    expect(isDone()).toBe(true);
  }

  /** Waits until the line is free, asks, and tells what came and how long it took. */
  ask(request: ModbusRequest): { text: string; tookMs: number } {
    this.#until(() => !this.master.isBusy);
    const sentMs = this.clock.monotonicMs();
    let result: { text: string; tookMs: number } | undefined;
    this.master.send(request, (reply: ModbusReply) => {
      const text = reply.ok ? "ok" : reply.fault.text;
      result = { text, tookMs: this.clock.monotonicMs() - sentMs };
    });
    this.#until(() => result !== undefined);
    return present(result);
  }

  read(address: number) {
    return this.ask({ fc: 3, unit: 1, address, count: 2 });
  }
}

test("an answer is delivered with its last byte, not after a silence", () => {
  const rig = new Rig();
  rig.line.latencyMs = 5;
  // 8 bytes, 5 ms, 9 bytes, at 0.573 ms a byte.
  expect(rig.read(1).tookMs).toBeCloseTo(17 * 0.573 + 5, 1);
});

test("a line that returns what is sent is told as such", () => {
  const rig = new Rig();
  rig.line.echoes = true;
  expect(rig.read(1).text).toMatch(/the line returns what is sent; set echo: true/);
});

test("a write to all units is done, answered by none, and given its time", () => {
  const rig = new Rig();
  const told = rig.ask({ fc: 6, unit: 0, address: 5, value: 77 });
  expect(told.text).toBe("ok");
  expect(told.tookMs).toBeGreaterThanOrEqual(100);
  expect(rig.line.slave.holding[5]).toBe(77);
});

test("nothing is asked of a fresh connection before its pause is over", () => {
  const rig = new Rig({ pauseAfterConnectMs: 1_500 });
  expect(rig.master.isUp).toBe(false);
  rig.clock.advance(1_390);
  expect(rig.master.isUp).toBe(false);
  rig.clock.advance(50);
  expect(rig.links).toEqual(["up"]);
});

test("quiet time between requests is kept on top of the protocol's", () => {
  const rig = new Rig({ gapMs: 30 });
  for (let i = 0; i < 20; i++) expect(rig.read(i).text).toBe("ok");
  expect(rig.line.shortestGapMs).toBeGreaterThanOrEqual(30 + rig.line.gapMs);
});

test("somebody who talks without end makes the line lost, and it is back when he stops", () => {
  const rig = new Rig();
  expect(rig.read(1).text).toBe("ok");
  rig.clock.advance(50);
  for (let i = 0; i < 400; i++) {
    rig.line.say(Uint8Array.of(0x55));
    rig.clock.advance(10);
  }
  expect(rig.links.slice(0, 3)).toEqual(["up", "somebody talks without end", "up"]);
  rig.clock.advance(200);
  expect(rig.read(1).text).toBe("ok");
});

test("a line that stays silent is opened anew now and then", () => {
  const rig = new Rig();
  rig.line.units = [];
  expect(rig.openCount).toBe(1);
  for (let i = 0; i < 25; i++) expect(rig.read(i).text).toMatch(/no answer/);
  expect(rig.openCount).toBe(3);
});

test("a byte or two that a transceiver adds to the end of a frame costs a moment, not the answer", () => {
  const rig = new Rig();
  rig.line.behaviour = (_, answer, line) => line.say(Uint8Array.of(...answer, 0xff));
  for (let i = 0; i < 10; i++) expect(rig.read(10 * i).text).toBe("ok");
  expect(rig.master.isUp).toBe(true);
});

test("without questions to tell them apart a doubtful answer waits out the time-out", () => {
  const rig = new Rig({ resync: false });
  let isSilent = true;
  rig.line.behaviour = (request, answer, line) => {
    expect(request[1]).toBe(3);
    if (!isSilent) line.say(answer);
  };
  expect(rig.read(1).text).toMatch(/no answer/);
  isSilent = false;
  const doubtful = rig.read(2);
  expect(doubtful.text).toBe("ok");
  expect(doubtful.tookMs).toBeGreaterThan(190);
});

test("writes go out at once, whatever a unit owes", () => {
  const rig = new Rig();
  expect(rig.read(1).text).toBe("ok");
  rig.clock.advance(100);
  rig.line.behaviour = () => {};
  expect(rig.read(2).text).toMatch(/no answer/);
  rig.line.behaviour = undefined;
  const before = rig.line.slave.requests.length;
  expect(rig.ask({ fc: 5, unit: 1, address: 9, value: true }).text).toBe("ok");
  expect(rig.line.slave.requests[before]).toMatchObject({ fc: 5, address: 9 });
});
