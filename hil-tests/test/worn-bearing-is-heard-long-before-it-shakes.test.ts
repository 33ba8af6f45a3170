/**
 * A bearing of the high-lift pump wears, from the process to the cut-off: the sensor's bytes, the edge's
 * spectrum, the trip, the waveform, the motor that stops.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { f64 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { loadConfiguration } from "@weir/edge/configuration/load-configuration.ts";
import { createControl } from "@weir/edge/control/control-loop.ts";
import type { EventFields, Notice } from "@weir/edge/hand-over.ts";
import { openLatchFile } from "@weir/edge/safety/latch-store.file.ts";
import { createPlant, defaultStartMs } from "@weir/firmware-sim/create-plant.ts";
import { machineSensor } from "@weir/firmware-sim/devices/machine-sensor.ts";
import { VibrationMachine } from "@weir/firmware-sim/devices/vibration-machine.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import type { MachineVibration } from "@weir/firmware-sim/process/rotating-machine.ts";
import { quietScenario } from "@weir/firmware-sim/scenarios/scenario.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { GatewayLine } from "../src/simulation/gateway-channel.ts";
import { runFolder } from "../src/simulation/run-folder.ts";
import { sensorLine } from "../src/simulation/sensor-line.ts";

const motorCoil = present(
  present(waterWorks.registerMaps.get("plc-m")).actuators.find(
    ({ actuator }) => actuator.id === "D14.motor",
  ),
);
const hourMs = 3_600_000;

/** Ordinary rules on the machine's figures: the level stops the pump, the line only tells. */
const yaml = `
version: 1
site: {id: riverside, tz: UTC}
edge: edge-d
connections:
  plc-m: {type: modbus-tcp, host: plc-m}
  vib: {type: frames, port: /dev/serial/by-id/vib}
devices:
  - id: D14-VIB
    stage: D14
    connection: vib
    machine:
      {speed: 1480, kW: 200, mounting: flexible, bearing: {balls: 9, ball: 7.94, pitch: 39.04}}
    tags:
      rms: {read: feature x.rms}
      zone: {read: feature zone}
      bpfo: {read: feature x.bpfo}
      ratio: {read: feature x.bpfo-ratio}
      inner: {read: feature x.bpfi-ratio}
outputs:
  high_lift_pump: {write: "coil plc-m/1:${motorCoil.coil}", safe: off}
safety:
  - {id: BEARING, when: {tag: ratio, above: 8, for: 1s}, action: alarm_only}
  - {id: VIB-HIGH, when: {tag: rms, above: 5.0, for: 2s}, then: [{set: high_lift_pump, to: off}]}
`;

function rig(
  folder: string,
  machine: VibrationMachine,
  gateway: GatewayLine,
  clock: SimulatedClock,
) {
  const file = join(folder, "edge.yaml");
  writeFileSync(file, yaml);
  const loaded = loadConfiguration(file);
  if (!loaded.ok) throw new TypeError(formatProblems(loaded.problems));
  const { configuration } = loaded;
  const notices: Notice[] = [];
  const control = createControl({
    configuration,
    clock,
    ioClock: clock,
    channelFor: ({ type }) => (type === "frames" ? sensorLine(machine, clock) : gateway.open),
    latchStore: openLatchFile(join(folder, "latched-trips")),
    notify: (notice) => notices.push(notice),
    logger: silentLogger,
    random: seeded(1, "rig"),
  });
  control.start();
  const newest = (name: string): number => {
    const { index } = present(configuration.tags.find((tag) => tag.name === name));
    const values = notices.flatMap((notice) => {
      if (notice.kind !== "readings") return [];
      const { tags, values } = notice.batch;
      return [...tags].flatMap((tag, i) => (tag === index ? [f64(values, i)] : []));
    });
    return values.at(-1) ?? Number.NaN;
  };
  const bodies = (): EventFields["body"][] =>
    notices.flatMap((notice) => (notice.kind === "event" ? [notice.event.body] : []));
  return { control, newest, bodies };
}

const world = () => {
  const plant = createPlant({ plant: waterWorks, seed: 7, scenario: quietScenario });
  const clock = new SimulatedClock(defaultStartMs);
  const device = present(plant.devices.get("plc-m"));
  const gateway = new GatewayLine({ device, ioClock: clock, latencyMs: 1, catchUp: () => {} });
  return { plant, clock, gateway };
};

