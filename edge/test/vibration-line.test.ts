/** A line of vibration frames under the whole control loop: figures, trips, captures, and a bad line. */

import { join } from "node:path";
import { elementAt, f64, u8 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { seeded } from "@weir/runtime/random.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { describe, expect, test } from "vitest";
import { Quality } from "../src/conditioning/quality.ts";
import { loadConfiguration } from "../src/configuration/load-configuration.ts";
import { type Control, createControl } from "../src/control/control-loop.ts";
import type { EventFields, Notice } from "../src/hand-over.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { SynchronousClock } from "./synchronous-clock.ts";
import { VirtualSensor } from "./virtual-sensor.ts";
import { VirtualSlave } from "./virtual-slave.ts";

const yaml = `
version: 1
site: {id: riverside, tz: UTC}
edge: edge-d
connections:
  plc: {type: modbus-tcp, host: plc}
  vib: {type: frames, port: /dev/ttyUSB0, timeout: 2s}
devices:
  - id: PLC
    stage: D14
    connection: plc
    tags:
      MO02: {read: "holding:0", type: int16, scale: 0.1, min: 0, max: 150, unit: degC}
      SPEED: {read: "holding:1", type: int16, min: 0, max: 1500}
  - id: P01
    stage: D14
    connection: vib
    machine: {speed: 1480, speedTag: PLC/SPEED, kW: 30, bearing: {balls: 9, ball: 7.94, pitch: 39.04}}
    tags:
      rms_x: {read: feature x.rms}
      rms: {read: feature rms}
      zone: {read: feature zone}
      bpfo: {read: feature x.bpfo}
      shaft: {read: feature x.1x}
      slow: {read: feature x.crest, every: 5s}
outputs:
  pump: {write: "coil plc/1:0", safe: off}
safety:
  - {id: VIB-HIGH, when: {tag: rms_x, above: 5.0, for: 2s}, then: [{set: pump, to: off}], onBad: alarm}
  - {id: HOT, when: {tag: MO02, above: 95}, then: [{set: pump, to: off}]}
  - {id: OTHER, when: {tag: zone, above: 3.5}, action: alarm_only}
`;

type Body = NonNullable<EventFields["body"]>;
type BodyOf<C extends Body["case"]> = Extract<Body, { case: C }>["value"];

class Rig {
  readonly clock = new SynchronousClock(startMs);
  readonly configuration = configurationOf(yaml);
  readonly slave = new VirtualSlave(this.clock);
  readonly sensor = new VirtualSensor(this.clock);
  readonly notices: Notice[] = [];
  readonly control: Control;

  constructor() {
    this.slave.coils[0] = 1;
    this.slave.holding[1] = 1_480;
    this.control = createControl({
      configuration: this.configuration,
      clock: this.clock,
      ioClock: this.clock,
      channelFor: ({ type }) => (type === "frames" ? this.sensor.open : this.slave.open),
      latchStore: openLatchFile(join(tempDir(), "latched-trips")),
      notify: (notice) => this.notices.push(notice),
      logger: silentLogger,
      random: seeded(1, "rig"),
    });
    this.control.start();
  }

  events<C extends Body["case"]>(kind: C): BodyOf<C>[] {
    return this.notices.flatMap((notice) =>
      notice.kind === "event" && notice.event.body?.case === kind
        ? [notice.event.body.value as BodyOf<C>]
        : [],
    );
  }

  readings(name: string): { atMs: number; value: number; quality: Quality }[] {
    const tag = present(this.configuration.tags.find((t) => t.name === name)).index;
    return this.notices.flatMap((notice) => {
      if (notice.kind !== "readings") return [];
      const { tags, timesMs, values, qualities } = notice.batch;
      return [...tags].flatMap((index, i) =>
        index === tag
          ? [{ atMs: f64(timesMs, i), value: f64(values, i), quality: u8(qualities, i) as Quality }]
          : [],
      );
    });
  }

  bus() {
    const notice = this.notices.findLast((n) => n.kind === "status");
    return notice?.kind === "status" ? elementAt(notice.status.buses, 1) : expect.fail("no status");
  }
}

const tone = (mmS: number) => (i: number) => mmS * Math.sin((2 * Math.PI * 50 * i) / 1_000);

test("the example is accepted, and its machine is judged by its standard", () => {
  const loaded = loadConfiguration(new URL("../examples/machine.yaml", import.meta.url).pathname);
  if (!loaded.ok) expect.fail(formatProblems(loaded.problems));
  const { devices, tags } = loaded.configuration;
  expect(elementAt(devices, 1).machine).toMatchObject({
    speedTag: 0,
    limits: { source: "ISO 20816-3 group 2, flexible", boundaries: [2.3, 4.5, 7.1] },
  });
  expect(tags.find(({ name }) => name === "rms")?.limits.hardHigh).toBe(5);
});

test("once a second each figure is a reading; the level first, lines when there are samples enough", () => {
  const rig = new Rig();
  rig.sensor.velocity = tone(2);
  rig.clock.advance(10_500);
  const rms = rig.readings("rms_x").filter(({ quality }) => quality === Quality.GOOD);
  expect(rms.length).toBeGreaterThanOrEqual(9);
  for (const { value } of rms) expect(value).toBeCloseTo(Math.SQRT2, 2);
  const steps = rms.slice(1).map(({ atMs }, i) => atMs - elementAt(rms, i).atMs);
  expect(new Set(steps)).toEqual(new Set([1_000]));
  const bpfo = rig.readings("bpfo");
  expect(elementAt(bpfo, 0).atMs - elementAt(rms, 0).atMs).toBe(4_000);
  expect(bpfo.every(({ quality }) => quality === Quality.GOOD)).toBe(true);
  expect(rig.events("quality")).toEqual([]);
  expect(rig.readings("zone").at(-1)?.value).toBe(2);
  expect(rig.readings("slow").length).toBeLessThanOrEqual(3);
  expect(rig.events("trip")).toEqual([]);
});

test("lines follow the speed that another device measures, and wait while it is not known", () => {
  const rig = new Rig();
  rig.sensor.velocity = tone(2);
  rig.slave.holding[1] = 0x8000 + 1; // a broken speed measurement
  rig.clock.advance(10_000);
  expect(rig.readings("shaft").filter(({ quality }) => quality === Quality.GOOD)).toEqual([]);
  expect(rig.readings("rms").at(-1)).toMatchObject({ quality: Quality.GOOD });
  rig.slave.holding[1] = 600;
  rig.clock.advance(8_000);
  expect(rig.readings("shaft").at(-1)?.value).toBeLessThan(0.05);
  rig.sensor.velocity = (i) => 2 * Math.sin((2 * Math.PI * 10 * i) / 1_000);
  rig.clock.advance(8_000);
  expect(rig.readings("shaft").at(-1)?.value).toBeCloseTo(Math.SQRT2, 1);
});

describe("a trip", () => {
  test("by vibration: the pump stops, and the waveform of the last ten seconds goes up", () => {
    const rig = new Rig();
    rig.sensor.velocity = tone(2);
    rig.clock.advance(15_000);
    rig.sensor.velocity = tone(9);
    rig.clock.advance(5_000);
    expect(rig.slave.coils[0]).toBe(0);
    const trips = rig.events("trip");
    expect(trips.map(({ rule }) => rule).sort()).toEqual(["OTHER", "VIB-HIGH"]);
    const [waveform, ...others] = rig.events("waveform");
    expect(others).toEqual([]);
    expect(waveform).toMatchObject({ device: "P01", stage: "D14", axes: 3, rateHz: 1_000 });
    expect(waveform).toMatchObject({ unit: "mm/s", scale: 0.01 });
    const samples = present(present(waveform).samples);
    expect(samples.length).toBe(10 * 1_000 * 3 * 2);
    expect(samples.length).toBeLessThan(256 * 1_024);
    const view = new DataView(samples.buffer);
    const peak = (fromS: number, toS: number): number => {
      let most = 0;
      for (let i = fromS * 1_000; i < toS * 1_000; i++) {
        most = Math.max(most, view.getInt16(6 * i, true) * 0.01);
      }
      return most;
    };
    // It begins before the trouble and ends at the trip.
    expect(peak(0, 6)).toBeCloseTo(2, 1);
    expect(peak(9, 10)).toBeCloseTo(9, 1);
    const trip = elementAt(trips, 0);
    expect(present(present(waveform).fromMs) + 10_000).toBeCloseTo(present(trip.sampledAtMs), -2);
  });

  test("by the temperature of the same stage brings the waveform as well", () => {
    const rig = new Rig();
    rig.sensor.velocity = tone(2);
    rig.slave.holding[0] = 620;
    rig.clock.advance(8_000);
    rig.slave.holding[0] = 957;
    rig.clock.advance(8_000);
    expect(rig.events("trip").map(({ rule }) => rule)).toEqual(["HOT"]);
    expect(rig.slave.coils[0]).toBe(0);
    const [waveform] = rig.events("waveform");
    expect(waveform?.rule).toBe("HOT");
  });
});

describe("a bad line", () => {
  test("a lost frame: bad once, never a value across the hole, and then anew", () => {
    const rig = new Rig();
    rig.sensor.velocity = tone(2);
    rig.clock.advance(8_000);
    let isLost = false;
    rig.sensor.line = (frame) => {
      if (isLost) return frame;
      isLost = true;
      return undefined;
    };
    rig.clock.advance(8_000);
    const rms = rig.readings("rms_x");
    expect(rms.filter(({ quality }) => quality === Quality.BAD)).toHaveLength(1);
    for (const { value, quality } of rms) {
      if (quality === Quality.GOOD) expect(value).toBeCloseTo(Math.SQRT2, 2);
    }
    expect(rig.bus()).toMatchObject({ failures: 1, deadDevices: [] });
  });

  test("every frame damaged: no value, stale, and said what to look at", () => {
    const rig = new Rig();
    rig.sensor.velocity = tone(20);
    rig.sensor.line = (frame) => frame.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    rig.clock.advance(10_000);
    expect(rig.readings("rms_x").every(({ value }) => Number.isNaN(value))).toBe(true);
    expect(rig.readings("rms_x").at(-1)?.quality).toBe(Quality.STALE);
    expect(rig.bus().failures).toBeGreaterThan(80);
    expect(rig.bus().discardedBytes).toBeGreaterThan(40_000);
    expect(rig.bus().deadDevices).toEqual(["P01"]);
    expect(rig.events("trip")).toEqual([]);
  });

  test("a silent sensor is stale in time and its silence is told", () => {
    const rig = new Rig();
    rig.sensor.velocity = tone(2);
    rig.clock.advance(5_000);
    rig.sensor.line = () => undefined;
    rig.clock.advance(6_000);
    expect(rig.readings("rms_x").at(-1)?.quality).toBe(Quality.STALE);
    expect(rig.bus()).toMatchObject({ connected: true, deadDevices: ["P01"] });
    rig.sensor.line = (frame) => frame;
    rig.clock.advance(4_000);
    expect(rig.readings("rms_x").at(-1)).toMatchObject({ quality: Quality.GOOD });
    rig.clock.advance(3_000);
    expect(rig.bus().deadDevices).toEqual([]);
  });

  test("pulled out and plugged in: read again within three seconds, without a restart", () => {
    const rig = new Rig();
    rig.sensor.velocity = tone(2);
    rig.clock.advance(5_000);
    rig.sensor.unplug();
    rig.clock.advance(8_000);
    expect(rig.bus().connected).toBe(false);
    rig.sensor.isPlugged = true;
    rig.clock.advance(3_000);
    expect(rig.sensor.openCount).toBe(2);
    expect(rig.readings("rms_x").at(-1)).toMatchObject({ quality: Quality.GOOD });
    // What was measured before the plug was pulled is no part of what is measured now.
    expect(rig.readings("bpfo").at(-1)?.quality).toBe(Quality.STALE);
  });
});

test("after a stop nothing is read any more", () => {
  const rig = new Rig();
  rig.clock.advance(3_000);
  rig.control.stop();
  const { length } = rig.notices;
  rig.clock.advance(5_000);
  expect(rig.notices.length).toBe(length);
});
