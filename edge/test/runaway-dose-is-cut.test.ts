import { u16 } from "@weir/contracts/elements.ts";
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { expect, test } from "vitest";
import { ControlRig } from "./control-rig.ts";

const yaml = `
version: 1
site: {id: riverside}
edge: edge-d
connections:
  plc: {type: modbus-tcp, host: plc, watchdog: {heartbeat: "holding:90", every: 200ms, timeoutRegister: "holding:91", timeout: 1s, resolution: 10ms}}
devices:
  - id: D11
    connection: plc
    tags:
      CL01: {read: "holding:0", type: int16, scale: 0.01, unit: mg/L, kind: chlorine_free, every: 1s, min: 0, max: 10,
             limits: {hardLow: 0.2, hardHigh: 4.0, onDelay: 3s, deadband: 0.1}}
      PH01: {read: "holding:1", type: int16, scale: 0.01, unit: pH, kind: ph, every: 1s, min: 0, max: 14}
outputs:
  dosing_pump: {write: "coil plc/1:0", safe: off, feedback: {read: "discrete plc/1:0", within: 5s}, secondary: breaker}
  breaker: {write: "coil plc/1:1", safe: off}
safety:
  - {id: CL-HIGH, group: cl, when: {tag: CL01, above: hardHigh}, then: [{set: dosing_pump, to: off, afterReset: on}]}
  - {id: CL-LOW, group: cl, when: {tag: CL01, below: hardLow}, then: [{set: dosing_pump, to: off}], suppressedBy: [CL-HIGH]}
`;

function runningRig() {
  const rig = new ControlRig(yaml);
  rig.slave.holding[0] = 120;
  rig.slave.holding[1] = 720;
  rig.slave.coils[0] = 1;
  rig.slave.coils[1] = 1;
  rig.slave.discrete[0] = 1;
  rig.followCoil(2_000);
  rig.control.start();
  rig.clock.advance(5_000);
  return rig;
}

test("a runaway dose is cut, verified, latched, and comes back only by hand", () => {
  const rig = runningRig();
  expect(rig.readings(0).at(-1)).toMatchObject({ value: 1.2, quality: 0 });
  rig.slave.holding[0] = 436;
  rig.clock.advance(2_500);
  expect(rig.slave.coils[0], "the on-delay has not passed").toBe(1);
  rig.clock.advance(2_000);
  expect(rig.slave.coils[0]).toBe(0);
  const [trip] = rig.events("trip");
  expect(trip).toMatchObject({
    rule: "CL-HIGH",
    tag: "D11/CL01",
    cause: "free chlorine above 4 mg/L for 3s (4.36 mg/L)",
    value: 4.36,
    limit: 4,
    firstOut: true,
    outputs: ["dosing_pump"],
  });
  rig.clock.advance(4_000);
  const outcomes = rig.events("output").map((e) => e.outcome);
  expect(outcomes).toEqual([OutputOutcome.WRITTEN, OutputOutcome.VERIFIED]);
  expect(rig.status()).toMatchObject({ latchedTrips: ["CL-HIGH"], resettableTrips: [] });

  const reset = { kind: "reset-trip", rule: "CL-HIGH", by: "ana", reason: "valve closed" } as const;
  expect(rig.order({ ...reset, ref: "1" })).toEqual({
    accepted: false,
    reason: "the cause is not gone: D11/CL01 must be at most 3.9 mg/L",
  });
  // Within the dead-band: still too high.
  rig.slave.holding[0] = 395;
  rig.clock.advance(2_000);
  expect(rig.order({ ...reset, ref: "2" }).accepted).toBe(false);
  const trippedMs = (trip?.sampledAtMs ?? 0) + rig.slave.latencyMs;
  expect(rig.status().suppressedRules).toEqual([
    { rule: "CL-LOW", by: ["CL-HIGH"], sinceMs: trippedMs, isBeyond: false },
  ]);
  // Chlorine falls below the low limit: what is latched for high chlorine does not hide that it is low.
  rig.slave.holding[0] = 10;
  rig.clock.advance(5_000);
  expect(rig.status().suppressedRules).toEqual([]);
  expect(rig.events("trip").map(({ rule, firstOut }) => [rule, firstOut])).toEqual([
    ["CL-HIGH", true],
    ["CL-LOW", false],
  ]);
  rig.slave.holding[0] = 120;
  rig.clock.advance(10_000);
  expect(rig.status().resettableTrips).toEqual(["CL-HIGH", "CL-LOW"]);
  expect(rig.slave.coils[0], "no automatic reset").toBe(0);
  expect(rig.order({ ...reset, rule: "CL-LOW", ref: "3" }).accepted).toBe(true);
  rig.clock.advance(3_000);
  expect(rig.slave.coils[0], "the high trip holds it").toBe(0);
  expect(rig.order({ ...reset, ref: "4" }).accepted).toBe(true);
  rig.clock.advance(3_000);
  expect(rig.slave.coils[0]).toBe(1);
  expect(rig.status().latchedTrips).toEqual([]);
  rig.control.stop();
});

