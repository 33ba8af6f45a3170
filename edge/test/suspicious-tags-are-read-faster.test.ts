import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { expect, test } from "vitest";
import { ControlRig } from "./control-rig.ts";

const boostMs = 600_000;

/** `roundTrip` decides how much room the bus has. */
const yamlOf = (roundTrip: string) => `
version: 1
site: {id: riverside}
edge: edge-d
connections:
  plc: {type: modbus-tcp, host: plc, roundTrip: ${roundTrip}, maxHole: 4}
devices:
  - id: D11
    connection: plc
    tags:
      CL01: {read: "holding:0", type: int16, scale: 0.01, unit: mg/L, kind: chlorine_free, every: 1s, min: 0, max: 10,
             detect: {delta: {max: 0.3, window: 30s}, boost: {factor: 5, for: 10m}}}
      CL02: {read: "holding:100", type: int16, scale: 0.01, unit: mg/L, kind: chlorine_free, every: 1s, min: 0, max: 10,
             detect: {delta: {max: 0.3, window: 30s}}}
      TU01: {read: "holding:200", type: int16, scale: 0.01, unit: NTU, kind: turbidity, every: 2s, min: 0, max: 10,
             detect: {z: {max: 4}}}
`;

function runningRig(roundTripMs = 20) {
  const rig = new ControlRig(yamlOf(`${roundTripMs}ms`));
  rig.slave.latencyMs = roundTripMs;
  rig.slave.holding[0] = 120;
  rig.slave.holding[100] = 110;
  rig.slave.holding[200] = 8;
  rig.control.start();
  rig.clock.advance(60_000);
  return rig;
}

/** Readings of each tag within the next `ms`. */
function countOver(rig: ControlRig, ms: number): number[] {
  const before = [0, 1, 2].map((tag) => rig.readings(tag).length);
  rig.clock.advance(ms);
  return [0, 1, 2].map((tag, i) => rig.readings(tag).length - numberAt(before, i));
}

test("half-way to its limit a tag is read five times as often, for ten minutes, and nobody else waits", () => {
  const rig = runningRig();
  expect(countOver(rig, 20_000)).toEqual([20, 20, 10]);
  expect(rig.status().fastTags).toEqual([]);
  rig.slave.holding[0] = 138; // 0.18 of at most 0.3
  rig.clock.advance(10_000);
  expect(rig.events("alert")).toEqual([]);
  expect(rig.status().fastTags).toEqual(["D11/CL01"]);
  const [fast, other, slow] = countOver(rig, 60_000);
  expect(present(fast) / 60).toBeCloseTo(5, 0);
  expect([other, slow]).toEqual([60, 30]);
  expect(rig.status().buses[0]).toMatchObject({ skippedPolls: 0, failures: 0 });
  expect(rig.status().buses[0]?.utilisation).toBeLessThan(0.5);
  // The jump leaves the window after 30 s; the boost lasts ten minutes from then.
  rig.clock.advance(boostMs);
  expect(rig.status().fastTags).toEqual([]);
  expect(countOver(rig, 20_000)).toEqual([20, 20, 10]);
  rig.control.stop();
});

test("a bus with little room grants less, and everybody still gets their turn", () => {
  const rig = runningRig(130);
  rig.slave.holding[0] = 138;
  rig.clock.advance(20_000);
  expect(rig.status().fastTags).toEqual(["D11/CL01"]);
  const [fast, other, slow] = countOver(rig, 60_000);
  expect(present(fast) / 60).toBeGreaterThan(1.8);
  expect(present(fast) / 60).toBeLessThan(5);
  expect([other, slow]).toEqual([60, 30]);
  rig.control.stop();
});

test("a bus without room stays as it is", () => {
  const rig = runningRig(320);
  rig.slave.holding[0] = 138;
  rig.clock.advance(20_000);
  expect(rig.status().fastTags).toEqual([]);
  expect(countOver(rig, 60_000)).toEqual([60, 60, 30]);
  rig.control.stop();
});

test("rules see the same whether a tag is read faster or not", () => {
  const rig = runningRig();
  rig.slave.holding[0] = 138;
  rig.clock.advance(5_000);
  expect(rig.status().fastTags).toEqual(["D11/CL01"]);
  rig.clock.advance(20_000);
  // 0.16 more within 30 s of the first rise: 0.34 in all, over a window of seconds and not of readings.
  rig.slave.holding[0] = 154;
  rig.clock.advance(2_000);
  expect(rig.events("alert")).toMatchObject([{ tag: "D11/CL01", active: true, threshold: 0.3 }]);
  expect(elementAt(rig.events("alert"), 0).score).toBeCloseTo(0.34, 6);
  rig.control.stop();
});

test("what was learned is handed over every ten minutes, soon after an alert, and at the end", () => {
  const rig = runningRig();
  const stored = () => rig.notices.filter(({ kind }) => kind === "learned").length;
  expect(stored()).toBe(0);
  rig.clock.advance(600_000);
  expect(stored()).toBe(1);
  rig.slave.holding[0] = 160;
  rig.clock.advance(90_000);
  expect(rig.events("alert")).not.toEqual([]);
  expect(stored()).toBeGreaterThanOrEqual(2);
  const before = stored();
  rig.control.stop();
  expect(stored()).toBe(before + 1);
});
