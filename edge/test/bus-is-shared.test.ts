/** One connection, several units, safety first: what the arbiter promises. */
import { elementAt, numberAt, u8 } from "@weir/contracts/elements.ts";
import { QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { expect, test } from "vitest";
import { Quality } from "../src/conditioning/quality.ts";
import { ControlRig, startMs } from "./control-rig.ts";
import { exception } from "./virtual-slave.ts";

const twoUnits = `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc, timeout: 1s}}
devices:
  - id: A
    connection: plc
    unit: 1
    tags: {T: {read: "holding:0", type: int16, every: 1s}}
  - id: B
    connection: plc
    unit: 2
    tags: {T: {read: "holding:0", type: int16, every: 1s}}
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: R, when: {tag: A/T, above: 100, for: 2s}, then: [{set: pump, to: off}]}]
`;

test("a dead unit is told, asked rarely, and costs the others little; it comes back by itself", () => {
  const rig = new ControlRig(twoUnits);
  let isDead = true;
  rig.slave.behaviour = (request, answer, link) => {
    if (request[6] === 2 && isDead) return;
    link.send(answer);
  };
  rig.control.start();
  rig.clock.advance(300_000);
  const good = rig.readings(0).filter((r) => r.quality === Quality.GOOD).length;
  expect(good).toBeGreaterThan(270);
  expect(rig.status().buses[0]).toMatchObject({ connected: true, deadDevices: ["B"] });
  expect(rig.readings(1).every((r) => r.quality === Quality.STALE)).toBe(true);
  const down = rig.events("deviceLink").filter((e) => e.device === "B");
  expect(down.map((e) => e.up)).toEqual([false]);
  isDead = false;
  rig.clock.advance(60_000);
  expect(elementAt(rig.status().buses, 0).deadDevices).toEqual([]);
  expect(rig.readings(1).at(-1)).toMatchObject({ value: 0, quality: Quality.GOOD });
  rig.control.stop();
});

test("a connection that is lost makes its tags stale once, and is told once", () => {
  const rig = new ControlRig(twoUnits);
  rig.control.start();
  rig.clock.advance(10_000);
  rig.slave.isListening = false;
  rig.slave.cut();
  rig.clock.advance(60_000);
  const stale = rig.readings(0).filter((r) => r.quality === Quality.STALE);
  expect(stale).toHaveLength(1);
  expect(elementAt(stale, 0).value).toBeNaN();
  const links = rig.events("deviceLink").filter((e) => e.device === "");
  expect(links.map((e) => e.up)).toEqual([true, false]);
  rig.slave.isListening = true;
  rig.clock.advance(2_000);
  expect(rig.readings(0).at(-1)?.quality).toBe(Quality.GOOD);
  expect(rig.events("deviceLink").at(-1)).toMatchObject({ device: "", up: true });
  const told = rig.events("quality").filter((e) => e.tag === "A/T");
  expect(told.map((e) => [e.quality, e.reason])).toEqual([
    [Quality.STALE, "failure: no connection: ECONNREFUSED"],
    [Quality.STALE, "R is blind: failure: no connection"],
    [Quality.GOOD, "R sees its tag again"],
  ]);
  rig.clock.advance(5_000);
  expect(
    rig
      .events("quality")
      .filter((e) => e.tag === "A/T")
      .at(-1)?.quality,
  ).toBe(Quality.GOOD);
  rig.control.stop();
});

test("a refused block gives bad readings, not silence", () => {
  const rig = new ControlRig(twoUnits);
  rig.slave.behaviour = (request, answer, link) =>
    link.send(request[6] === 2 ? exception(request, 2) : answer);
  rig.control.start();
  rig.clock.advance(5_000);
  expect(rig.readings(1).map((r) => r.quality)).toEqual(Array(5).fill(Quality.BAD));
  expect(rig.events("quality")[0]).toMatchObject({
    tag: "B/T",
    reason:
      "failure: the device refused the request: exception 2: illegal data address (holding:0)",
    code: QualityReason.REFUSED,
  });
  rig.control.stop();
});

test("readings stand on the grid of whole seconds; late slots are skipped, never bunched", () => {
  const rig = new ControlRig(twoUnits);
  rig.clock.skew(137);
  let delayMs = 1;
  rig.slave.behaviour = (_, answer, link) => link.send(answer, delayMs);
  rig.control.start();
  rig.clock.advance(10_000);
  const times = rig.readings(0).map((r) => r.timeMs);
  expect(times.every((ms) => ms % 1_000 === 0)).toBe(true);
  expect(times[0]).toBe(startMs + 1_000);
  delayMs = 900; // two units at 1 s: the bus can serve only half of the slots
  rig.clock.advance(60_000);
  const late = rig.readings(0).map((r) => r.timeMs);
  for (let i = 1; i < late.length; i++)
    expect(numberAt(late, i) - numberAt(late, i - 1)).toBeGreaterThanOrEqual(1_000);
  const share = late.filter((ms) => ms > startMs + 10_000).length;
  expect(share).toBeGreaterThan(25);
  expect(share).toBeLessThan(40);
  rig.control.stop();
});

test("a write goes out next, whatever polls are due", () => {
  const polls = Array.from(
    { length: 30 },
    (_, i) => `T${i}: {read: "holding:${i * 20}", type: int16, every: 1s}`,
  ).join(", ");
  const rig = new ControlRig(`
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc, maxHole: 0, roundTrip: 20ms}}
devices: [{id: A, connection: plc, tags: {${polls}}}]
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: R, when: {tag: T0, above: 100, for: 2s}, then: [{set: pump, to: off}]}]
`);
  rig.slave.latencyMs = 20;
  rig.slave.holding[0] = 200;
  rig.control.start();
  rig.clock.advance(6_000);
  const { requests } = rig.slave;
  const write = requests.findIndex((r) => r.fc === 5);
  expect(write).toBeGreaterThan(0);
  // The request before the write is the read that decided.
  expect(requests[write - 1]).toMatchObject({ fc: 3, address: 0 });
  expect(rig.events("trip")[0]?.writtenAfterMs).toBe(0);
  rig.control.stop();
});

test("the ledger's head counts every reading handed over", () => {
  const rig = new ControlRig(twoUnits);
  rig.control.start();
  rig.clock.advance(33_000);
  rig.slave.cut();
  rig.clock.advance(33_000);
  rig.control.stop();
  const handed = rig.notices.reduce(
    (sum, notice) => sum + (notice.kind === "readings" ? notice.batch.tags.length : 0),
    0,
  );
  expect(rig.status().acquired).toBe(handed);
  expect(handed).toBeGreaterThan(100);
});

test("a killed control loop leaves nothing running", () => {
  const rig = new ControlRig(twoUnits);
  rig.control.start();
  rig.clock.advance(5_000);
  rig.control.kill();
  const before = rig.notices.length;
  const requests = rig.slave.requests.length;
  rig.clock.advance(60_000);
  expect(rig.notices.length).toBe(before);
  expect(rig.slave.requests.length).toBe(requests);
});

test("a register that does not exist costs its own tag, not its neighbours", () => {
  const rig = new ControlRig(`
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}}
devices:
  - id: A
    connection: plc
    tags:
      T0: {read: "holding:0", type: int16}
      T1: {read: "holding:1", type: int16}
      T5: {read: "holding:5", type: int32}
      T9: {read: "holding:9", type: int16}
`);
  // Register 3 is a hole and 9 was mistyped.
  rig.slave.behaviour = (request, answer, link) => {
    const address = (u8(request, 8) << 8) | u8(request, 9);
    const last = address + u8(request, 11) - 1;
    const hits = (register: number) => address <= register && register <= last;
    link.send(hits(3) || hits(9) ? exception(request, 2) : answer);
  };
  rig.control.start();
  rig.clock.advance(20_000);
  expect([0, 1, 2, 3].map((tag) => rig.readings(tag).at(-1)?.quality)).toEqual([
    Quality.GOOD,
    Quality.GOOD,
    Quality.GOOD,
    Quality.BAD,
  ]);
  rig.control.stop();
});
