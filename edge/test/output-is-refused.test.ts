/** Outputs that their device does not let write: another function is tried, and what cannot be written is told. */
import { u8 } from "@weir/contracts/elements.ts";
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { expect, test } from "vitest";
import { ControlRig } from "./control-rig.ts";
import { exception } from "./virtual-slave.ts";

const yaml = `
version: 1
site: {id: mysite}
edge: edge-1
connections: {m: {type: modbus-tcp, host: m, timeout: 500ms}}
devices:
  - {id: DEV, connection: m, unit: 1, tags: {P: {read: "input:0", type: uint16, unit: bar, scale: 0.01, min: 0, max: 12, every: 500ms, limits: {hardHigh: 9}}}}
outputs:
  SPEED: {write: "holding m/1:10", safe: 0}
  VALVE: {write: "coil m/1:3", safe: off}
safety:
  - {id: P-HIGH, when: {tag: DEV/P, above: hardHigh}, then: [{set: SPEED, to: 0}, {set: VALVE, to: off}]}
`;

function trippedRig(refuses: (fc: number) => number | undefined): ControlRig {
  const rig = new ControlRig(yaml);
  rig.slave.input[0] = 700;
  rig.slave.holding[10] = 1_500;
  rig.slave.coils[3] = 1;
  rig.slave.behaviour = (request, answer, link) => {
    const code = refuses(u8(request, 7));
    link.send(code === undefined ? answer : exception(request, code));
  };
  rig.control.start();
  rig.clock.advance(3_000);
  rig.slave.input[0] = 950;
  rig.clock.advance(5_000);
  expect(rig.status().latchedTrips).toEqual(["P-HIGH"]);
  return rig;
}

/** `codes`: exception by function. */
const refusingRig = (codes: ReadonlyMap<number, number>): ControlRig =>
  trippedRig((fc) => codes.get(fc));

test("a device that writes with functions 15 and 16 only is written with these", () => {
  const rig = refusingRig(
    new Map([
      [5, 1],
      [6, 1],
    ]),
  );
  const toldOf = (id: string) =>
    rig.events("output").flatMap((e) => (e.output === id ? [[e.outcome, e.detail]] : []));
  expect(toldOf("SPEED")).toEqual([
    [OutputOutcome.WRITTEN, "with function 16"],
    [OutputOutcome.VERIFIED, "read back"],
  ]);
  expect(toldOf("VALVE")).toEqual([
    [OutputOutcome.WRITTEN, "with function 15"],
    [OutputOutcome.VERIFIED, "read back"],
  ]);
  const codes = rig.slave.requests.map(({ fc }) => fc);
  expect(codes.filter((fc) => fc === 6)).toHaveLength(1);
  expect(rig.status().outputs.map(({ outcome }) => outcome)).toEqual([
    OutputOutcome.VERIFIED,
    OutputOutcome.VERIFIED,
  ]);
  rig.control.stop();
});

test("a refused write is told with its exception, tried once a second, and over when it is verified", () => {
  const codes = new Map([
    [6, 1],
    [16, 1],
  ]);
  const rig = refusingRig(codes);
  const failed = rig.events("output").find(({ output }) => output === "SPEED");
  expect(failed).toMatchObject({
    rule: "P-HIGH",
    state: "0",
    outcome: OutputOutcome.FAILED,
    detail: "not written: exception 1: illegal function (functions 6 and 16)",
  });
  const [speed] = rig.status().outputs;
  expect(speed).toMatchObject({
    output: "SPEED",
    outcome: OutputOutcome.FAILED,
    state: "0",
    rule: "P-HIGH",
    held: true,
    detail: "not written: exception 1: illegal function (functions 6 and 16)",
    remedy: "the device cannot be written there: check the table in `write`",
    writtenAtMs: 0,
  });
  const writes = () => rig.slave.requests.filter(({ fc }) => fc === 6 || fc === 16).length;
  const before = writes();
  rig.clock.advance(60_000);
  expect(writes() - before).toBeGreaterThanOrEqual(58);
  expect(writes() - before).toBeLessThanOrEqual(61);
  rig.control.settle();
  expect(rig.status().outputs[0]).toMatchObject({ attempts: writes(), sinceMs: speed?.sinceMs });
  expect(rig.events("output").filter(({ output }) => output === "SPEED")).toHaveLength(1);

  // Another reason is the one to be mended now.
  codes.set(6, 4).set(16, 4);
  rig.clock.advance(6_000);
  expect(rig.status().outputs[0]?.detail).toBe("not written: exception 4: server device failure");
  // It takes one of the two functions now, whichever was tried last.
  codes.set(16, 1).delete(6);
  rig.clock.advance(6_000);
  expect(rig.status().outputs[0]).toMatchObject({ outcome: OutputOutcome.VERIFIED, remedy: "" });
  expect(rig.slave.holding[10]).toBe(0);
  rig.control.stop();
});

test("polls go on beside an output that refuses", () => {
  const rig = refusingRig(
    new Map([
      [6, 4],
      [16, 4],
    ]),
  );
  const before = rig.readings(0).length;
  rig.clock.advance(60_000);
  expect(rig.readings(0).length - before).toBeGreaterThanOrEqual(119);
  expect(rig.status()).toMatchObject({ conditions: [], silentDevices: [] });
  rig.control.stop();
});

test("an output that was never ordered says since when: the start of the agent", () => {
  const rig = new ControlRig(yaml);
  const startedMs = rig.clock.nowMs();
  rig.control.start();
  rig.clock.advance(3_000);
  expect(rig.status().outputs[0]).toMatchObject({
    outcome: OutputOutcome.UNSPECIFIED,
    state: "",
    sinceMs: startedMs,
    writtenAtMs: 0,
  });
  rig.control.stop();
});