/** Amplitude of the bearing line, level, and the line over its surroundings. */
test.each([
  { a: 0, rms: 0.99, ratio: [1, 5] },
  { a: 0.1, rms: 0.99, ratio: [8, 15] },
  { a: 1, rms: 1.29, ratio: [60, 160] },
  { a: 4, rms: 3.47, ratio: [60, 500] },
  { a: 6, rms: 5.09, ratio: [60, 500] },
])("a bearing at $a: $rms mm/s", async ({ a, rms, ratio: [low = 0, high = 0] }) => {
  using folder = runFolder();
  const { clock, gateway } = world();
  const state: MachineVibration = {
    isRunning: true,
    level: 1,
    bearing: a,
    unbalance: 0,
    misalignment: 0,
    looseness: 0,
    cavitation: 0,
  };
  const machine = new VibrationMachine({ seed: 3, id: "D14", state: () => state });
  const { control, newest, bodies } = rig(folder.path, machine, gateway, clock);
  await clock.advance(12_000);
  expect(Math.abs(newest("rms") / rms - 1)).toBeLessThan(0.03);
  expect(newest("ratio")).toBeGreaterThan(low);
  expect(newest("ratio")).toBeLessThan(high);
  if (a <= 0.1) expect(newest("inner")).toBeLessThan(5);
  const tripped = bodies().flatMap((body) => (body?.case === "trip" ? [body.value.rule] : []));
  expect(tripped.includes("BEARING")).toBe(a >= 0.1);
  expect(tripped.includes("VIB-HIGH")).toBe(a === 6);
  control.kill();
});

test("the line is heard hours before the level stops the pump, and the waveform tells why it did", async () => {
  using folder = runFolder();
  const { plant, clock, gateway } = world();
  const machine = machineSensor(plant, "D14");
  const { control, newest, bodies } = rig(folder.path, machine, gateway, clock);
  const motor = present(plant.actuators.get("D14.motor"));
  /** Hours of the plant in which nobody listens, then some seconds of signal. */
  const later = async (hours: number, seconds: number) => {
    plant.advanceTo(plant.nowMs + hours * hourMs);
    await clock.advance(seconds * 1_000);
  };
  await later(0.1, 8);
  const healthy = newest("rms");
  expect(newest("ratio")).toBeLessThan(5);
  expect(newest("zone")).toBe(1);

  plant.inject({
    what: "event",
    event: "bearing-wear",
    stage: "D14",
    params: { tau: 0.05 },
    forMs: Number.POSITIVE_INFINITY,
  });
  await later(0.01, 8);
  expect(newest("ratio")).toBeGreaterThan(7);
  expect(Math.abs(newest("rms") / healthy - 1)).toBeLessThan(0.03);
  const heard = bodies().flatMap((body) => (body?.case === "trip" ? [body.value.rule] : []));
  expect(heard).toEqual(["BEARING"]);

  let hours = 0;
  for (; hours < 8 && motor.coil; hours += 0.5) await later(0.5, 4);
  expect(hours).toBeGreaterThan(4);
  expect(motor.coil).toBe(false);
  const trip = bodies().findLast((body) => body?.case === "trip")?.value;
  expect(trip).toMatchObject({ rule: "VIB-HIGH", tag: "D14-VIB/rms", limit: 5 });
  const waveform = bodies().findLast((body) => body?.case === "waveform")?.value;
  expect(waveform).toMatchObject({ rule: "VIB-HIGH", device: "D14-VIB", stage: "D14", axes: 3 });
  expect(waveform).toMatchObject({ rateHz: 1_000, unit: "mm/s" });
  const samples = new Int16Array(Uint8Array.from(present(waveform).samples as Uint8Array).buffer);
  const newestSecond = samples.subarray(-3_000).filter((_, i) => i % 3 === 0);
  const level = Math.sqrt(newestSecond.reduce((sum, v) => sum + v * v, 0) / newestSecond.length);
  expect(level * present(present(waveform).scale)).toBeGreaterThan(5);

  // The process is told by the coil alone: the pump runs down and is quiet.
  await later(0.1, 8);
  expect(newest("rms")).toBeLessThan(0.1);
  control.kill();
});
