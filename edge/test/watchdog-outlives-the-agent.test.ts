/** The gateway dies: the module, which the agent armed and fed, sets its outputs safe by itself. */
import { u8, u16 } from "@weir/contracts/elements.ts";
import { expect, test } from "vitest";
import { ControlRig } from "./control-rig.ts";

const yaml = `
version: 1
site: {id: riverside}
edge: edge-d
connections:
  plc: {type: modbus-tcp, host: plc, watchdog: {heartbeat: "holding:90", every: 200ms, timeoutRegister: "holding:91", timeout: 800ms, resolution: 10ms}}
devices: [{id: D, connection: plc, tags: {CL: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 10}}}]
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: HIGH, when: {tag: CL, above: 4}, then: [{set: pump, to: off}]}]
`;

/** A module with a communications watchdog of its own. */
function withWatchdog(rig: ControlRig): void {
  let beatMs = 0;
  rig.slave.onWrite = (table, address) => {
    if (table === "holding" && (address === 90 || address === 91)) beatMs = rig.clock.monotonicMs();
  };
  const look = () => {
    const timeoutMs = u16(rig.slave.holding, 91) * 10;
    if (timeoutMs > 0 && rig.clock.monotonicMs() - beatMs > timeoutMs) rig.slave.coils[0] = 0;
    rig.clock.after(10, look);
  };
  look();
}

function runningRig(): ControlRig {
  const rig = new ControlRig(yaml);
  withWatchdog(rig);
  rig.slave.coils[0] = 1;
  rig.control.start();
  rig.clock.advance(60_000);
  expect(rig.slave.coils[0], "a fed watchdog leaves the output alone").toBe(1);
  return rig;
}

test("killed: safe within a second", () => {
  const rig = runningRig();
  rig.control.kill();
  rig.clock.advance(1_000);
  expect(rig.slave.coils[0]).toBe(0);
});

test("cut off: safe within a second, armed again when the line is back", () => {
  const rig = runningRig();
  rig.slave.isListening = false;
  rig.slave.cut();
  rig.clock.advance(1_000);
  expect(rig.slave.coils[0]).toBe(0);
  rig.slave.holding[91] = 0; // the module lost power as well
  rig.slave.isListening = true;
  rig.clock.advance(1_000);
  expect(rig.slave.holding[91]).toBe(80);
  expect(rig.status().unarmedConnections).toEqual([]);
  rig.control.kill();
});

test("a heartbeat that is refused disarms the connection, and it is armed anew", () => {
  const rig = runningRig();
  let isRefusing = true;
  rig.slave.behaviour = (request, answer, link) => {
    const isBeat = request[7] === 6 && request[9] === 90;
    link.send(
      isBeat && isRefusing
        ? Uint8Array.of(...request.subarray(0, 4), 0, 3, u8(request, 6), 0x86, 4)
        : answer,
    );
  };
  rig.clock.advance(500);
  expect(rig.status().unarmedConnections).toEqual(["plc"]);
  isRefusing = false;
  rig.clock.advance(3_000);
  expect(rig.status().unarmedConnections).toEqual([]);
  const told = rig.events("deviceLink").filter((e) => e.device === "watchdog");
  expect(told.map((e) => e.up)).toEqual([true, false, true]);
  rig.control.kill();
});
