/** Rules out of service for a while, whatever the calendar does; and rules that are tried at the machine. */
import { elementAt } from "@weir/contracts/elements.ts";
import { describe, expect, test } from "vitest";
import { ControlRig } from "./control-rig.ts";

const yaml = `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}}
devices:
  - id: D
    connection: plc
    tags: {CL: {read: "holding:0", type: uint16, scale: 0.01, every: 1s, min: 0, max: 10}}
outputs: {pump: {write: "coil plc/1:0", safe: off, feedback: {read: "discrete plc/1:0", within: 5s}}}
safety:
  - {id: HIGH, group: g, when: {tag: CL, above: 4, samples: 1, for: 0s}, then: [{set: pump, to: off, afterReset: on}], proofTest: {every: 180d}}
  - {id: HIGHER, group: g, when: {tag: CL, above: 6, samples: 1, for: 0s}, then: [{set: pump, to: off}]}
`;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function runningRig(): ControlRig {
  const rig = new ControlRig(yaml);
  rig.slave.holding[0] = 120;
  rig.slave.coils[0] = 1;
  rig.slave.discrete[0] = 1;
  rig.followCoil(2_000);
  rig.control.start();
  rig.clock.advance(2_500);
  return rig;
}

let orders = 0;
const bypass = (rig: ControlRig, more: object = {}) =>
  rig.order({
    kind: "set-bypass",
    ref: `b${orders++}`,
    rule: "HIGH",
    active: true,
    forMs: 0,
    by: "ana",
    reason: "calibration",
    ...more,
  });

describe("a bypass", () => {
  test("needs a name and a reason, lasts 24 h at most, one to a group", () => {
    const rig = runningRig();
    expect(bypass(rig, { by: " " }).accepted).toBe(false);
    expect(bypass(rig, { reason: "" }).accepted).toBe(false);
    expect(bypass(rig, { forMs: dayMs + 1 }).reason).toBe("a bypass lasts at most 24 h");
    expect(bypass(rig, { forMs: Number.NaN }).accepted).toBe(false);
    expect(bypass(rig).accepted).toBe(true);
    expect(bypass(rig, { rule: "HIGHER" }).reason).toBe(
      "HIGH of the same group is bypassed; one at a time",
    );
    rig.control.kill();
  });

  // The calendar is what NTP makes of it; the bypass lasts eight hours of the plant.
  test.each([
    ["stands", () => {}],
    ["goes back 2 h", (rig: ControlRig, s: number) => s === 600 && rig.clock.skew(-2 * hourMs)],
    [
      "leaps a year ahead",
      (rig: ControlRig, s: number) => s === 600 && rig.clock.skew(365 * dayMs),
    ],
    ["runs ten times as fast", (rig: ControlRig) => rig.clock.skew(9_000)],
  ])("ends on time when the calendar %s", (_, disturb) => {
    const rig = runningRig();
    bypass(rig);
    const beganMs = rig.clock.monotonicMs();
    rig.slave.holding[0] = 500;
    let second = 0;
    while (rig.slave.coils[0] === 1 && second < 9 * 3_600) {
      rig.clock.advance(1_000);
      disturb(rig, ++second);
    }
    const lastedMs = rig.clock.monotonicMs() - beganMs;
    // The next reading after its end trips.
    expect(lastedMs).toBeGreaterThanOrEqual(8 * hourMs);
    expect(lastedMs).toBeLessThanOrEqual(8 * hourMs + 2_000);
    const told = rig.events("bypass").map(({ active }) => active);
    expect(told).toEqual([true, ...Array(7).fill(true), false]);
    rig.control.kill();
  });

  test("does not outlive the process, and that is told", () => {
    const rig = runningRig();
    bypass(rig, { forMs: dayMs });
    rig.clock.advance(60_000);
    rig.restart();
    rig.slave.holding[0] = 500;
    rig.clock.advance(3_000);
    expect(rig.events("bypass").at(-1)).toMatchObject({
      active: false,
      reason: "ended by a restart",
    });
    expect(rig.events("trip")).toHaveLength(1);
    rig.control.kill();
  });
});

describe("a proof test", () => {
  const simulate = (rig: ControlRig) =>
    rig.order({ kind: "simulate-trip", ref: `s${orders++}`, rule: "HIGH", by: "ana", reason: "" });
  const record = (rig: ControlRig, passed = true, by = "ana") =>
    rig.order({
      kind: "record-proof-test",
      ref: `p${orders++}`,
      rule: "HIGH",
      by,
      passed,
      note: "pump stood still",
    });
  const standing = (rig: ControlRig) => elementAt(rig.status().safety.proofTests, 0);

  test("is recorded with what the machine did, and says when the next one is due", () => {
    const rig = runningRig();
    rig.clock.advance(5_000);
    expect(standing(rig)).toEqual({ rule: "HIGH", lastAtMs: 0, lastPassed: false, dueAtMs: 0 });
    expect(record(rig).reason).toBe("simulate a trip of HIGH first, and watch the machine");
    expect(simulate(rig).accepted).toBe(true);
    rig.clock.advance(1_000);
    expect(record(rig).reason).toBe("pump is not verified yet");
    rig.clock.advance(3_000);
    expect(record(rig, true, "").accepted).toBe(false);
    expect(record(rig).accepted).toBe(true);
    const [event] = rig.events("proofTest");
    const dueAtMs = rig.clock.nowMs() + 180 * dayMs;
    expect(event).toMatchObject({ rule: "HIGH", by: "ana", passed: true, dueAtMs });
    expect(event?.verifiedAfterMs).toBeGreaterThan(2_000);
    expect(event?.verifiedAfterMs).toBeLessThan(2_300);
    expect(rig.events("trip")[0]).toMatchObject({ simulated: true, firstOut: true });
    expect(standing(rig)).toMatchObject({ lastPassed: true, dueAtMs });
    rig.restart();
    rig.clock.advance(5_000);
    expect(standing(rig)).toMatchObject({ lastPassed: true, dueAtMs });
    rig.control.kill();
  });

  test("that the feedback contradicts cannot pass, and a failed one is due again at once", () => {
    const rig = runningRig();
    rig.slave.onWrite = () => {}; // the contactor is welded
    simulate(rig);
    rig.clock.advance(8_000);
    expect(record(rig).reason).toBe("pump did not follow: the test has not passed");
    expect(record(rig, false).accepted).toBe(true);
    expect(standing(rig)).toMatchObject({ lastPassed: false, dueAtMs: rig.clock.nowMs() });
    rig.control.kill();
  });
});
