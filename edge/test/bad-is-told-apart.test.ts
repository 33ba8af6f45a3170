/** A tag that is not good says why, since when, and when it was good: in the status and in one event. */
import { elementAt, u8 } from "@weir/contracts/elements.ts";
import { Quality, QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { expect, test } from "vitest";
import { ControlRig, startMs } from "./control-rig.ts";
import { exception } from "./virtual-slave.ts";

const { BAD, STALE, UNCERTAIN } = Quality;

const yaml = (tags: string, connection = "") => `
version: 1
site: {id: mysite}
edge: edge-1
connections: {m: {type: modbus-tcp, host: m, timeout: 500ms${connection}}}
devices: [{id: DEV, connection: m, unit: 1, tags: {${tags}}}]
`;

const eight = Array.from(
  { length: 8 },
  (_, i) => `R${i * 5}: {read: "holding:${i * 5}", type: uint16, every: 2s}`,
).join(", ");

const countOf = (request: Uint8Array): number => (u8(request, 10) << 8) | u8(request, 11);

const startedRig = (tags: string, set: (rig: ControlRig) => void = () => {}): ControlRig => {
  const rig = new ControlRig(yaml(tags));
  set(rig);
  rig.control.start();
  return rig;
};

const whys = (rig: ControlRig) =>
  rig.status().conditions.map(({ quality, reason, detail }) => [quality, reason, detail]);

test("exception 3 to long reads: each tag says so, with the registers asked for and the key that helps", () => {
  const rig = startedRig(eight, ({ slave }) => {
    slave.behaviour = (request, answer, link) =>
      link.send(countOf(request) > 20 ? exception(request, 3) : answer);
  });
  rig.clock.advance(30_000);
  const { conditions } = rig.status();
  expect(conditions).toHaveLength(8);
  expect(conditions[7]).toEqual({
    tag: "DEV/R35",
    device: "DEV",
    connection: "m",
    quality: BAD,
    reason: QualityReason.REFUSED,
    detail: "exception 3: illegal data value (36 registers from holding:0)",
    remedy: "set `maxRegisters` of the device below 36",
    sinceMs: startMs + 1.2,
    lastGoodMs: 0,
  });
  const told = rig.events("quality");
  expect(told).toHaveLength(8);
  expect(told[0]).toMatchObject({ code: QualityReason.REFUSED, detail: conditions[0]?.detail });
  // It was the remedy indeed.
  rig.control.stop();
  const mended = new ControlRig(yaml(eight, ", maxRegisters: 20"));
  mended.slave.behaviour = rig.slave.behaviour;
  mended.control.start();
  mended.clock.advance(5_000);
  expect(mended.status().conditions).toEqual([]);
  mended.control.stop();
});

test("another exception of the same tag is another detail, told in the status", () => {
  let code = 2;
  const rig = startedRig(`A: {read: "input:7", type: int16, every: 1s}`, ({ slave }) => {
    slave.behaviour = (request, answer, link) =>
      link.send(code === 0 ? answer : exception(request, code));
  });
  rig.clock.advance(10_000);
  expect(whys(rig)).toEqual([
    [BAD, QualityReason.REFUSED, "exception 2: illegal data address (input:7)"],
  ]);
  code = 1;
  rig.clock.advance(10_000);
  expect(whys(rig)[0]?.[2]).toBe("exception 1: illegal function (input:7)");
  expect(rig.status().conditions[0]?.sinceMs).toBe(startMs + 1.2);
  code = 0;
  rig.clock.advance(10_000);
  expect(whys(rig)).toEqual([]);
  expect(rig.events("quality").map(({ quality }) => quality)).toEqual([BAD, Quality.GOOD]);
  rig.control.stop();
});

test("values that are none: not a number, far out of range, out of range, a code of no map", () => {
  const tags = [
    `F: {read: "holding:0", type: float32, min: 0, max: 9, every: 1s}`,
    `FAR: {read: "holding:2", type: int16, scale: 0.01, unit: pH, min: 0, max: 14, every: 1s}`,
    `OUT: {read: "holding:3", type: int16, scale: 0.01, unit: pH, min: 0, max: 14, every: 1s}`,
    `CODE: {read: "holding:4", type: uint16, map: {0: 0, 1: 10}, min: 0, max: 10, every: 1s}`,
  ];
  const rig = startedRig(tags.join(", "), ({ slave }) => {
    slave.holding.set([0x7fc0, 0, 9_000, 1_410, 7]);
  });
  rig.clock.advance(6_000);
  expect(whys(rig)).toEqual([
    [BAD, QualityReason.NOT_A_NUMBER, ""],
    [BAD, QualityReason.FAR_OUT_OF_RANGE, "90 pH, range 0 to 14"],
    [UNCERTAIN, QualityReason.OUT_OF_RANGE, "14.1 pH, range 0 to 14"],
    [BAD, QualityReason.UNKNOWN_CODE, "code 7"],
  ]);
  rig.control.stop();
});

test("no connection, no answer, an answer to some blocks only: told apart, with the newest good reading", () => {
  const rig = startedRig(
    `A: {read: "holding:0", type: int16, every: 1s}, B: {read: "input:9", type: int16, every: 1s}`,
  );
  rig.clock.advance(5_500);
  rig.slave.behaviour = (request, answer, link) => {
    if (request[7] !== 4) link.send(answer);
  };
  rig.clock.advance(20_000);
  expect(whys(rig)).toEqual([
    [STALE, QualityReason.NO_ANSWER, expect.stringContaining("no answer")],
  ]);
  const { lastGoodMs, sinceMs } = elementAt(rig.status().conditions, 0);
  expect(lastGoodMs).toBe(startMs + 5_002);
  expect(sinceMs).toBeGreaterThan(lastGoodMs);

  rig.slave.behaviour = () => {};
  rig.clock.advance(20_000);
  expect(whys(rig)).toEqual([
    [STALE, QualityReason.NO_ANSWER, expect.any(String)],
    [STALE, QualityReason.NO_ANSWER, expect.any(String)],
  ]);
  expect(rig.status().silentConnections).toMatchObject([{ id: "m", isOpen: true }]);

  rig.slave.isListening = false;
  rig.slave.cut();
  rig.clock.advance(20_000);
  expect(whys(rig).map(([, reason, detail]) => [reason, detail])).toEqual([
    [QualityReason.NO_CONNECTION, "ECONNREFUSED"],
    [QualityReason.NO_CONNECTION, "ECONNREFUSED"],
  ]);
  expect(rig.status().silentConnections).toMatchObject([
    { id: "m", isOpen: false, text: "ECONNREFUSED" },
  ]);

  rig.slave.behaviour = undefined;
  rig.slave.isListening = true;
  rig.clock.advance(10_000);
  expect(rig.status()).toMatchObject({ conditions: [], silentConnections: [], silentDevices: [] });
  rig.control.stop();
});

test("what was not read yet is not good, and not bad: it was not read yet", () => {
  const rig = startedRig(`A: {read: "holding:0", type: int16, every: 1s}`);
  expect(whys(rig)).toEqual([[STALE, QualityReason.NOT_READ_YET, ""]]);
  expect(rig.status().conditions[0]).toMatchObject({ sinceMs: startMs, lastGoodMs: 0 });
  rig.clock.advance(6_000);
  expect(whys(rig)).toEqual([]);
  rig.control.stop();
});
