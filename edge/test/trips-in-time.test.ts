/** Stale, bad and lost: a blind rule that must trip does, in time, and healthy water never trips. */
import { seeded } from "@weir/runtime/random.ts";
import { atWork, seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { expect, test } from "vitest";
import { ControlRig } from "./control-rig.ts";
import { exception } from "./virtual-slave.ts";

const yaml = `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc, timeout: 500ms}}
devices:
  - id: D
    connection: plc
    status: {read: "holding:1", bits: {0: failure}}
    tags:
      CL: {read: "holding:0", type: uint16, scale: 0.001, signal: 4-20mA, every: 1s, min: 0, max: 5, kind: chlorine_free,
           detect: {delta: {max: 0.3}, z: {}, stuck: {}, noise: {}, spike: {}}}
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety:
  - {id: HIGH, when: {tag: CL, above: 4, for: 2s}, then: [{set: pump, to: off}], onBad: trip}
`;

const currentOf = (value: number): number => Math.round((4 + (16 * value) / 5) * 1_000);

const set = (register: number, value: number) => (rig: ControlRig) => {
  rig.slave.holding[register] = value;
};

/** Ways to go blind or over the limit, and scans until the trip at most. */
const causes = {
  "above the limit": {
    scans: 4,
    apply: set(0, currentOf(4.5)),
  },
  "current of 3.5 mA": {
    scans: 4,
    apply: set(0, 3_500),
  },
  "current of 21.6 mA": {
    scans: 4,
    apply: set(0, 21_600),
  },
  "device failure": { scans: 4, apply: set(1, 1) },
  "refused requests": {
    scans: 4,
    apply: (rig: ControlRig) => {
      rig.slave.behaviour = (request, answer, link) =>
        link.send(request[7] === 3 ? exception(request, 4) : answer);
    },
  },
  // Stale after three periods; seen by the next sweep.
  "silence on reads": {
    scans: 5,
    apply: (rig: ControlRig) => {
      rig.slave.behaviour = (request, answer, link) => {
        if (request[7] !== 3) link.send(answer);
      };
    },
  },
} as const;

const seedCount = sized(60, 5_000);

test.each(Object.keys(causes) as (keyof typeof causes)[])(
  `%s trips within its scans, ${seedCount} seeds`,
  (name) => {
    const { scans, apply } = causes[name];
    for (const seed of atWork(seedsOf(seedCount))) {
      const random = seeded(seed, name);
      const rig = new ControlRig(yaml);
      rig.slave.latencyMs = 1 + random.uniform() * 50;
      rig.slave.holding[0] = currentOf(1 + 2 * random.uniform());
      rig.slave.coils[0] = 1;
      rig.control.start();
      rig.clock.advance(3_000 + random.uniform() * 5_000);
      expect(rig.slave.coils[0]).toBe(1);
      apply(rig);
      rig.clock.advance((scans + 1) * 1_000);
      expect(rig.slave.coils[0], `seed ${seed}`).toBe(0);
      expect(rig.status().latchedTrips).toEqual(["HIGH"]);
      rig.control.kill();
    }
  },
);

test("a lost connection trips as soon as it can be written again", () => {
  const rig = new ControlRig(yaml);
  rig.slave.holding[0] = currentOf(1.2);
  rig.slave.coils[0] = 1;
  rig.control.start();
  rig.clock.advance(5_000);
  rig.slave.isListening = false;
  rig.slave.cut();
  rig.clock.advance(10_000);
  expect(rig.events("trip")[0]?.cause).toBe(
    "free chlorine cannot be measured: failure: no connection",
  );
  expect(rig.events("output").map((e) => e.detail)).toEqual(["not written: no connection"]);
  rig.slave.isListening = true;
  rig.clock.advance(300);
  expect(rig.slave.coils[0]).toBe(0);
  rig.control.kill();
});

test("six hours of healthy water: no trip, no alert, no reading lost", () => {
  const random = seeded(9);
  const rig = new ControlRig(yaml);
  let drift = 0;
  rig.slave.behaviour = (_, answer, link) => {
    drift += -drift / 7_200 + 0.0002 * random.gaussian();
    rig.slave.holding[0] = currentOf(1.2 + drift + 0.006 * random.gaussian());
    link.send(answer, 1 + random.uniform() * 20);
  };
  rig.slave.holding[0] = currentOf(1.2);
  rig.control.start();
  rig.clock.advance(21_600_000);
  rig.control.stop();
  expect(rig.events("trip")).toEqual([]);
  expect(rig.events("alert")).toEqual([]);
  expect(rig.events("quality")).toEqual([]);
  expect(rig.status().acquired).toBeGreaterThanOrEqual(21_598);
});