test("a latched trip survives a kill and holds its output again", () => {
  const rig = runningRig();
  rig.slave.holding[0] = 436;
  rig.clock.advance(8_000);
  rig.slave.coils[0] = 1; // the module came back with its outputs on
  rig.slave.holding[0] = 120;
  rig.restart();
  rig.clock.advance(3_000);
  expect(rig.slave.coils[0]).toBe(0);
  expect(rig.status().latchedTrips).toEqual(["CL-HIGH"]);
  expect(rig.events("trip")).toHaveLength(1);
  rig.control.stop();
});

test("a pump that does not follow is reported and its breaker opened", () => {
  const rig = runningRig();
  rig.slave.onWrite = () => {}; // welded contact
  rig.slave.holding[0] = 436;
  rig.clock.advance(15_000);
  const events = rig.events("output");
  expect(events.map((e) => [e.output, e.outcome])).toEqual([
    ["dosing_pump", OutputOutcome.WRITTEN],
    ["dosing_pump", OutputOutcome.FAILED],
    ["breaker", OutputOutcome.SECOND_PATH],
    ["breaker", OutputOutcome.VERIFIED],
  ]);
  expect(events[1]?.detail).toBe("feedback shows 1 after 5000 ms");
  expect(rig.slave.coils[1]).toBe(0);
  rig.control.stop();
});

test("a module that ignores the write is escalated within half a second", () => {
  const rig = runningRig();
  rig.slave.onWrite = (table, address) => {
    if (table === "coil" && address === 0) rig.slave.coils[0] = 1;
  };
  rig.slave.holding[0] = 436;
  rig.clock.advance(8_000);
  const [, failed, second] = rig.events("output");
  expect(failed).toMatchObject({ outcome: OutputOutcome.FAILED, detail: "reads back 1" });
  expect(second).toMatchObject({ output: "breaker", outcome: OutputOutcome.SECOND_PATH });
  expect(second?.afterMs).toBeLessThanOrEqual(500);
  rig.control.stop();
});

test("the I/O watchdog is set, read back and fed; without it nothing is put back into service", () => {
  const rig = runningRig();
  expect(rig.slave.holding[91]).toBe(100);
  const beat = u16(rig.slave.holding, 90);
  rig.clock.advance(1_000);
  expect(u16(rig.slave.holding, 90) - beat).toBeGreaterThanOrEqual(4);
  expect(rig.status().unarmedConnections).toEqual([]);
  rig.control.kill();

  const deaf = new ControlRig(yaml);
  deaf.slave.holding[0] = 120;
  deaf.slave.onWrite = (_, address) => {
    if (address === 91) deaf.slave.holding[91] = 0;
  };
  deaf.control.start();
  deaf.clock.advance(5_000);
  expect(deaf.status().unarmedConnections).toEqual(["plc"]);
  const answer = deaf.order({
    kind: "simulate-trip",
    ref: "1",
    rule: "CL-HIGH",
    by: "ana",
    reason: "proof test",
  });
  expect(answer).toEqual({ accepted: false, reason: "the I/O watchdog of plc is not armed" });
  const report = deaf.events("deviceLink").find((e) => e.device === "watchdog");
  expect(report?.text).toBe("the I/O watchdog is not armed: 100 was written, 0 read back");
  deaf.control.kill();
});

test("whoever switches a tripped output back on is overruled within two seconds", () => {
  const rig = runningRig();
  rig.slave.holding[0] = 436;
  rig.clock.advance(15_000);
  rig.slave.coils[0] = 1;
  rig.clock.advance(2_000);
  expect(rig.slave.coils[0]).toBe(0);
  const overruled = { detail: "was set to 1 by another master; written again" };
  expect(rig.events("output").slice(-2)).toMatchObject([
    { outcome: OutputOutcome.WRITTEN, ...overruled },
    { outcome: OutputOutcome.VERIFIED, again: true },
  ]);
  rig.control.stop();
});
