/** A safety rule on a tag that is printed: the whole control half, from the line to the coil. */

import { join } from "node:path";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { beforeEach, expect, test } from "vitest";
import { Quality } from "../src/conditioning/quality.ts";
import { createControl } from "../src/control/control-loop.ts";
import type { Notice } from "../src/hand-over.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { SynchronousClock } from "./synchronous-clock.ts";
import { FarEnd } from "./text-rig.ts";
import { VirtualSlave } from "./virtual-slave.ts";

const yaml = `
version: 1
site: {id: riverside}
edge: edge-d
connections:
  an: {type: line, port: /dev/ttyUSB0}
  plc: {type: modbus-tcp, host: plc}
devices:
  - {id: D11, connection: an, columns: 2, tags: {CL01: {read: field 1, every: 1s, unit: mg/L, min: 0, max: 10, limits: {hardHigh: 4, onDelay: 2s}}}}
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety:
  - {id: CL-HIGH, when: {tag: CL01, above: hardHigh}, onBad: trip, then: [{set: pump, to: off}]}
`;

let clock: SynchronousClock;
let instrument: FarEnd;
let plc: VirtualSlave;
let notices: Notice[];

beforeEach(() => {
  clock = new SynchronousClock(startMs);
  instrument = new FarEnd(clock);
  plc = new VirtualSlave(clock);
  plc.coils[0] = 1;
  notices = [];
  const control = createControl({
    configuration: configurationOf(yaml),
    clock,
    ioClock: clock,
    channelFor: ({ type }) => (type === "line" ? instrument.open : plc.open),
    latchStore: openLatchFile(join(tempDir(), "latched-trips")),
    notify: (notice) => notices.push(notice),
    logger: silentLogger,
    random: seeded(1, "line-trips"),
  });
  control.start();
  clock.advance(10);
  instrument.say("\r\n");
});

/** Prints `text` once a second. */
function print(text: string, seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    instrument.say(`${text}\r\n`);
    clock.advance(1_000);
  }
}

const qualities = () =>
  notices.flatMap((notice) => (notice.kind === "readings" ? [...notice.batch.qualities] : []));

test("a printed value above its limit stops the pump within the line that says so", () => {
  print("1.20,7.1", 5);
  expect(plc.coils[0]).toBe(1);
  print("4.36,7.1", 2);
  expect(plc.coils[0]).toBe(1);
  instrument.say("4.36,7.1\r\n");
  clock.advance(5);
  expect(plc.coils[0]).toBe(0);
});

test("lines that cannot be read are bad, and trip a rule that must see", () => {
  print("1.20,7.1", 5);
  print("1.207.1", 2);
  expect(plc.coils[0]).toBe(1);
  print("1.207.1", 6);
  expect(qualities()).toContain(Quality.BAD);
  expect(plc.coils[0]).toBe(0);
});

test("a line that stops makes its tag stale, and trips as well", () => {
  print("1.20,7.1", 5);
  clock.advance(1_500);
  expect(plc.coils[0]).toBe(1);
  clock.advance(10_000);
  expect(qualities()).toContain(Quality.STALE);
  expect(plc.coils[0]).toBe(0);
});

test("an adapter that is back within the time leaves the pump alone", () => {
  print("1.20,7.1", 5);
  instrument.unplug();
  instrument.isPlugged = true;
  clock.advance(300);
  instrument.say("0,7.1\r\n");
  print("1.20,7.1", 10);
  expect(plc.coils[0]).toBe(1);
  expect(new Set(qualities())).toEqual(new Set([Quality.GOOD]));
});
