/** Writes that are ignored, lost or undone; boosts; modules that are watched over by their own clock. */
import { elementAt, numberAt, u8, u16 } from "@weir/contracts/elements.ts";
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { unchecked } from "@weir/contracts/output-confirmation.ts";
import { present } from "@weir/contracts/present.ts";
import { seeded } from "@weir/runtime/random.ts";
import { atWork, seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { describe, expect, test } from "vitest";
import { ControlRig } from "./control-rig.ts";

const yaml = (pump = "") => `
version: 1
site: {id: riverside}
edge: edge-d
connections:
  plc: {type: modbus-tcp, host: plc, timeout: 1s}
  mcc: {type: modbus-tcp, host: mcc, timeout: 1s}
devices:
  - id: D
    connection: plc
    tags:
      CL: {read: "holding:0", type: uint16, scale: 0.01, every: 1s, min: 0, max: 10}
      AIR: {read: "holding:1", type: uint16, every: 1s, min: 0, max: 100}
outputs:
  pump: {write: "coil plc/1:0", safe: off, secondary: breaker${pump}}
  breaker: {write: "coil mcc/1:7", safe: off}
  blower: {write: "holding plc/1:5", safe: 40}
safety:
  - {id: HIGH, when: {tag: CL, above: 4, samples: 1, for: 0s}, then: [{set: pump, to: off}, {set: blower, to: 20}]}
  - {id: STARVED, action: boost, when: {tag: AIR, below: 10, samples: 1, for: 0s}, then: [{set: blower, to: 90, over: 10s, afterReset: 50}]}
`;

function runningRig(options = ""): ControlRig {
  const rig = new ControlRig(yaml(options));
  elementAt(rig.slaves, 0).holding.set([120, 50, 0, 0, 0, 60]);
  elementAt(rig.slaves, 0).coils[0] = 1;
  elementAt(rig.slaves, 1).coils[7] = 1;
  rig.control.start();
  rig.clock.advance(2_500);
  return rig;
}

/** How a write comes to nothing. */
const failures: Record<string, (rig: ControlRig) => void> = {
  "answered, and ignored": (rig) => {
    rig.slave.onWrite = (table, address) => {
      if (table === "coil" && address === 0) rig.slave.coils[0] = 1;
    };
  },
  "never answered": (rig) => {
    rig.slave.behaviour = (request, answer, link) => {
      if (request[7] !== 5) link.send(answer);
    };
  },
  refused: (rig) => {
    rig.slave.behaviour = (request, answer, link) => {
      const isWrite = request[7] === 5;
      link.send(
        isWrite ? Uint8Array.of(...request.subarray(0, 4), 0, 3, u8(request, 6), 0x85, 4) : answer,
      );
    };
  },
  "not read back": (rig) => {
    rig.slave.behaviour = (request, answer, link) => {
      if (request[7] !== 1) link.send(answer);
    };
  },
  "the line ends": (rig) => {
    rig.slave.behaviour = (request, answer, link) => {
      if (request[7] === 5) link.close();
      else link.send(answer);
    };
  },
};

const seedCount = sized(80, 5_000);

describe.each(Object.keys(failures))("a write is %s", (name) => {
  test(`told as failed, and the second path taken, within 500 ms: ${seedCount} seeds`, () => {
    for (const seed of atWork(seedsOf(seedCount))) {
      const random = seeded(seed, name);
      const rig = runningRig();
      rig.slave.latencyMs = 1 + random.uniform() * 20;
      elementAt(rig.slaves, 1).latencyMs = 1 + random.uniform() * 20;
      rig.clock.advance(random.uniform() * 1_000);
      present(failures[name])(rig);
      rig.slave.holding[0] = 500;
      let decidedMs = 0;
      while (rig.events("output").length === 0 && decidedMs === 0) {
        rig.clock.advance(1);
        const first = rig.slave.requests.findLast(({ fc }) => fc === 5);
        if (first && rig.slave.holding[0] === 500) decidedMs = first.atMs;
      }
      rig.clock.advance(decidedMs + 500 - rig.clock.nowMs());
      const outcomes = rig.events("output").map(({ output, outcome }) => [output, outcome]);
      expect(outcomes, `seed ${seed}`).toContainEqual(["pump", OutputOutcome.FAILED]);
      expect(outcomes, `seed ${seed}`).toContainEqual(["breaker", OutputOutcome.SECOND_PATH]);
      expect(elementAt(rig.slaves, 1).coils[7], `seed ${seed}`).toBe(0);
      rig.control.kill();
    }
  });
});

test("whoever undoes what a trip holds is overruled within two seconds, and told", () => {
  const rig = runningRig();
  rig.slave.holding[0] = 500;
  rig.clock.advance(1_500);
  expect(rig.slave.coils[0]).toBe(0);
  for (let i = 0; i < 5; i++) {
    rig.slave.coils[0] = 1;
    rig.clock.advance(2_000);
    expect(rig.slave.coils[0]).toBe(0);
  }
  const told = rig.events("output").filter(({ detail }) => detail?.includes("another master"));
  expect(told).toHaveLength(5);
  rig.control.kill();
});

test("an output that is put back after it was overruled is told as verified again, with its own since", () => {
  const rig = runningRig();
  rig.slave.holding[0] = 500;
  rig.clock.advance(20_000);
  const pump = () => rig.status().outputs.find(({ output }) => output === "pump");
  const told = () => rig.events("output").filter(({ output }) => output === "pump");
  expect(told().map(({ outcome }) => outcome)).toEqual([
    OutputOutcome.WRITTEN,
    OutputOutcome.VERIFIED,
  ]);
  expect(told()[1]).toMatchObject({ again: false });
  const firstMs = pump()?.sinceMs ?? 0;
  // It ignores the write for a while: nobody may call it verified meanwhile.
  rig.slave.coils[0] = 1;
  const undoneMs = rig.clock.nowMs();
  rig.slave.behaviour = (request, answer, link) => {
    if (request[7] !== 5) link.send(answer);
  };
  rig.clock.advance(1_500);
  expect(pump()?.outcome).not.toBe(OutputOutcome.VERIFIED);
  rig.slave.behaviour = undefined;
  rig.clock.advance(5_000);
  expect(rig.slave.coils[0]).toBe(0);
  expect(pump()).toMatchObject({ outcome: OutputOutcome.VERIFIED, detail: "read back" });
  expect(pump()?.sinceMs).toBeGreaterThan(undoneMs);
  expect(pump()?.sinceMs).toBeGreaterThan(firstMs);
  const last = told().at(-1);
  expect(last).toMatchObject({ outcome: OutputOutcome.VERIFIED, again: true });
  // Since it was lost, not since the trip.
  expect(last?.afterMs).toBeLessThan(rig.clock.nowMs() - undoneMs);
  rig.control.kill();
});

test("a held output that nobody can look at any more is not called verified, and is again when it is seen", () => {
  const rig = runningRig();
  rig.slave.holding[0] = 500;
  rig.clock.advance(5_000);
  const pump = () => rig.status().outputs.find(({ output }) => output === "pump");
  const told = () => rig.events("output").filter(({ output }) => output === "pump");
  expect(pump()?.outcome).toBe(OutputOutcome.VERIFIED);
  rig.slave.isListening = false;
  rig.slave.cut();
  rig.clock.advance(60_000);
  expect(pump()).toMatchObject({
    outcome: OutputOutcome.WRITTEN,
    detail: expect.stringContaining("cannot be read back any more"),
  });
  expect(told().filter(({ detail }) => detail?.includes("any more"))).toHaveLength(1);
  // A line that is silent is no machine that runs: the second path is for what does not follow.
  expect(elementAt(rig.slaves, 1).coils[7]).toBe(1);
  rig.slave.isListening = true;
  rig.clock.advance(5_000);
  expect(pump()?.outcome).toBe(OutputOutcome.VERIFIED);
  expect(told().at(-1)).toMatchObject({ outcome: OutputOutcome.VERIFIED, again: true });
  rig.control.kill();
});

test("what is told of an output counts since its order: the trip, the start that writes it again, the reset", () => {
  const rig = runningRig();
  rig.slave.holding[0] = 500;
  rig.clock.advance(30_000);
  const tripMs = numberAt(
    rig.notices.flatMap((notice) =>
      notice.kind === "event" && notice.event.body?.case === "trip" ? [notice.event.atMs] : [],
    ),
    0,
  );
  const outputs = () =>
    rig.notices.flatMap((notice) =>
      notice.kind === "event" && notice.event.body?.case === "output"
        ? [{ atMs: notice.event.atMs, ...notice.event.body.value }]
        : [],
    );
  for (const { atMs, afterMs = 0 } of outputs()) expect(atMs - afterMs).toBe(tripMs);
  const known = outputs().length;
  const startedMs = rig.clock.nowMs();
  rig.restart();
  rig.clock.advance(5_000);
  const later = outputs().slice(known);
  expect(later.length).toBeGreaterThan(0);
  for (const { atMs, afterMs = 0 } of later) {
    expect(atMs - afterMs).toBeGreaterThanOrEqual(startedMs);
  }
  rig.control.kill();
});

test("an output that cannot be read back is written again and again while it is held", () => {
  const rig = runningRig(", readBack: false");
  rig.slave.holding[0] = 500;
  rig.clock.advance(1_500);
  rig.slave.coils[0] = 1;
  rig.clock.advance(5_500);
  expect(rig.slave.coils[0]).toBe(0);
  rig.control.kill();
});

test("an output that nothing shows is written, and never called verified", () => {
  const rig = runningRig(", readBack: false");
  rig.slave.holding[0] = 500;
  rig.clock.advance(20_000);
  const told = rig.events("output").filter(({ output }) => output === "pump");
  expect(told.map(({ outcome, detail }) => [outcome, detail])).toEqual([
    [OutputOutcome.WRITTEN, unchecked],
  ]);
  expect(rig.status().outputs.find(({ output }) => output === "pump")).toMatchObject({
    ...{ outcome: OutputOutcome.WRITTEN, detail: unchecked, held: true },
  });
  rig.control.kill();
});

test("a boost goes to its value in steps, from where the output is", () => {
  const rig = runningRig();
  const speeds: number[] = [];
  rig.slave.onWrite = (table, address) => {
    if (table === "holding" && address === 5) speeds.push(u16(rig.slave.holding, 5));
  };
  rig.slave.holding[1] = 5;
  rig.clock.advance(13_000);
  expect(speeds.at(-1)).toBe(90);
  expect(speeds.length).toBeGreaterThanOrEqual(10);
  for (let i = 1; i < speeds.length; i++) {
    expect(numberAt(speeds, i) - numberAt(speeds, i - 1)).toBeGreaterThanOrEqual(0);
    expect(numberAt(speeds, i) - numberAt(speeds, i - 1)).toBeLessThanOrEqual(4);
  }
  expect(rig.events("output").map(({ outcome, detail }) => [outcome, detail])).toEqual([
    [OutputOutcome.WRITTEN, "from 60 over 10000 ms"],
    [OutputOutcome.VERIFIED, "read back"],
  ]);
  rig.slave.holding[1] = 50;
  rig.clock.advance(1_500);
  const order = { kind: "reset-trip", ref: "1", rule: "STARVED", by: "ana", reason: "" } as const;
  expect(rig.order(order).accepted).toBe(true);
  rig.clock.advance(100);
  expect(rig.slave.holding[5]).toBe(50);
  rig.control.kill();
});

test("a boost does not move what a stop holds, and has its way after the stop's reset", () => {
  const rig = runningRig();
  rig.slave.holding[0] = 500;
  rig.clock.advance(1_500);
  expect(rig.slave.holding[5]).toBe(20);
  rig.slave.holding[1] = 5;
  rig.clock.advance(15_000);
  expect(rig.slave.holding[5]).toBe(20);
  rig.slave.holding[0] = 120;
  rig.clock.advance(1_500);
  const order = { kind: "reset-trip", ref: "1", rule: "HIGH", by: "ana", reason: "" } as const;
  expect(rig.order(order).accepted).toBe(true);
  rig.clock.advance(13_000);
  expect(rig.slave.holding[5]).toBe(90);
  rig.control.kill();
});

const watched = (timeout: string) =>
  yaml().replace(
    "host: plc, timeout: 1s",
    `host: plc, timeout: 1s, watchdog: {heartbeat: "holding:90", every: 200ms, timeout: 1s${timeout}}`,
  );
const armed = (rig: ControlRig) => rig.status().unarmedConnections.length === 0;

test("a module whose time-out reads back 0 is not armed, and nothing is put back into service there", () => {
  const rig = new ControlRig(watched(', timeoutRegister: "holding:91"'));
  rig.slave.holding.set([500, 50]);
  rig.slave.onWrite = (_, address) => {
    if (address === 91) rig.slave.holding[91] = 0;
  };
  rig.control.start();
  rig.clock.advance(5_000);
  expect(armed(rig)).toBe(false);
  rig.slave.holding[0] = 100;
  rig.clock.advance(1_500);
  const order = { kind: "reset-trip", ref: "1", rule: "HIGH", by: "ana", reason: "" } as const;
  expect(rig.order(order).reason).toBe("the I/O watchdog of plc is not armed");
  rig.slave.onWrite = () => {};
  rig.clock.advance(6_000);
  expect(armed(rig)).toBe(true);
  expect(rig.order({ ...order, ref: "2" }).accepted).toBe(true);
  rig.control.kill();
});

test("a module without a time-out register must keep the heartbeat that it was given", () => {
  const rig = new ControlRig(watched(""));
  rig.slave.onWrite = (_, address) => {
    if (address === 90) rig.slave.holding[90] = 0;
  };
  rig.control.start();
  rig.clock.advance(6_000);
  expect(armed(rig)).toBe(false);
  rig.slave.onWrite = () => {};
  rig.clock.advance(6_000);
  expect(armed(rig)).toBe(true);
  const told = rig.events("deviceLink").filter((event) => event.device === "watchdog");
  expect(told.map(({ text }) => text)).toEqual([
    "the I/O watchdog is not armed: heartbeat 1 was written, 0 read back",
    "the I/O watchdog is fed; its time-out is set at the module",
  ]);
  rig.control.kill();
});
