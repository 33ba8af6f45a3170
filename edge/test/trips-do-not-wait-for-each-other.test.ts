/** Many limits passed in one answer: every output is written before the disk is asked, and that is asked once. */
import { elementAt } from "@weir/contracts/elements.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { createControl } from "../src/control/control-loop.ts";
import type { LatchStore } from "../src/safety/latch-store.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { SynchronousClock } from "./synchronous-clock.ts";
import { VirtualSlave } from "./virtual-slave.ts";

const yaml = `
version: 1
site: {id: riverside}
edge: edge-d
connections:
  plc-a: {type: modbus-tcp, host: plc-a}
  plc-b: {type: modbus-tcp, host: plc-b}
devices:
  - id: D
    connection: plc-a
    tags:
      CL: {read: "holding:0", type: uint16, scale: 0.01, every: 1s, min: 0, max: 10}
      PR: {read: "holding:1", type: uint16, scale: 0.01, every: 1s, min: 0, max: 10}
outputs:
  dosing: {write: "coil plc-a/1:0", safe: off}
  valve: {write: "coil plc-b/1:0", safe: off}
safety:
  - {id: CL-HIGH, when: {tag: CL, above: 4, for: 0s, samples: 1}, then: [{set: dosing, to: off}]}
  - {id: PR-HIGH, when: {tag: PR, above: 4, for: 0s, samples: 1}, then: [{set: valve, to: off}]}
`;

/** A control loop over two slaves; writes, saves and reports are logged in their order. */
function rigOf(text: string, save: LatchStore["save"], log: string[]) {
  const clock = new SynchronousClock(startMs);
  const slaves = [new VirtualSlave(clock), new VirtualSlave(clock)];
  const control = createControl({
    configuration: configurationOf(text),
    clock,
    ioClock: clock,
    channelFor:
      ({ index }) =>
      (events) => {
        const channel = elementAt(slaves, index).open(events);
        return {
          ...channel,
          write: (bytes) => {
            if (bytes[7] === 5) log.push(`written ${index}/${bytes[9]}`);
            channel.write(bytes);
          },
        };
      },
    latchStore: { load: () => ({ ok: true, state: undefined }), save },
    notify: (notice) => {
      if (notice.kind !== "event" || notice.event.body?.case !== "trip") return;
      log.push(`reported ${notice.event.body.value.rule}`);
    },
    logger: silentLogger,
    random: seeded(1, "test"),
  });
  control.start();
  clock.advance(2_500);
  elementAt(slaves, 0).holding.fill(500, 0, 2);
  return { clock, control };
}

test("the second trip of an answer is written before the first one is on disk", () => {
  const log: string[] = [];
  const save: LatchStore["save"] = ({ latches }, settled) => {
    log.push(`saved ${Object.keys(latches).join(" ")}`);
    settled({ ok: true });
  };
  const { clock, control } = rigOf(yaml, save, log);
  clock.advance(1_000);
  expect(log).toEqual([
    "written 0/0",
    "written 1/0",
    "saved CL-HIGH PR-HIGH",
    "reported CL-HIGH",
    "reported PR-HIGH",
  ]);
  control.kill();
});

test("the second output on a connection is written while the disk is still busy; the report waits", () => {
  const log: string[] = [];
  let finish = () => {};
  const save: LatchStore["save"] = (_, settled) => {
    log.push("saving");
    finish = () => {
      log.push("saved");
      settled({ ok: true });
    };
  };
  const both = yaml
    .replace("coil plc-b/1:0", "coil plc-a/1:1")
    .replace("{set: dosing, to: off}]", "{set: dosing, to: off}, {set: valve, to: off}]")
    .replace(/ {2}- \{id: PR-HIGH.*\n/, "");
  const { clock, control } = rigOf(both, save, log);
  clock.advance(1_000);
  expect(log).toEqual(["written 0/0", "saving", "written 0/1"]);
  finish();
  expect(log.slice(3)).toEqual(["saved", "reported CL-HIGH"]);
  control.kill();
});
