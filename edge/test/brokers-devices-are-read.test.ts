/** Devices that publish to a broker: from the message to the reading, the trip, and the silence. */

import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { present } from "@weir/contracts/present.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { expect, test } from "vitest";
import type { BrokerEvents, BrokerMessage } from "../src/mqtt/broker-line.ts";
import { SiteBrokers } from "../src/mqtt/site-brokers.ts";
import { NodeSession } from "../src/sparkplug/node-session.ts";
import { plantFindings } from "../src/status/plant-findings.ts";
import { ControlRig } from "./control-rig.ts";

const yaml = `
version: 1
site: {id: riverside}
edge: edge-x
connections:
  plc: {type: modbus-tcp, host: 127.0.0.1}
  esp: {type: mqtt, url: "mqtt://127.0.0.1:1883"}
  scada: {type: mqtt, url: "mqtt://127.0.0.1:1883", format: sparkplug}
devices:
  - {id: PLC, connection: plc, tags: {A: {read: "holding:0", type: uint16}}}
  - id: ESP1
    connection: esp
    topic: plant/esp1/#
    tags:
      temp: {read: field sensor.temp, min: -20, max: 150, unit: degC, limits: {hardHigh: 95}}
      door: {read: field door, min: 0, max: 1}
  - {id: ESP2, connection: esp, topic: plant/+/level, tags: {level: {read: field value, min: 0, max: 6}}}
  - {id: D7, connection: scada, topic: g/n/D, tags: {flow: {read: field Pump 1/Flow, min: 0, max: 100}}}
outputs:
  heater: {write: "coil plc/1:0", safe: off}
safety:
  - {id: T-HIGH, when: {tag: ESP1/temp, above: hardHigh, for: 0s, samples: 2}, then: [{set: heater, to: off}]}
`;

function rig() {
  const rig = new ControlRig(yaml);
  const lines = new Map<
    string,
    { events: BrokerEvents; sent: BrokerMessage[]; topics: string[] }
  >();
  const brokers = new SiteBrokers({
    agentVersion: "0.1.0",
    lineTo: (_broker, purpose) => ({
      open: (events) => void lines.set(purpose, { events, sent: [], topics: [] }),
      subscribe: (topics) => void lines.get(purpose)?.topics.push(...topics),
      publish: (message) => void lines.get(purpose)?.sent.push(message),
      redial: () => {},
      close: async () => {},
    }),
    clock: rig.clock,
    logger: silentLogger,
    give: (order) => rig.control.order(order),
  });
  rig.control.start();
  for (const notice of rig.notices) brokers.take(notice);
  const say = (
    line: string,
    topic: string,
    payload: string | Uint8Array,
    isRetained = false,
  ): void => {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    present(lines.get(line)).events.onMessage({ topic, bytes, isRetained });
  };
  const seconds = (n: number) => rig.clock.advance(n * 1_000);
  const tag = (id: string) => present(rig.configuration.tags.find((t) => t.id === id)).index;
  const values = (id: string) => {
    seconds(1);
    return rig.readings(tag(id)).map(({ value, quality }) => [value, quality]);
  };
  const status = () => {
    rig.control.settle();
    return rig.status();
  };
  const condition = (id: string) => status().conditions.find(({ tag }) => tag === id);
  const findings = () => plantFindings(status()).map(({ text }) => text);
  return { rig, brokers, lines, say, seconds, values, status, condition, findings };
}

test("JSON: fields by their path, several devices on one line, whatever is no number is bad", () => {
  const { lines, say, values } = rig();
  present(lines.get("esp")).events.onUp();
  expect(present(lines.get("esp")).topics).toEqual(["plant/esp1/#", "plant/+/level"]);
  say("esp", "plant/esp1/state", '{"sensor": {"temp": 21.5}, "door": true}');
  say("esp", "plant/esp1/state", '{"sensor": {"temp": "22.5"}}');
  say("esp", "plant/esp1/state", '{"sensor": {"temp": null}}');
  say("esp", "plant/esp1/state", "{broken");
  say("esp", "plant/other/state", '{"sensor": {"temp": 99}}');
  say("esp", "plant/tank/level", "3.25");
  expect(values("ESP1/temp")).toEqual([
    [21.5, Quality.GOOD],
    [22.5, Quality.GOOD],
    [Number.NaN, Quality.BAD],
  ]);
  expect(values("ESP1/door")).toEqual([[1, Quality.GOOD]]);
  expect(values("ESP2/level")).toEqual([[3.25, Quality.GOOD]]);
});

test("a limit passed in a message trips, and silence is stale", () => {
  const { rig: own, say, seconds, values } = rig();
  own.slave.coils[0] = 1;
  seconds(1);
  say("esp", "plant/esp1/state", '{"sensor": {"temp": 96}}');
  expect(own.events("trip")).toEqual([]);
  say("esp", "plant/esp1/state", '{"sensor": {"temp": 97}}');
  seconds(1);
  expect(own.events("trip")).toMatchObject([{ rule: "T-HIGH", value: 97 }]);
  expect(own.slave.coils[0]).toBe(0);
  seconds(30);
  expect(values("ESP1/temp").at(-1)).toEqual([Number.NaN, Quality.STALE]);
});

test("Sparkplug: births name what comes, deaths are stale at once, gaps ask for a birth", () => {
  const { rig: own, lines, say, seconds, values } = rig();
  const line = present(lines.get("scada"));
  line.events.onUp();
  expect(line.topics).toEqual(["spBv1.0/g/+/n", "spBv1.0/g/+/n/+"]);
  const node = new NodeSession({ group: "g", node: "n", about: {} });
  node.setTags([{ device: "D", name: "Pump 1/Flow", unit: "L/s", min: 0, max: 100 }]);
  const flow = (value: number) =>
    node.data(
      [{ tag: 0, timeMs: own.clock.nowMs(), value, quality: Quality.GOOD, isHistorical: false }],
      own.clock.nowMs(),
    );
  const speak = (messages: BrokerMessage[]) => {
    for (const { topic, bytes } of messages) say("scada", topic, bytes);
  };
  node.nextDeath(own.clock.nowMs());
  speak(flow(1));
  expect(line.sent.map(({ topic }) => topic)).toEqual(["spBv1.0/g/NCMD/n"]);
  speak(node.births(own.clock.nowMs()));
  speak(flow(42));
  seconds(1);
  speak([node.deviceDeath("D", own.clock.nowMs())]);
  expect(values("D7/flow")).toEqual([
    [Number.NaN, Quality.BAD],
    [42, Quality.GOOD],
    [Number.NaN, Quality.STALE],
  ]);
});

test("what the broker had kept is no reading, and the tag says so when it has none", () => {
  const { rig: own, lines, say, seconds, values, condition } = rig();
  own.slave.coils[0] = 1;
  present(lines.get("esp")).events.onUp();
  for (let n = 0; n < 3; n++) say("esp", "plant/esp1/state", '{"sensor": {"temp": 97}}', true);
  seconds(20);
  expect(own.events("trip")).toEqual([]);
  expect(own.slave.coils[0]).toBe(1);
  expect(values("ESP1/temp")).toEqual([[Number.NaN, Quality.STALE]]);
  expect(condition("ESP1/temp")).toMatchObject({
    detail: expect.stringMatching(
      /^on plant\/esp1\/# came only a message that the broker had kept/,
    ),
    remedy: expect.stringMatching(/publishes at least every 1s/),
  });
  say("esp", "plant/esp1/state", '{"sensor": {"temp": 21}}');
  say("esp", "plant/esp1/state", '{"sensor": {"temp": 97}}', true);
  expect(values("ESP1/temp").at(-1)).toEqual([21, Quality.GOOD]);
});

test("a tag without a reading names its topic, what came instead, and what to do", () => {
  const { lines, say, seconds, condition, findings } = rig();
  present(lines.get("esp")).events.onUp();
  say("esp", "plant/tank/level", '"1.20 m"');
  say("esp", "plant/esp1/state", '{"sensor": {"temp": 21}}');
  seconds(1);
  expect(condition("ESP2/level")).toMatchObject({
    detail: '"1.20 m" in the field value',
    remedy: expect.stringMatching(/publish a number/),
  });
  seconds(30);
  expect(condition("ESP1/door")).toMatchObject({
    detail: "what comes on plant/esp1/# has no field door",
    remedy: "check `read` against what the device publishes",
  });
  expect(condition("ESP1/temp")).toMatchObject({
    detail: "nothing came on plant/esp1/# within 3s",
    remedy: expect.stringMatching(/publishes there at least every 1s/),
  });
  // None of it speaks of what only registers have.
  expect(findings().filter((text) => /byteOrder/.test(text))).toEqual([]);
});

test("the newest reason of a line that stays down is told, and a value proves the line", () => {
  const { lines, say, seconds, status, findings } = rig();
  const { events } = present(lines.get("esp"));
  events.onDown("connect ECONNREFUSED 127.0.0.1:1883");
  seconds(10);
  const down = () => findings().filter((text) => text.startsWith("esp "));
  expect(down()).toEqual([
    expect.stringMatching(/^esp is not connected: connect ECONNREFUSED 127.0.0.1:1883/),
  ]);
  events.onUp();
  say("esp", "plant/tank/level", "3.25");
  seconds(1);
  expect(down()).toEqual([]);
  expect(status().buses[1]).toMatchObject({ connected: true });
  events.onDown("the broker closed the connection");
  seconds(10);
  expect(down()).toEqual([
    expect.stringMatching(/^esp is not connected: the broker closed the connection/),
  ]);
  events.onDown("connect ECONNREFUSED 127.0.0.1:1883");
  seconds(10);
  expect(down()).toEqual([expect.stringMatching(/^esp is not connected: connect ECONNREFUSED/)]);
  // Nobody said that it is up again.
  say("esp", "plant/tank/level", "3.5");
  seconds(10);
  expect(status().buses[1]).toMatchObject({ connected: true, text: "" });
  expect(down()).toEqual([]);
});

test("a position of another configuration is counted and takes nothing with it", () => {
  const { rig: own, seconds, status, values } = rig();
  const order = {
    kind: "inbound" as const,
    connection: 1,
    atMs: own.clock.nowMs(),
    raws: [1],
    texts: [],
    lacking: [],
    kept: [],
    gone: [],
    damaged: 0,
    configSha256: own.configuration.sha256,
  };
  // Beyond the table, of another connection, of no connection.
  for (const tag of [99, 65_536, -1, 0]) own.control.order({ ...order, tags: [tag] });
  own.control.order({ ...order, tags: [], gone: [99] });
  own.control.order({ ...order, connection: 7, tags: [1] });
  seconds(1);
  expect(status().buses[1]).toMatchObject({ failures: 5 });
  expect(values("PLC/A").every(([value]) => value === 0)).toBe(true);
});

test("what still comes over a line that is being closed is for nobody", () => {
  const { rig: own, brokers, lines, seconds, values } = rig();
  const { events } = present(lines.get("esp"));
  events.onUp();
  const tags = own.notices.find((notice) => notice.kind === "tags");
  if (tags?.kind !== "tags") expect.fail("no tag table");
  lines.clear();
  brokers.take({ ...tags, brokers: { sparkplug: undefined, inboxes: [] } });
  events.onMessage({ topic: "plant/tank/level", bytes: Buffer.from("3.25") });
  seconds(1);
  expect(values("ESP2/level")).toEqual([]);
});
